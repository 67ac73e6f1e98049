"""When something that happens every day is due, and that exactly one process does it.

A due instant is asked for, never counted down to: whatever kept a process from running (a restart, a sleeping
machine, a clock that was set) it finds the days that it missed. The row in `schedule` says which due instant
was taken last; whoever moves it forward does the work.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import Schedule

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
#: so far in the future a clock may have been, and what was done then counts
_BELIEVED = timedelta(days=2)


def due_on(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of a zone show `at` on a day: the first one where they show it
    twice, and the first after the gap where they skip it."""
    wall = datetime.combine(day, at)
    while (instant := wall.replace(tzinfo=zone).astimezone(UTC)).astimezone(zone).replace(
        tzinfo=None
    ) != wall:
        wall += _MINUTE
    return instant


def latest_due(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """The last due instant that is not after `now`; all instants are aware."""
    day = now.astimezone(zone).date() + _DAY
    while (due := due_on(day, at, zone)) > now:
        day -= _DAY
    return due


def next_due(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """The first due instant after `now`."""
    day = now.astimezone(zone).date() - _DAY
    while (due := due_on(day, at, zone)) <= now:
        day += _DAY
    return due


def days_between(after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The site's days of the due instants after one and up to another."""
    day, last = after.astimezone(zone).date() + _DAY, until.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def is_taken(before: datetime | None, due: datetime) -> bool:
    """Whether the due instant, or a later one, was taken, where `before` was taken last. A clock that was set
    back finds what was done; one that had been wrong by more than days leaves nothing behind that would wait
    until that time comes."""
    return before is not None and due <= before <= due + _BELIEVED


async def last_due(session: AsyncSession, name: str) -> datetime | None:
    """The due instant that was taken last; None where none ever was."""
    return await session.scalar(select(Schedule.last_due).where(Schedule.name == name))


async def take(session: AsyncSession, name: str, before: datetime | None, due: datetime) -> bool:
    """Move the schedule on to `due`, inside the caller's write transaction; False where another process did
    so since `before` was read."""
    if before is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        moved: Any = dialect.insert(Schedule).values(name=name, last_due=due).on_conflict_do_nothing()
    else:
        moved = update(Schedule).where(Schedule.name == name, Schedule.last_due == before)
        moved = moved.values(last_due=due)
    return await session.scalar(moved.returning(Schedule.name)) is not None
