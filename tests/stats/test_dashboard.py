"""Rows in, numbers out: the cases of metrics.md, one by one. Random data is in tests/test_truth.py."""

from datetime import date, datetime

import pytest

from otrs_web.database import Database
from otrs_web.stats.daily import WEEKLY
from otrs_web.stats.dashboard import dashboard, database_stats
from otrs_web.stats.distributions import priority_rank
from otrs_web.tickets.facts import load_facts
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets
from tests.support import AS_OF, QueryCounter, store_tickets

ALL = TicketFilter()
ROWS = [
    {"created_date": "2026-01-10 09:00", "state": "closed successful", "closed_date": "2026-01-11 09:00"},
    {
        "created_date": "2026-01-10 10:00",
        "state": "open",
        "closed_date": "2026-01-11 08:00",
        "priority": "4 high",
    },
    {"created_date": "2026-01-11 10:00", "state": "merged"},
    {"created_date": "2026-01-11 18:00", "state": "new", "priority": "3 normal"},
    {
        "created_date": "2026-01-12 17:00",
        "state": "Wartet auf Teile",
        "first_response": "2026-01-12 17:30:00",
    },
    {"created_date": "2026-01-12 17:10", "state": "Wartet auf Teile", "closed_date": "2026-01-12 17:20"},
    {"created_date": "2026-01-12 12:00", "state": "closed successful", "closed_date": "2026-01-09 12:00"},
    {"created_date": None, "state": "open"},
    {"created_date": None, "state": "closed successful", "closed_date": "2026-01-11 09:00"},
]


async def board_of(install, rows=ROWS, chosen=ALL, **values):
    settings = install(**values)
    store_tickets(settings, rows)
    db = Database(settings)
    async with db.read() as session:
        board = await dashboard(session, chosen)
    await db.dispose()
    return board


def series(board):
    return {row.day: (row.new.value, row.closed.value, row.backlog.value) for row in board.daily.rows}


async def test_open_is_decided_by_the_state_and_by_the_close_time_only_where_it_is_unknown(install):
    totals = (await board_of(install)).totals
    # open, new, the undated open one, and the unknown state without a close time
    assert totals.open.value == 4
    assert totals.reopened.value == 1
    assert totals.undated.value == 1
    assert totals.empty_first_response.value == 3
    assert totals.total.value == 9


async def test_the_original_rule_is_a_setting(install):
    totals = (await board_of(install, open_by="closed_date")).totals
    # no close time: merged, new, unknown state, undated open
    assert totals.open.value == 4
    assert totals.reopened.value == 0


async def test_a_day_counts_what_was_created_and_what_left(install):
    assert series(await board_of(install)) == {
        date(2026, 1, 10): (2, 0, 2),
        date(2026, 1, 11): (2, 2, 2),  # merged without a close time: new and closed on the same day
        date(2026, 1, 12): (3, 2, 3),  # closed before created: leaves when it comes, never before
    }


async def test_the_last_day_ends_with_the_snapshot(install):
    chosen = TicketFilter(as_of=datetime(2026, 1, 12, 17, 5))
    board = await board_of(install, chosen=chosen)
    assert series(board)[date(2026, 1, 12)] == (2, 1, 3)


async def test_from_and_to_choose_tickets_but_a_backlog_stays_a_backlog(install):
    day = date(2026, 1, 12)
    board = await board_of(install, chosen=TicketFilter(from_=day, to=day))
    assert board.totals.total.value == 3
    assert series(board) == {day: (3, 2, 3)}


async def test_a_wrong_year_does_not_make_a_series_of_a_century(install):
    rows = [{"created_date": "1970-01-01 00:00"}, {"created_date": "2026-01-12 10:00"}]
    board = await board_of(install, rows)
    assert len(board.daily.rows) == 3660
    assert len(board.over_time.rows) == 524
    assert board.daily.rows[0].backlog.value == 1
    assert series(board)[date(2026, 1, 12)] == (1, 0, 2)
    assert board.totals.open.value == 2


