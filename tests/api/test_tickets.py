"""The list behind every number: the same query string means the same tickets in every form of it."""

import csv
import io
from dataclasses import fields
from datetime import datetime
from urllib.parse import quote

import httpx
import hypothesis
import openpyxl
import pytest
from hypothesis import strategies as st

from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import COLUMNS
from tests.support import store_tickets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = [
    {
        "ticket_number": f"2026{i:04}",
        "created_date": f"2026-01-{i % 9 + 1:02} 09:00",
        "priority": f"{i % 5 + 1}",
    }
    for i in range(250)
]
QUERIES = [
    "",
    "priority=3",
    "priority=3&priority=4&from=2026-01-03",
    "q=20260007",
    "open=false",
    "sort=priority",
]


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def read_xlsx(content):
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def test_a_page_of_the_list(client, settings):
    store_tickets(settings, ROWS)
    body = (await client.get("/tickets.json?limit=2&offset=1&sort=ticket_number")).json()
    assert {name: body[name] for name in ("success", "total", "as_of", "limit", "offset")} == {
        "success": True,
        "total": 250,
        "as_of": "2026-01-12T18:00:00",
        "limit": 2,
        "offset": 1,
    }
    assert [ticket["ticket_number"] for ticket in body["tickets"]] == ["20260001", "20260002"]
    assert tuple(body["tickets"][0]) == COLUMNS
    assert body["tickets"][0]["created_date"] == "2026-01-02T09:00:00"
    assert body["tickets"][0]["is_open"] is True
    following = (
        await client.get(f"/tickets.json?limit=2&sort=ticket_number&after={body['next_after']}")
    ).json()
    assert [ticket["ticket_number"] for ticket in following["tickets"]] == ["20260003", "20260004"]


async def test_all_tickets_come_if_no_page_is_asked_for(client, settings):
    store_tickets(settings, ROWS)
    body = (await client.get("/tickets.json?sort=ticket_number")).json()
    assert (len(body["tickets"]), body["limit"], body["total"], body["next_after"]) == (250, None, 250, None)
    page = (await client.get("/tickets.json?sort=ticket_number&limit=1000")).json()
    assert {**body, "limit": 1000} == page
    body = (await client.get("/tickets.json?offset=0")).json()
    assert (len(body["tickets"]), body["limit"], body["total"]) == (100, 100, 250)
    assert (await client.get("/tickets.json?q=nothing-like-it")).json()["tickets"] == []
    assert (await client.get("/tickets.json?limit=1000")).json()["next_after"] is None


@pytest.mark.parametrize("query", QUERIES)
async def test_every_form_has_the_same_tickets_in_the_same_order(client, settings, query):
    store_tickets(settings, ROWS)
    listed = (await client.get(f"/tickets.json?limit=1000&{query}")).json()
    numbers = [ticket["ticket_number"] for ticket in listed["tickets"]]
    text = await client.get(f"/tickets.csv?{query}")
    book = await client.get(f"/tickets.xlsx?{query}")
    assert listed["total"] == len(numbers)
    assert [row["ticket_number"] for row in read_csv(text.content)] == numbers
    assert [row["ticket_number"] for row in read_xlsx(book.content)] == numbers


async def test_files_are_offered_as_downloads_and_take_no_account_of_paging(client, settings):
    store_tickets(settings, ROWS)
    for name, kind in (("tickets.csv", "text/csv; charset=utf-8"), ("tickets.xlsx", XLSX)):
        answer = await client.get(f"/{name}?limit=1&offset=3")
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
        assert len(read_csv(answer.content) if kind != XLSX else read_xlsx(answer.content)) == 250


