"""Figures by person: rows in, numbers out, and every one of them is the length of its list."""

from collections import Counter
from datetime import date, datetime

import pytest

from otrs_web.database import Database
from otrs_web.stats.people import PERIODS, PersonRow, everybody, people, person_field
from otrs_web.stats.report import Count
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets
from tests.support import QueryCounter, store_tickets

CLOSED = "closed successful"


def row(responsible, created, closed, state):
    return {"responsible": responsible, "created_date": created, "closed_date": closed, "state": state}


ROWS = [
    row("Ada", "2025-12-28 09:00", "2025-12-29 09:00", CLOSED),
    row("Ada", "2025-12-30 09:00", "2026-01-01 09:00", CLOSED),
    row("Ada", "2026-01-09 09:00", "2026-01-12 09:00", CLOSED),
    row("Ada", "2026-01-12 09:00", None, "new"),
    row("Bo", "2026-01-10 19:00", None, "open"),
    row("Bo", "2026-01-05 09:00", "2026-01-06 09:00", "open"),
    row("Bo", "2026-01-11 09:00", None, "merged"),
    row(None, "2026-01-09 09:00", "2026-01-12 09:00", CLOSED),
    row("Bo", None, "2026-01-10 09:00", CLOSED),
    row("Cy", None, None, "open"),
]


async def figures(install, chosen=TicketFilter(), period="total", rows=ROWS, field="responsible"):  # noqa: B008
    settings = install()
    store_tickets(settings, rows)
    db = Database(settings)
    async with db.read() as session:
        found = await people(session, chosen, field, period)
    await db.dispose()
    return found


def numbers(row):
    return [getattr(row, name).value for name in PersonRow.__dataclass_fields__ if name != "person"]


async def test_totals_open_tickets_and_their_age(install):
    found = await figures(install)
    assert {row.person: numbers(row) for row in found.persons()} == {
        "Ada": [4, 3, 1, 1, 0, 0, 0, 0],
        "Bo": [4, 1, 2, 0, 1, 0, 1, 0],
        "Cy": [1, 0, 1, 0, 0, 0, 0, 1],
        None: [1, 1, 0, 0, 0, 0, 0, 0],
    }
    assert [row.person for row in found.persons()] == ["Ada", "Bo", "Cy", None]
    assert numbers(found.everybody) == [10, 5, 4, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (
            "day",
            {"2026-01-12": [1, 0, 0, 1, 2], "2026-01-11": [0, 1, 0, 0, 1], "2025-12-29": [1, 0, 0, 0, 1]},
        ),
        ("week", {"2026-W03": [1, 0, 0, 1, 2], "2026-W02": [0, 1, 0, 0, 1], "2026-W01": [2, 0, 0, 0, 2]}),
        ("month", {"2026-01": [2, 1, 0, 1, 4], "2025-12": [1, 0, 0, 0, 1]}),
        ("total", {}),
    ],
)
async def test_closed_tickets_by_period(install, period, expected):
    found = await figures(install, period=period)
    rows = {row.period: [*(c.value for c in row.closed), row.total.value] for row in found.rows()}
    assert {key: rows[key] for key in expected} == expected
    assert list(rows) == sorted(rows, reverse=True)
    if expected:
        sums = found.sums()
        assert [c.value for c in sums.closed] == [sum(column) for column in zip(*rows.values(), strict=True)][
            :-1
        ]
        assert sums.total.value == 5 == sum(cells[-1] for cells in rows.values())


async def test_the_chosen_come_alone_and_names_without_tickets_with_zeros(install):
    found = await figures(install, TicketFilter(responsible=("Zoe", "Bo", "(none)")), "day")
    assert {row.person: numbers(row)[:3] for row in found.persons()} == {
        "Bo": [4, 1, 2],
        "Zoe": [0, 0, 0],
        None: [1, 1, 0],
    }
    assert [row.period for row in found.rows()] == ["2026-01-12", "2026-01-11"]
    assert [c.value for c in found.rows()[0].closed] == [0, 0, 1]


