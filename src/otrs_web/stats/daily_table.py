"""The stored daily statistics as rows of a report: by day, and by ISO week where days would be too many to
read."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.models import DAILY_AGE_SEGMENTS, DailyStatistics, StatisticsLog
from otrs_web.stats.daily import READABLE_DAYS
from otrs_web.stats.report import Count, Report, column, columns_of
from otrs_web.tickets.days import MAX_DAYS, end_of
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.snapshot import instant

ALL = TicketFilter()


@dataclass(frozen=True, slots=True)
class DailyFigures:
    """A day, or an ISO week. `provisional`: no import covers it to its end yet."""

    period: str = column(N_("Day"))
    opening: Count = column(N_("Opening balance"), N_("Tickets that were open when the day began."))
    new: Count = column(N_("New"), N_("Tickets created on this day."))
    resolved: Count = column(
        N_("Resolved"), N_("Tickets no longer open, by their close time; without one, by their creation.")
    )
    closing: Count = column(
        N_("Closing balance"),
        N_("Tickets open when the day ended; opening balance plus new ones less resolved ones."),
    )
    age_lt_24h: Count = column(N_("< 24 h"), N_("Of those open at the end: created less than 24 hours ago."))
    age_24_48h: Count = column(N_("24–48 h"), N_("24:00 hours old or more, and less than 48."))
    age_48_72h: Count = column(N_("48–72 h"), N_("48:00 hours old or more, and less than 72."))
    age_72_96h: Count = column(N_("72–96 h"), N_("72:00 hours old or more, and less than 96."))
    age_gt_96h: Count = column(N_("≥ 96 h"), N_("96:00 hours old or more."))
    provisional: bool = column(N_("Provisional"))

    @property
    def label(self) -> str:
        """What stands on an axis: a week that is not whole is called like the whole one."""
        first, _, last = self.period.partition("..")
        return f"{date.fromisoformat(first):%G-W%V}" if last else first


FLOW = ("opening", "closing")
TURNOVER = ("new", "resolved")
AGES = tuple(f"age_{segment}" for segment in DAILY_AGE_SEGMENTS)


def day_range(pairs: Iterable[tuple[str, str]]) -> tuple[date | None, date | None]:
    """`from` and `to` of a query string, days that are both included; None where they are not given. Raises
    FilterError."""
    given = list(pairs)
    for name, value in given:
        if name not in ("from", "to"):
            raise FilterError(name, value, N_("a known filter name"))
    chosen = TicketFilter.parse(given)
    if chosen.from_ and chosen.to and chosen.to < chosen.from_:
        raise FilterError("to", chosen.to.isoformat(), N_("a day that is not before the first"))
    return chosen.from_, chosen.to


def days_to_compute(pairs: Iterable[tuple[str, str]], today: date) -> tuple[date, date]:
    """The days of a run by hand; where only one end is given, the other is today, and without any it is today
    alone. Raises FilterError."""
    first, last = day_range(pairs)
    last = last or today
    first = first or last
    if last > today:
        raise FilterError("to", last.isoformat(), N_("a day that is not after today"))
    if first > last:
        raise FilterError("from", first.isoformat(), N_("a day that is not after the last"))
    if (last - first).days >= MAX_DAYS:
        raise FilterError("from", first.isoformat(), N_("at most ten years before the last day"))
    return first, last


async def stored_days(
    session: AsyncSession, first: date | None = None, last: date | None = None, limit: int | None = None
) -> Sequence[DailyStatistics]:
    """The rows of these days, both included, the oldest first; of more than `limit`, the last ones."""
    day = DailyStatistics.statistic_date
    query = select(DailyStatistics).where(day >= (first or date.min), day <= (last or date.max))
    found = await session.scalars(query.order_by(day.desc()).limit(limit))
    return found.all()[::-1]


async def span_of_days(session: AsyncSession) -> tuple[date, date] | None:
    """The first and the last day that are stored; None without any."""
    day = DailyStatistics.statistic_date
    first, last = (await session.execute(select(func.min(day), func.max(day)))).one()
    return (first, last) if first else None


def figures(days: Sequence[DailyStatistics]) -> Report[DailyFigures]:
    """The days as rows, the oldest first; as weeks where they are more than a reader can take in."""
    by_week = len(days) > READABLE_DAYS
    titles = {"period": N_("Week")} if by_week else {}
    rows = [_row(key, group) for key, group in (_weeks(days) if by_week else _each(days))]
    as_of = (days[-1].snapshot_at if days else None) or datetime.min
    slug = "weekly" if by_week else "daily"
    return Report(slug, N_("Daily statistics"), columns_of(DailyFigures, titles), rows, as_of)


def summed(days: Sequence[DailyStatistics]) -> DailyFigures | None:
    """All these days as a single row; None without any."""
    if not days:
        return None
    return _row(f"{days[0].statistic_date}..{days[-1].statistic_date}", days)


async def version_of(session: AsyncSession) -> str:
    """Another one whenever the tickets or the stored days may have changed, or a run was logged."""
    newest = await session.scalar(select(func.max(StatisticsLog.id)))
    return f"{(await instant(session, ALL)).version}.{newest or 0}"


def _each(days: Sequence[DailyStatistics]) -> Iterator[tuple[str, Sequence[DailyStatistics]]]:
    return ((day.statistic_date.isoformat(), [day]) for day in days)


def _weeks(days: Sequence[DailyStatistics]) -> Iterator[tuple[str, Sequence[DailyStatistics]]]:
    """The days by week; the key of one that is not whole names its first and last day."""
    for key, group in groupby(days, lambda day: f"{day.statistic_date:%G-W%V}"):
        inside = list(group)
        first, last = inside[0].statistic_date, inside[-1].statistic_date
        yield key if len(inside) == 7 else f"{first}..{last}", inside


def is_taken_over(day: DailyStatistics) -> bool:
    return day.snapshot_at is None and not day.provisional


def _row(key: str, days: Sequence[DailyStatistics]) -> DailyFigures:
    first, last = days[0], days[-1]
    # no ticket stands behind a day that was taken over from the original application
    of = None if any(is_taken_over(day) for day in days) else ALL
    before = _open_at(first.statistic_date - timedelta(days=1), first.snapshot_at)
    at_end = _open_at(last.statistic_date, last.snapshot_at)
    ages = {
        f"age_{segment}": Count(getattr(last, f"age_{segment}"), of, {**at_end, "daily_age": (segment,)})
        for segment in DAILY_AGE_SEGMENTS
    }
    return DailyFigures(
        period=key,
        opening=Count(first.opening_balance, of, before),
        new=Count(sum(day.new_tickets for day in days), of, {"created_on": key}),
        resolved=Count(sum(day.resolved_tickets for day in days), of, {"closed_on": key}),
        closing=Count(last.closing_balance, of, at_end),
        **ages,
        provisional=last.provisional,
    )


def _open_at(day: date, as_of: datetime | None) -> dict[str, Any]:
    """The filter changes for what is open at the end of a day; `to` leaves undated tickets out."""
    end = end_of(day, as_of or datetime.max)
    return {"open": True, "to": end.date(), "as_of": end}


@dataclass(frozen=True, slots=True)
class RunLog:
    """A page of the runs, the newest first; `before` is the key of the next page, None on the last."""

    runs: Sequence[StatisticsLog]
    total: int
    before: int | None


async def logged_runs(session: AsyncSession, *, limit: int, before: int | None = None) -> RunLog:
    """The runs before the one with this id."""
    query = select(StatisticsLog).order_by(StatisticsLog.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(StatisticsLog.id < before)
    runs = (await session.scalars(query)).all()
    total = await count_runs(session)
    return RunLog(runs[:limit], total, runs[limit - 1].id if len(runs) > limit else None)


async def count_runs(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(StatisticsLog)) or 0


async def runs_in_batches(session: AsyncSession) -> AsyncIterator[Sequence[StatisticsLog]]:
    """All runs, the newest first."""
    query = select(StatisticsLog).order_by(StatisticsLog.id.desc()).execution_options(yield_per=1000)
    async for runs in (await session.stream_scalars(query)).partitions():
        yield runs
