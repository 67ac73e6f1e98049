from datetime import datetime

import pytest

from otrs_web.database import Database
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import ListOptions, count_tickets, list_tickets, stream_tickets
from tests.support import QueryCounter, store_tickets

ROWS = [
    {"ticket_number": "A", "created_date": "2026-01-10 10:00", "title": "Drucker 100% defekt",
     "queue": "Raw"},
    {"ticket_number": "B", "created_date": "2026-01-11 10:00", "title": "打印机", "queue": None},
    {"ticket_number": "C", "created_date": "2026-01-12 10:00", "queue": "Junk", "state": "closed successful",
     "closed_date": "2026-01-12 11:00"},
    {"ticket_number": "D", "created_date": "2026-01-09 10:00", "state": "open",
     "closed_date": "2026-01-10 11:00"},
    {"ticket_number": "E", "created_date": None, "state": "open", "queue": "Raw"},
    {"ticket_number": "F", "created_date": "2026-01-12 17:00", "state": "merged", "first_response": "x"},
]  # fmt: skip


@pytest.fixture
async def db(install):
    settings = install()
    store_tickets(settings, ROWS)
    database = Database(settings)
    yield database
    await database.dispose()


async def numbers(db, query, **options):
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]
    async with db.read() as session:
        page = await list_tickets(session, ListOptions.parse(pairs))
        chosen = TicketFilter.parse(p for p in pairs if p[0] not in ("sort", "limit", "offset"))
        assert page.total == await count_tickets(session, chosen)
        streamed = [row.ticket_number async for batch in stream_tickets(session, chosen) for row in batch]
        assert len(streamed) == page.total
    return "".join(row.ticket_number for row in page.tickets)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "FCBADE"),
        ("sort=created_date", "EDABCF"),
        ("sort=-queue", "EACFDB"),
        ("sort=ticket_number&limit=2&offset=3", "DE"),
        ("open=true", "BADE"),
        ("open=false", "FC"),
        ("queue=(none)", "FBD"),
        ("queue=(none)&queue=Junk", "FCBD"),
        ("reopened=true", "D"),
        ("undated=true", "E"),
        ("from=2026-01-10&to=2026-01-11", "BA"),
        ("created_on=2026-01", "FCBAD"),
        ("created_on=2026-W02", "BAD"),
        ("closed_on=2026-01-12", "FC"),
        ("state_type=merged", "F"),
        ("first_response=given", "F"),
        ("age=24_48h", "B"),
        ("age=48_72h", "A"),
        ("age=72h", "D"),
        ("age=(none)", "E"),
        ("q=100%25", ""),
        ("q=100%", "A"),
        ("q=DRUCKER", "A"),
        ("q=打印", "B"),
        ("open=true&as_of=2026-01-12T10:30", "CBADE"),
        ("created_on=2026-01-12&as_of=2026-01-12T12:00", "C"),
    ],
)
async def test_the_list_has_what_the_filter_says(db, query, expected):
    assert await numbers(db, query) == expected


@pytest.mark.parametrize(
    "sort", ["created_date", "-created_date", "queue", "-queue", "-closed_date", "import_time"]
)
async def test_pages_by_key_are_the_whole_list(db, sort):
    async with db.read() as session:
        whole = await list_tickets(session, ListOptions(sort=sort))
        parts, after = [], None
        while True:
            page = await list_tickets(session, ListOptions(sort=sort, limit=2, after=after))
            parts += [row.ticket_number for row in page.tickets]
            if not (after := page.next_after):
                break
    assert parts == [row.ticket_number for row in whole.tickets]


@pytest.mark.parametrize(
    "pair", [("sort", "raw_data"), ("limit", "0"), ("limit", "1001"), ("after", "x"), ("offset", "-1")]
)
def test_bad_options_are_refused_by_name(pair):
    with pytest.raises(FilterError) as caught:
        ListOptions.parse([pair])
    assert caught.value.name == pair[0]


async def test_a_page_costs_three_queries(db):
    async with db.read() as session:
        with QueryCounter(db) as counter:
            await list_tickets(session, ListOptions())
    assert len(counter.statements) == 3, counter.statements


async def test_the_snapshots_time_is_the_default(db):
    async with db.read() as session:
        assert (await list_tickets(session, ListOptions())).as_of == datetime(2026, 1, 12, 18)