async def test_values_in_files_are_what_they_are(client, settings):
    row = {
        "ticket_number": "0001234500067890",
        "created_date": "2026-01-05 09:00:30",
        "title": '工单 "Drucker"; a,b\nüber',
        "age_hours": 33.5,
        "import_time": datetime.fromisoformat("2026-07-05T10:00:00+00:00"),
    }
    store_tickets(settings, [row])
    text = (await client.get("/tickets.csv")).content
    assert text.startswith(b"\xef\xbb\xbf")
    (line,) = read_csv(text)
    expected = {
        "ticket_number": "0001234500067890",
        "created_date": "2026-01-05 09:00:30",
        "closed_date": "",
        "title": '工单 "Drucker"; a,b\nüber',
        "age_hours": "33.5",
        "import_time": "2026-07-05 12:00:00",
        "is_open": "true",
    }
    assert {name: line[name] for name in expected} == expected
    (cells,) = read_xlsx((await client.get("/tickets.xlsx")).content)
    assert cells["ticket_number"] == "0001234500067890"
    assert cells["created_date"] == datetime(2026, 1, 5, 9, 0, 30)
    assert cells["import_time"] == datetime(2026, 7, 5, 12)
    assert (cells["closed_date"], cells["age_hours"], cells["is_open"]) == (None, 33.5, True)
    assert cells["title"] == row["title"]


@pytest.mark.parametrize("path", ["/tickets.json", "/tickets.csv", "/tickets.xlsx"])
@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "open=perhaps",
        "age=5h",
        "sort=colour",
        "limit=0",
        "limit=1001",
        "limit=x",
        "offset=-1",
        "after=nonsense",
        "from=2026-02-30",
        "to=yesterday",
        "created_on=2026-W60",
        "first_response=maybe",
        "upload_id=x",
        "as_of=soon",
        "as_of=2026-01-01&as_of=2026-01-02",
    ],
)
async def test_what_cannot_be_is_a_400_that_names_it(client, path, query):
    answer = await client.get(f"{path}?{query}")
    name = query.split("=")[0]
    assert (answer.status_code, answer.json()["field"]) == (400, name)
    assert name in answer.json()["error"]


@pytest.mark.parametrize("value", ["\x00", "'; DROP TABLE otrs_ticket; --", "%", "_", "\ud83d", "x" * 5000])
async def test_whatever_is_searched_for_is_no_error(client, settings, value):
    store_tickets(settings, ROWS[:3])
    octets = quote(value.encode("utf-8", "surrogatepass"))
    answer = await client.get(f"/tickets.json?q={octets}&queue={octets}")
    assert answer.status_code == 200
    assert answer.json()["total"] == 0


NAMES = [*(f.name.rstrip("_") for f in fields(TicketFilter)), "sort", "limit", "offset", "after", "x"]
VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["true", "24h", "2026-01-05", "2026-W07", "now", "7", "(none)"])
)


@hypothesis.settings(
    max_examples=80, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4))
async def test_whatever_is_asked_is_answered_or_refused_with_a_name(client, pairs):
    for path in ("/tickets.json", "/tickets.csv", "/database-stats"):
        answer = await client.get(path, params=pairs)
        assert answer.status_code in (200, 400)
        assert answer.status_code == 200 or answer.json()["field"] in {name for name, _ in pairs}


async def test_an_empty_list_is_a_file_with_a_head(client):
    assert (await client.get("/tickets.csv")).text.lstrip("\ufeff").strip() == ",".join(COLUMNS)
    assert read_xlsx((await client.get("/tickets.xlsx")).content) == []


def test_a_reader_who_goes_away_frees_the_database(address, settings):
    store_tickets(settings, [{"created_date": "2026-01-05 09:00", "title": "x" * 3000}] * 3000)
    base = "http://{}:{}".format(*address)
    for _ in range(12):
        with httpx.stream("GET", f"{base}/tickets.csv") as answer:
            next(answer.iter_raw())
    assert httpx.get(f"{base}/tickets.json?limit=1", timeout=10).json()["total"] == 3000
    with httpx.stream("GET", f"{base}/tickets.csv", timeout=10) as answer:
        assert next(answer.iter_raw())
