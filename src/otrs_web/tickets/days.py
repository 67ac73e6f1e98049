"""The daily statistics as stored rows: what was open at the beginning and the end of each day, what came and
went, and how old the open tickets were.

They say what the tickets' dates say, so whatever changes the tickets makes all of them anew, in the same
transaction: a day that no job looked at has the same figures as if one had, and the closing balance of a day
is always the opening balance of the next.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Delete, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import utc_now
from otrs_web.models import DAILY_AGE_SEGMENTS, DailyStatistics
from otrs_web.tickets.columns import Columns, Integers
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import instant, load_view
from otrs_web.tickets.view import seconds

#: one ticket with a wrong year must not make a row for each day of a century
MAX_DAYS = 3660
_DAY_SECONDS = 86_400
_YOUNGEST_FIRST = [3600 * hours for _, hours in DAILY_AGE_SEGMENTS.values() if hours]
_AGES = [f"age_{segment}" for segment in DAILY_AGE_SEGMENTS]


#: all rows but those that were taken over from the original application, which no ticket stands behind
COMPUTED = or_(DailyStatistics.snapshot_at.is_not(None), DailyStatistics.provisional)


def end_of(day: date, as_of: datetime) -> datetime:
    """The instant that the figures of a day stand for: its end, or the data's time where that is before."""
    return min(datetime.combine(day, time(23, 59, 59)), as_of)


def rebuild_days(connection: Connection, columns: Columns, as_of: datetime) -> None:
    """Store the days from the first ticket's (at most MAX_DAYS of them) to that of `as_of`, and on to the
    last one that is stored already: days that no import covers are provisional."""
    stored = connection.scalar(select(func.max(DailyStatistics.statistic_date)))
    rows = day_rows(columns, as_of, max(as_of.date(), stored or date.min))
    connection.execute(_in_the_way_of(rows))
    connection.execute(insert(DailyStatistics), rows)


async def recompute_days(session: AsyncSession, through: date) -> Sequence[dict[str, Any]]:
    """`rebuild_days` on to `through`, off the event loop, inside the caller's write transaction; the rows.
    Without any import there is nothing but a provisional row of zeros for `through`."""
    now = await instant(session, TicketFilter())
    if now.snapshot is None:
        rows = day_rows(Columns.none(now.version), datetime.combine(through, time()), through)
        rows = [{**rows[0], "snapshot_at": None}]
        await session.execute(delete(DailyStatistics).where(DailyStatistics.statistic_date == through))
    else:
        stored = await session.scalar(select(func.max(DailyStatistics.statistic_date)))
        last = max(day for day in (now.snapshot.date(), stored, through) if day)
        view = await load_view(session, TicketFilter())
        rows = await asyncio.to_thread(day_rows, view.columns, now.snapshot, last)
        await session.execute(_in_the_way_of(rows))
    await session.execute(insert(DailyStatistics), rows)
    return rows


def _in_the_way_of(rows: Sequence[dict[str, Any]]) -> Delete:
    """Deletes what the new rows replace; days before them that were taken over stay."""
    first = DailyStatistics.statistic_date >= rows[0]["statistic_date"]
    return delete(DailyStatistics).where(or_(COMPUTED, first))


def day_rows(columns: Columns, as_of: datetime, last: date) -> Sequence[dict[str, Any]]:
    """The rows of `daily_statistics` up to the day `last`; those after `as_of` repeat what was known then."""
    created = columns.times["created_date"][columns.is_dated]
    order = np.argsort(created, kind="stable")
    created, left = created[order], columns.times["left_at"][columns.is_dated][order]
    covered = min(last, as_of.date())
    first = _first_day(created, covered)
    ends = np.array([seconds(end_of(day, as_of)) for day in _days(first, covered)])
    opening, new, resolved, closing = _flow(
        created, np.sort(left), seconds(datetime.combine(first, time())), ends
    )
    figures = {
        "opening_balance": opening,
        "new_tickets": new,
        "resolved_tickets": resolved,
        "closing_balance": closing,
        **dict(zip(_AGES, _ages(created, left, ends, closing), strict=True)),
    }
    common = {"snapshot_at": as_of, "created_at": utc_now(), "updated_at": utc_now()}
    by_day = zip(*(values.tolist() for values in figures.values()), strict=True)
    rows = [
        {**dict(zip(figures, values, strict=True)), **common, "statistic_date": day, "provisional": False}
        for day, values in zip(_days(first, covered), by_day, strict=True)
    ]
    rows[-1]["provisional"] = seconds(end_of(covered, as_of)) % _DAY_SECONDS < _DAY_SECONDS - 1
    waiting = {**rows[-1], "opening_balance": rows[-1]["closing_balance"], "provisional": True}
    waiting |= {"new_tickets": 0, "resolved_tickets": 0}
    return rows + [{**waiting, "statistic_date": day} for day in _days(covered + timedelta(days=1), last)]


def _first_day(created: Integers, covered: date) -> date:
    earliest = covered - timedelta(days=MAX_DAYS - 1)
    if not len(created):
        return covered
    seen = datetime.fromtimestamp(int(created[0]), UTC).date()
    return min(max(seen, earliest), covered)


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _flow(created: Integers, left: Integers, begin: int, ends: Integers) -> tuple[Integers, ...]:
    """Opening balance, new, resolved and closing balance of each day, from sorted times."""
    bounds = np.concatenate([[begin - 1], ends])
    came = np.searchsorted(created, bounds, side="right")
    went = np.searchsorted(left, bounds, side="right")
    balance = came - went
    return balance[:-1], np.diff(came), np.diff(went), balance[1:]


def _ages(created: Integers, left: Integers, ends: Integers, closing: Integers) -> Sequence[Integers]:
    """Open tickets at each end by age, the youngest first; only those of the last days before an end are
    looked at, the others are what remains."""
    starts = np.searchsorted(created, ends - _YOUNGEST_FIRST[-1], side="right").tolist()
    stops = np.searchsorted(created, ends, side="right").tolist()
    younger = np.empty((len(ends), len(_YOUNGEST_FIRST)), np.int64)
    for at, (start, stop, end) in enumerate(zip(starts, stops, ends.tolist(), strict=True)):
        young = created[start:stop][left[start:stop] > end]
        bounds = [end - age for age in _YOUNGEST_FIRST]
        younger[at] = len(young) - np.searchsorted(young, bounds, side="right")
    whole = np.column_stack([np.zeros(len(ends), np.int64), younger, closing])
    return [*np.diff(whole, axis=1).T]
