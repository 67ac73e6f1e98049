"""A script written for the original application: list people, count, look closer, field for field."""

import pytest

from otrs_web.tickets.periods import week_span
from tests.stats.test_people import ROWS
from tests.support import store_tickets


async def stats_of(client, **body):
    answer = await client.post("/api/responsible-stats", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_there_is_and_whom_this_browser_chose(client, settings):
    store_tickets(settings, ROWS)
    listed = (await client.get("/api/responsible-list")).json()
    assert listed == {
        "success": True,
        "responsibles": ["Ada", "Bo", "Cy"],
        "selected_responsibles": [],
        "by": "responsible",
    }
    await stats_of(client, selected_responsibles=["Bo", "王芳"])
    assert (await client.get("/api/responsible-list")).json()["selected_responsibles"] == ["Bo", "王芳"]
    client.cookies.set("people", client.cookies["people"][:-2] + "xx")
    assert (await client.get("/api/responsible-list")).json()["selected_responsibles"] == []


async def test_the_figures_field_for_field(client, settings):
    store_tickets(settings, ROWS)
    body = await stats_of(client, selected_responsibles=["Ada", "Bo", "Zoe"], period="week")
    assert body == {
        "success": True,
        "by": "responsible",
        "stats": {
            "total_by_responsible": {"Ada": 3, "Bo": 1, "Zoe": 0},
            "open_by_responsible": {"Ada": 1, "Bo": 2, "Zoe": 0},
            "age_distribution": {
                "Ada": {"age_24h": 1, "age_24_48h": 0, "age_48_72h": 0, "age_72h": 0},
                "Bo": {"age_24h": 0, "age_24_48h": 1, "age_48_72h": 0, "age_72h": 1},
                "Zoe": {"age_24h": 0, "age_24_48h": 0, "age_48_72h": 0, "age_72h": 0},
            },
            "period_stats": {"2026-W03": {"Ada": 1}, "2026-W02": {"Bo": 1}, "2026-W01": {"Ada": 2}},
        },
    }
    total = (await stats_of(client, selected_responsibles=["Ada"]))["stats"]
    assert total["period_stats"] == {"total": {"Ada": 3}}
    nobody = (await stats_of(client, selected_responsibles=[], period="day"))["stats"]
    assert nobody == {
        "total_by_responsible": {},
        "open_by_responsible": {},
        "age_distribution": {},
        "period_stats": {},
    }


@pytest.mark.parametrize("period", ["total", "day", "week", "month"])
async def test_every_cell_has_as_many_details_as_it_says(client, settings, period):
    store_tickets(settings, ROWS)
    stats = (await stats_of(client, selected_responsibles=["Ada", "Bo", "Cy", "(none)"], period=period))[
        "stats"
    ]
    cells = [(who, key, n) for key, row in stats["period_stats"].items() for who, n in row.items()]
    assert sum(n for *_, n in cells) == sum(stats["total_by_responsible"].values()) == 5
    for who, key, n in cells:
        body = await details_of(client, who, period, key)
        assert body["count"] == len(body["details"]) == n, (who, key)
    for who, ages in stats["age_distribution"].items():
        for age, n in ages.items():
            assert (await details_of(client, who, "age", age))["count"] == n, (who, age)


async def details_of(client, responsible, period, value):
    request = {"responsible": responsible, "period": period, "timeValue": value}
    answer = await client.post("/api/responsible-details", json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_details_and_the_weeks_of_old_scripts(client, settings):
    store_tickets(settings, ROWS)
    assert (await details_of(client, "Ada", "day", "2026-01-01"))["details"] == [
        {
            "ticket_number": "T00001",
            "created": "2025-12-30 09:00:00",
            "closed": "2026-01-01 09:00:00",
            "state": "closed successful",
            "priority": None,
            "title": None,
        }
    ]
    monday = week_span("2026-W02").start
    for value in ("2026-W02", f"{monday:%Y-%W}", f"第{monday:%Y-%W}周"):
        assert (await details_of(client, "Bo", "week", value))["count"] == 1, value
    assert (await details_of(client, "Nobody", "total", ""))["count"] == 0


async def test_details_come_in_pages(client, settings):
    store_tickets(settings, ROWS)
    request = {"responsible": "Ada", "period": "total", "timeValue": "total", "limit": 2}
    first = (await client.post("/api/responsible-details", json=request)).json()
    second = (await client.post("/api/responsible-details", json={**request, "offset": 2})).json()
    assert (first["count"], len(first["details"]), len(second["details"])) == (3, 2, 1)
    assert first["details"][0]["closed"] == "2026-01-12 09:00:00"


async def test_owners_where_no_ticket_has_a_responsible(client, settings):
    store_tickets(settings, [{"owner": "Ada", "created_date": "2026-01-12 09:00"}])
    assert (await client.get("/api/responsible-list")).json()["by"] == "owner"
    body = await stats_of(client, selected_responsibles=["Ada"], period="day", queue="(none)")
    assert (body["by"], body["stats"]["open_by_responsible"]) == ("owner", {"Ada": 1})
    assert (await details_of(client, "Ada", "age", "age_24h"))["count"] == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("responsible-stats", {}, "selected_responsibles"),
        ("responsible-stats", {"selected_responsibles": "Ada"}, "selected_responsibles"),
        ("responsible-stats", {"selected_responsibles": [1]}, "selected_responsibles"),
        ("responsible-stats", {"selected_responsibles": [], "period": "year"}, "period"),
        ("responsible-stats", {"selected_responsibles": ["A"], "colour": "red"}, "colour"),
        ("responsible-details", {"period": "day", "timeValue": "2026-01-01"}, "responsible"),
        ("responsible-details", {"responsible": "A", "timeValue": "x"}, "period"),
        ("responsible-details", {"responsible": "A", "period": "year", "timeValue": "2026"}, "period"),
        ("responsible-details", {"responsible": "A", "period": "day", "timeValue": "2026-1-1"}, "timeValue"),
        ("responsible-details", {"responsible": "A", "period": "week", "timeValue": "2026"}, "timeValue"),
        ("responsible-details", {"responsible": "A", "period": "week", "timeValue": "2026-W60"}, "timeValue"),
        ("responsible-details", {"responsible": "A", "period": "month", "timeValue": "2026-13"}, "timeValue"),
        ("responsible-details", {"responsible": "A", "period": "age", "timeValue": "old"}, "timeValue"),
        ("responsible-details", {"responsible": "A", "period": "day"}, "timeValue"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(client, path, body, field):
    answer = await client.post(f"/api/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["field"], answer.json()["success"]) == (field, False)
