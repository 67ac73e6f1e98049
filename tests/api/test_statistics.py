"""Progress, the newest upload and the figures, field for field."""

import asyncio
from datetime import datetime

import pytest

from otrs_web.database import Database
from otrs_web.imports.service import accept, cancel, run_pending
from tests.support import store_tickets

ROWS = [
    {"ticket_number": "A1", "created_date": "2026-01-05 09:00", "priority": "3 normal", "age": "7 d 9 h "},
    {"ticket_number": "A2", "created_date": "2026-01-12 09:00", "priority": "5 very high", "state": "new"},
    {
        "ticket_number": "B1",
        "created_date": "2026-01-06 09:00",
        "closed_date": "2026-01-07 10:00",
        "state": "closed successful",
        "priority": "3 normal",
        "first_response": "2026-01-06 10:00:00",
        "queue": "Raw",
    },
]


async def test_without_any_upload_there_is_no_progress(client):
    body = (await client.get("/processing-status")).json()
    assert (body["upload_id"], body["status"], body["percent"], body["total_steps"]) == (None, "idle", 0, 7)
    assert body["message"] == "No file has been uploaded yet."


async def queue(settings, name, text, mode="incremental"):
    settings.uploads_dir.mkdir(exist_ok=True)
    (settings.uploads_dir / name).write_text(text)
    db = Database(settings)
    upload_id = await accept(
        db,
        stored_filename=name,
        filename=name,
        size_bytes=1,
        sha256="0",
        mode=mode,
        as_of=datetime(2026, 1, 12, 18),
    )
    await db.dispose()
    return upload_id


GOOD = "Ticket Number,Created,Closed,State\nA1,2026-01-05 09:00:00,,open\nA2,2026-01-06 09:00:00,,open\n"


async def test_progress_of_an_upload_and_of_the_newest(client, settings):
    first = await queue(settings, "first.csv", GOOD)
    await asyncio.to_thread(run_pending, settings)
    second = await queue(settings, "second.csv", "no table")
    done = (await client.get(f"/processing-status?upload_id={first}")).json()
    fields = (
        "current_step",
        "total_steps",
        "upload_id",
        "status",
        "rows_done",
        "rows_total",
        "percent",
        "filename",
    )
    assert [done[name] for name in fields] == [7, 7, first, "done", 2, 2, 100, "first.csv"]
    assert done["message"]
    assert done["warnings"]
    waiting = (await client.get("/processing-status")).json()
    assert [waiting[name] for name in fields[:6]] == [1, 7, second, "queued", 0, None]
    assert (waiting["code"], waiting["details"]) == (None, "")


async def test_progress_of_a_refused_upload_says_why(client, settings):
    await queue(settings, "second.csv", "no table")
    await asyncio.to_thread(run_pending, settings)
    body = (await client.get("/processing-status")).json()
    assert (body["status"], body["message"]) == ("rejected", "The file was refused; nothing was changed.")
    assert body["code"]
    assert body["details"] != body["code"]


async def test_progress_of_a_cancelled_upload(client, settings):
    upload_id = await queue(settings, "first.csv", GOOD)
    db = Database(settings)
    await cancel(db, upload_id)
    await db.dispose()
    body = (await client.get("/processing-status")).json()
    assert (body["status"], body["code"]) == ("cancelled", None)
    assert "cancelled" in body["message"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("upload_id=77", 404, None),
        ("upload_id=x", 400, "upload_id"),
        ("upload_id=-1", 400, "upload_id"),
        ("upload_id=99999999999999999999", 400, "upload_id"),
        ("upload=1", 400, "upload"),
    ],
)
async def test_progress_of_what_is_not_there(client, query, status, field):
    answer = await client.get(f"/processing-status?{query}")
    assert (answer.status_code, answer.json().get("field")) == (status, field)


async def test_the_latest_upload(client, settings):
    empty = {"success": True, "has_data": False, "latest_upload": None}
    assert (await client.get("/api/latest-upload-info")).json() == empty
    await queue(settings, "first.csv", GOOD)
    await asyncio.to_thread(run_pending, settings)
    body = (await client.get("/api/latest-upload-info")).json()
    latest = body["latest_upload"]
    assert (body["success"], body["has_data"]) == (True, True)
    datetime.strptime(latest.pop("upload_time"), "%Y-%m-%d %H:%M:%S")
    assert latest == {
        "upload_id": 1,
        "filename": "first.csv",
        "record_count": 2,
        "new_records_count": 2,
        "as_of": "2026-01-12T18:00:00",
        "total_records": 2,
        "open_tickets": 2,
    }


