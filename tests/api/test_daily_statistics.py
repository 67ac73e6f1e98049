"""The daily statistics for scripts: figures, schedule, runs by hand, files."""

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from otrs_web.clock import frozen
from otrs_web.database import Database
from otrs_web.stats.daily_runs import run_by_hand
from tests.api.conftest import PASSWORD
from tests.support import store_tickets

ROWS = [
    {"created_date": "2026-03-01 08:00:00"},
    {"created_date": "2026-03-02 09:00:00", "closed_date": "2026-03-04 10:00:00", "state": "merged"},
]
NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data(settings):
    store_tickets(settings, ROWS, as_of=datetime(2026, 3, 5, 18))
    with frozen(NOW):
        yield


async def test_days_runs_and_schedule(client, settings):
    db = Database(settings)
    await run_by_hand(db, date(2026, 3, 6), date(2026, 3, 6), occasion="manual", who="me")
    await db.dispose()
    answer = (await client.get("/api/daily-statistics")).json()
    assert answer["success"] is True
    data = answer["data"]
    assert [day["date"] for day in data["daily_stats"]] == [f"2026-03-0{n}" for n in range(1, 7)]
    assert data["daily_stats"][3] | {"updated_at": None} == {
        "date": "2026-03-04",
        "opening_balance": 2,
        "new_tickets": 0,
        "resolved_tickets": 1,
        "closing_balance": 1,
        "age_lt_24h": 0,
        "age_24_48h": 0,
        "age_48_72h": 0,
        "age_72_96h": 1,
        "age_gt_96h": 0,
        "provisional": False,
        "as_of": "2026-03-05T18:00:00",
        "updated_at": None,
    }
    (run,) = data["stats_logs"]
    assert (run["status"], run["statistic_date"], run["total_open"]) == ("success", "2026-03-06", 1)
    assert data["config"] == {"schedule_time": "23:59", "enabled": True, "next_due": "2026-03-07T22:59:00Z"}


async def test_a_range_of_days(client):
    answer = (await client.get("/api/daily-statistics?from=2026-03-02&to=2026-03-03")).json()
    assert [day["date"] for day in answer["data"]["daily_stats"]] == ["2026-03-02", "2026-03-03"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=yesterday", "from"), ("to=2026-02-30", "to"), ("since=2026-01-01", "since"),
     ("from=2026-03-03&to=2026-03-02", "to")],
)  # fmt: skip
async def test_what_is_no_range(client, query, field):
    answer = await client.get(f"/api/daily-statistics?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_the_schedule_needs_the_password(client):
    answer = await client.post("/api/update-schedule", json={"schedule_time": "06:30", "enabled": True})
    assert (answer.status_code, answer.json()["auth_required"]) == (401, True)
    body = {"schedule_time": "06:30", "enabled": True, "auth_password": PASSWORD}
    answer = await client.post("/api/update-schedule", json=body)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert answer.json()["message"] == "The daily statistics are computed every day at 06:30."
    config = (await client.get("/api/daily-statistics")).json()["data"]["config"]
    assert config == {"schedule_time": "06:30", "enabled": True, "next_due": "2026-03-08T05:30:00Z"}
    answer = await client.post("/api/update-schedule", json={**body, "enabled": False})
    config = (await client.get("/api/daily-statistics")).json()["data"]["config"]
    assert config == {"schedule_time": "06:30", "enabled": False, "next_due": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "schedule_time"), ({"schedule_time": "25:00"}, "schedule_time"),
     ({"schedule_time": 7}, "schedule_time"), ({"schedule_time": "06:30", "enabled": "maybe"}, "enabled")],
)  # fmt: skip
async def test_what_is_no_schedule(client, body, field):
    answer = await client.post("/api/update-schedule", json={**body, "auth_password": PASSWORD})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    config = (await client.get("/api/daily-statistics")).json()["data"]["config"]
    assert (config["schedule_time"], config["enabled"]) == ("23:59", True)


async def test_computing_by_hand(client):
    refused = await client.post("/api/calculate-daily-stats", json={})
    assert refused.status_code == 401
    answer = await client.post("/api/calculate-daily-stats", auth=("admin", PASSWORD))
    assert (answer.status_code, answer.json()["message"]) == (200, "1 day was computed.")
    body = {"from": "2026-03-01", "to": "2026-03-07", "auth_password": PASSWORD}
    answer = await client.post("/api/calculate-daily-stats", json=body)
    assert answer.json()["message"] == "7 days were computed."
    logs = (await client.get("/api/daily-statistics")).json()["data"]["stats_logs"]
    assert [(run["days"], run["occasion"]) for run in logs] == [(7, "manual"), (1, "manual")]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"to": "2026-03-08"}, "to"), ({"from": "2026-03-08"}, "from"), ({"from": "2001-01-01"}, "from"),
     ({"until": "2026-03-01"}, "until"), ({"from": "3 March"}, "from")],
)  # fmt: skip
async def test_what_cannot_be_computed(client, body, field):
    answer = await client.post("/api/calculate-daily-stats", json={**body, "auth_password": PASSWORD})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert (await client.get("/api/daily-statistics")).json()["data"]["stats_logs"] == []


async def test_the_execution_log_as_a_workbook(client, settings):
    db = Database(settings)
    for _ in range(12):
        await run_by_hand(db, date(2026, 3, 6), date(2026, 3, 6), occasion="manual", who="me")
    await db.dispose()
    answer = await client.get("/api/export-execution-logs")
    assert "execution_logs_20260307_130000.xlsx" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.values)
    assert rows[0] == (
        "Execution Time", "Statistic Date", "Age <24h", "24-48h", "48-72h", "72-96h", "Total Open", "Status",
        "Error Message", "Created At", "Occasion", "Days", ">=96h", "Opening Balance", "New Tickets",
        "Resolved Tickets",
    )  # fmt: skip
    assert len(rows) == 13
    assert rows[1][0] == datetime(2026, 3, 7, 13)  # of the site, Europe/Berlin
    assert rows[1][1] == datetime(2026, 3, 6)
    assert rows[1][6:9] == (1, "success", None)


async def test_the_days_as_files(client):
    answer = await client.get("/daily-statistics.csv?from=2026-03-03")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Date"] for row in rows] == ["2026-03-05", "2026-03-04", "2026-03-03"]
    assert rows[1]["Closing Balance"] == "1"
    assert [row["Provisional"] for row in rows] == ["yes", "no", "no"]
    answer = await client.get("/daily-statistics.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 6
    assert (await client.get("/daily-statistics.csv?day=1")).status_code == 400