async def test_years_are_shown_in_whole_weeks(install):
    rows = [
        {"created_date": "2023-01-04 10:00"},
        {"created_date": "2023-01-02 10:00", "state": "merged"},
        {"created_date": "2026-01-06 10:00", "state": "closed successful", "closed_date": "2026-01-07 10:00"},
        {"created_date": "2026-01-12 19:00"},
    ]
    board = await board_of(install, rows, TicketFilter(from_=date(2023, 1, 4)))
    weeks = {row.period: (row.new.value, row.closed.value, row.backlog.value) for row in board.over_time.rows}
    assert weeks["2023-W01"] == (2, 1, 1)
    assert weeks["2026-W02"] == (1, 1, 1)
    assert weeks["2026-W03"] == (0, 0, 1)  # created after the snapshot
    assert len(weeks) == 159


async def test_a_boundary_belongs_to_the_younger_segment(install):
    rows = [
        {"created_date": "2026-01-11 18:00:00"},
        {"created_date": "2026-01-11 17:59:59"},
        {"created_date": "2026-01-10 18:00:00"},
        {"created_date": "2026-01-09 18:00:00"},
        {"created_date": "2026-01-09 17:59:59"},
        {"created_date": None},
        {"created_date": None, "estimated_created": datetime(2026, 1, 12)},
    ]
    board = await board_of(install, rows)
    ages = {row.value: row.tickets.value for row in board.ages.rows}
    assert ages == {"24h": 2, "24_48h": 2, "48_72h": 1, "72h": 1, "(none)": 1}


async def test_no_tickets_give_zeros_and_no_series(install):
    board = await board_of(install, [])
    assert (board.totals.total.value, board.totals.open.value, list(board.daily.rows)) == (0, 0, [])


@pytest.mark.parametrize(
    "chosen", [TicketFilter(), TicketFilter(open=True), TicketFilter(as_of=datetime(2026, 1, 11, 12))]
)
async def test_every_linked_number_is_the_length_of_its_list(install, chosen):
    settings = install()
    store_tickets(settings, ROWS)
    db = Database(settings)
    linked = 0
    async with db.read() as session:
        board = await dashboard(session, chosen)
        over_time = [*board.daily.rows, *WEEKLY.from_facts(await load_facts(session, chosen)).rows]
        counts = [c for row in over_time for c in (row.new, row.closed, row.backlog)]
        for report in (board.priority, board.state, board.ages, board.empty_first_response):
            counts += [row.tickets for row in report.rows]
        totals = board.totals
        counts += [totals.total, totals.open, totals.empty_first_response, totals.reopened, totals.undated]
        for count in counts:
            if count.filter is not None:
                linked += 1
                assert await count_tickets(session, count.filter) == count.value, count.filter.query()
    await db.dispose()
    assert linked > 8


@pytest.mark.parametrize(
    ("chosen", "queries"),
    [
        (ALL, 2),
        (TicketFilter(queue=("Raw",), open=True), 2),
        (TicketFilter(as_of=AS_OF), 2),
        (TicketFilter(q="T0"), 3),
    ],
)
async def test_a_dashboard_costs_a_fixed_number_of_queries(install, chosen, queries):
    settings = install()
    store_tickets(settings, ROWS)
    db = Database(settings)
    async with db.read() as session:
        with QueryCounter(db) as counter:
            await database_stats(session, chosen)
        with QueryCounter(db) as again:
            await database_stats(session, chosen)
    await db.dispose()
    assert len(counter.statements) == queries, counter.statements
    assert len(again.statements) == 1, "the same facts of the same data are not counted twice"


async def test_stored_facts_are_the_counted_ones(install):
    settings = install()
    store_tickets(settings, ROWS)
    db = Database(settings)
    async with db.read() as session:
        stored = await load_facts(session, ALL)
        counted = await load_facts(session, TicketFilter(as_of=AS_OF))
    await db.dispose()
    assert stored.counts == counted.counts


def test_priorities_are_ordered_by_urgency():
    names = ["5 very high", None, "1 very low", "high", "Urgent", "normal", "3 normal", "low", "非常高", "低"]
    ordered = sorted(names, key=priority_rank)
    assert ordered.index("1 very low") < ordered.index("3 normal") < ordered.index("5 very high")
    assert ordered.index("low") < ordered.index("normal") < ordered.index("high") < ordered.index("Urgent")
    assert ordered.index("低") < ordered.index("非常高")
    assert ordered[-1] is None
    assert sorted(["1 very high", "3 normal", "2 high"], key=priority_rank) == [
        "3 normal",
        "2 high",
        "1 very high",
    ]
    assert sorted(["P2", "2 b", "1 a"], key=priority_rank) == ["1 a", "2 b", "P2"]