async def test_the_figures_of_the_stored_tickets(client, settings):
    store_tickets(settings, ROWS)
    body = (await client.get("/database-stats")).json()
    stats = body.pop("stats")
    assert body == {
        "success": True,
        "total_records": 3,
        "data_sources_count": 0,
        "last_updated": None,
        "as_of": "2026-01-12T18:00:00",
        "empty_firstresponse_details_total": 2,
        "empty_firstresponse_details": [
            {
                "ticket_number": "A1",
                "age": "7 d 9 h ",
                "created": "2026-01-05 09:00:00",
                "priority": "3 normal",
                "state": "open",
            },
            {
                "ticket_number": "A2",
                "age": None,
                "created": "2026-01-12 09:00:00",
                "priority": "5 very high",
                "state": "new",
            },
        ],
    }
    assert stats["total_records"] == 3
    assert stats["current_open_count"] == 2
    assert stats["empty_firstresponse_count"] == 2
    assert (stats["daily_new"]["2026-01-06"], stats["daily_closed"]["2026-01-07"]) == (1, 1)
    assert stats["daily_open"]["2026-01-12"] == 2
    assert stats["priority_distribution"] == {"3 normal": 2, "5 very high": 1}
    assert stats["state_distribution"] == {"closed successful": 1, "new": 1, "open": 1}
    assert stats["age_segments"] == {"age_24h": 1, "age_24_48h": 0, "age_48_72h": 0, "age_72h": 1}
    assert stats["empty_firstresponse_by_priority"] == {"3 normal": 1, "5 very high": 1}


async def test_where_the_figures_come_from(client, settings):
    await queue(settings, "first.csv", GOOD)
    await asyncio.to_thread(run_pending, settings)
    body = (await client.get("/database-stats")).json()
    assert body["data_sources_count"] == 1
    datetime.strptime(body["last_updated"], "%Y-%m-%d %H:%M:%S")


async def test_the_figures_of_a_filter(client, settings):
    store_tickets(settings, ROWS)
    body = (await client.get("/database-stats?priority=3 normal&open=true")).json()
    assert (body["total_records"], body["empty_firstresponse_details_total"]) == (1, 1)


async def test_a_thousand_tickets_without_first_response_come_along_with_the_total_beside(client, settings):
    store_tickets(settings, [{"created_date": "2026-01-05 09:00"}] * 1001)
    body = (await client.get("/database-stats")).json()
    assert (len(body["empty_firstresponse_details"]), body["empty_firstresponse_details_total"]) == (
        1000,
        1001,
    )


@pytest.mark.parametrize("query", ["colour=red", "open=perhaps", "limit=5", "from=2026-02-30", "as_of=soon"])
async def test_a_filter_that_cannot_be_is_named(client, query):
    answer = await client.get(f"/database-stats?{query}")
    name = query.split("=")[0]
    assert (answer.status_code, answer.json()["field"]) == (400, name)
    assert name in answer.json()["error"]


async def test_the_tickets_of_an_age_segment(client, settings):
    store_tickets(settings, ROWS)
    body = (await client.post("/age-details", json={"age_segment": "72h"})).json()
    assert (body["success"], body["total"]) == (True, 1)
    assert body["details"] == [
        {
            "ticket_number": "A1",
            "age": "7 d 9 h ",
            "created": "2026-01-05 09:00:00",
            "priority": "3 normal",
            "state": "open",
        }
    ]
    assert (await client.post("/age-details", json={"age_segment": "24_48h"})).json()["total"] == 0


async def test_the_tickets_without_first_response_page_by_page(client, settings):
    store_tickets(settings, ROWS)
    path = "/empty-firstresponse-details"
    assert (await client.post(path)).json()["total"] == 2
    second = (await client.post(path, json={"limit": 1, "offset": 1})).json()
    assert (second["total"], [t["ticket_number"] for t in second["details"]]) == (2, ["A2"])
    some = (await client.post(path, json={"priority": ["5 very high", "4 high"]})).json()
    assert [t["ticket_number"] for t in some["details"]] == ["A2"]