async def test_a_part_of_the_table_has_the_cells_of_the_whole(install):
    found = await figures(install, period="day")
    whole = found.rows()
    part = found.rows(slice(3, 9), slice(1, 3))
    assert [row.period for row in part] == [row.period for row in whole[3:9]]
    assert [[c.value for c in row.closed] for row in part] == [
        [c.value for c in r.closed[1:3]] for r in whole[3:9]
    ]
    assert [row.total.value for row in part] == [row.total.value for row in whole[3:9]]


async def test_from_and_to_choose_the_periods_and_whose_tickets_are_counted(install):
    found = await figures(install, TicketFilter(from_=date(2026, 1, 1), to=date(2026, 1, 9)), "day")
    assert [row.period for row in found.rows()][::8] == ["2026-01-09", "2026-01-01"]
    assert found.sums().total.value == 1
    assert numbers(found.everybody)[:2] == [3, 2]


FILTERS = [
    TicketFilter(),
    TicketFilter(responsible=("Ada", "(none)")),
    TicketFilter(from_=date(2026, 1, 1), to=date(2026, 1, 11)),
    TicketFilter(as_of=datetime(2026, 1, 11, 12)),
    TicketFilter(closed_on="2026-W03"),
    TicketFilter(created_on="2026-01"),
    TicketFilter(open=True),
    TicketFilter(state_type=("closed",), age=("24h",)),
]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("chosen", FILTERS, ids=lambda chosen: chosen.query())
async def test_every_number_is_the_length_of_its_list(install, chosen, period):
    settings = install()
    store_tickets(settings, ROWS)
    db = Database(settings)
    async with db.read() as session:
        found = await people(session, chosen, "responsible", period)
        counts = [c for row in [*found.persons(), found.everybody] for c in _counts(row)]
        counts += [c for row in [*found.rows(), found.sums()] for c in [*row.closed, row.total]]
        linked = [c for c in counts if c.filter is not None]
        for count in linked:
            assert await count_tickets(session, count.filter) == count.value, count.filter.query()
    await db.dispose()
    unlinked = Counter(c.value for c in counts if c.filter is None)
    assert chosen.closed_on or set(unlinked) <= {0}


def _counts(row):
    return [value for name in row.__dataclass_fields__ if isinstance(value := getattr(row, name), Count)]


async def test_owners_take_the_place_of_responsibles_that_no_ticket_has(install):
    settings = install()
    store_tickets(settings, [{"owner": "Ada"}, {"owner": "Bo"}, {"owner": None}])
    db = Database(settings)
    async with db.read() as session:
        assert await person_field(session) == "owner"
        assert list(await everybody(session, "owner")) == ["Ada", "Bo"]
        found = await people(session, TicketFilter(), "owner", "total")
        assert [row.tickets.filter.query() for row in found.persons()] == [
            "owner=Ada",
            "owner=Bo",
            "owner=%28none%29",
        ]
    await db.dispose()


@pytest.mark.parametrize("rows", [[], [{"owner": None}], ROWS])
async def test_without_owners_responsibles_are_asked_for(install, rows):
    settings = install()
    store_tickets(settings, rows)
    db = Database(settings)
    async with db.read() as session:
        assert await person_field(session) == "responsible"
    await db.dispose()


async def test_however_many_people_they_cost_the_same_queries(install):
    settings = install()
    store_tickets(settings, ROWS)
    db = Database(settings)
    async with db.read() as session:
        with QueryCounter(db) as counter:
            await people(session, TicketFilter(responsible=("Ada", "Bo", "Cy")), "responsible", "day")
    await db.dispose()
    assert len(counter.statements) == 2, counter.statements


async def test_nobody_and_nothing(install):
    found = await figures(install, period="day", rows=[])
    assert (found.persons(), found.rows(), found.sums().total.value) == ([], [], 0)
    assert numbers(found.everybody) == [0] * 8
