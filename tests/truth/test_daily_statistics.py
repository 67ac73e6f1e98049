"""The stored daily statistics on any data, on both databases: they are what plain counting gives, each day
begins where the one before ended, and every figure is the length of the list that it links to."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from otrs_web.database import Database
from otrs_web.stats import daily_table
from otrs_web.stats.daily_table import AGES, DailyFigures, figures, stored_days
from otrs_web.tickets.days import recompute_days
from otrs_web.tickets.listing import count_tickets
from tests.generator import Ticket as Made
from tests.generator.truth import left_at, open_at
from tests.truth.examples import SNAPSHOT, Store, few, tickets
from tests.truth.test_identities import store

__all__ = ["store"]

DAYS_BEYOND = st.integers(0, 3)
NAMES = ("opening", "new", "resolved", "closing", *AGES)


def counted(made: Sequence[Made], day: date, open_by: str) -> dict[str, int]:
    """A day's figures, ticket by ticket."""
    dated = [ticket for ticket in made if ticket.created]
    end = min(datetime.combine(day, time(23, 59, 59)), SNAPSHOT)
    begin = min(datetime.combine(day, time()) - timedelta(seconds=1), SNAPSHOT)
    there = [ticket for ticket in dated if open_at(ticket, end, open_by)]
    ages = [min(int((end - ticket.created).total_seconds() // 86_400), 4) for ticket in there]
    left = [left_at(ticket, open_by) for ticket in dated]
    return {
        "opening": sum(open_at(ticket, begin, open_by) for ticket in dated),
        "new": sum(ticket.created.date() == day and ticket.created <= SNAPSHOT for ticket in dated),
        "resolved": sum(gone is not None and gone.date() == day and gone <= SNAPSHOT for gone in left),
        "closing": len(there),
        **{name: ages.count(place) for place, name in enumerate(AGES)},
    }


@few
@given(made=tickets(), beyond=DAYS_BEYOND)
def test_a_day_is_what_plain_counting_gives(store: Store, made: list[Made], beyond: int) -> None:
    store.fill(made)
    rows = asyncio.run(load(store, SNAPSHOT.date() + timedelta(days=beyond)))
    assert rows[-1].period == str(SNAPSHOT.date() + timedelta(days=beyond))
    for row in rows:
        day = date.fromisoformat(row.period)
        assert values(row) == counted(made, day, store.settings.open_by), row.period
        assert row.opening.value + row.new.value - row.resolved.value == row.closing.value
        assert sum(getattr(row, name).value for name in AGES) == row.closing.value
        assert row.provisional == (day >= SNAPSHOT.date())  # the snapshot is of 18:00
    for before, after in pairwise(rows):
        assert before.closing.value == after.opening.value
    dated = [ticket.created for ticket in made if ticket.created]
    assert rows[0].period == str(min([*dated, SNAPSHOT]).date())


@few
@given(made=tickets(), beyond=DAYS_BEYOND, readable=st.sampled_from([750, 0]))
def test_a_figure_is_the_length_of_its_list(
    store: Store, made: list[Made], beyond: int, readable: int
) -> None:
    store.fill(made)
    asyncio.run(compare(store, SNAPSHOT.date() + timedelta(days=beyond), readable))


async def load(store: Store, through: date, readable: int = 750) -> Sequence[DailyFigures]:
    db = Database(store.settings)
    try:
        async with db.write() as session:
            await session.execute(daily_table.DailyStatistics.__table__.delete())
            await recompute_days(session, through)
        async with db.read() as session:
            days = await stored_days(session)
        before, daily_table.READABLE_DAYS = daily_table.READABLE_DAYS, readable
        try:
            return figures(days).rows
        finally:
            daily_table.READABLE_DAYS = before
    finally:
        await db.dispose()


async def compare(store: Store, through: date, readable: int) -> None:
    rows = await load(store, through, readable)
    if not readable:
        assert all("W" in row.period or ".." in row.period for row in rows)
    db = Database(store.settings)
    async with db.read() as session:
        for row in rows:
            for name in NAMES:
                count: Any = getattr(row, name)
                if count.filter is not None:
                    assert count.value == await count_tickets(session, count.filter), (row.period, name)
    await db.dispose()


def values(row: DailyFigures) -> dict[str, int]:
    return {name: getattr(row, name).value for name in NAMES}
