"""New, closed and backlog over time: by day, and by ISO week where days would be too many to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from otrs_web.i18n import N_
from otrs_web.stats.report import Count, Stat, column
from otrs_web.tickets.facts import Facts
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.periods import Period, days, weeks

#: one ticket with a wrong year must not make a series of a century: it begins so many days before its end
MAX_DAYS = 3660
#: more days than this are shown as weeks
READABLE_DAYS = 750

_NEW = N_("Tickets created in this time.")
_CLOSED = N_("Tickets no longer open, by their close time; without one, by their creation.")
_BACKLOG = N_("Open tickets at the end of this time.")


@dataclass(frozen=True, slots=True)
class DailyRow:
    day: date = column(N_("Day"))
    new: Count = column(N_("New"), _NEW)
    closed: Count = column(N_("Closed"), _CLOSED)
    backlog: Count = column(N_("Backlog"), _BACKLOG)

    @property
    def period(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True, slots=True)
class WeeklyRow:
    period: str = column(N_("Week"))
    new: Count = column(N_("New"), _NEW)
    closed: Count = column(N_("Closed"), _CLOSED)
    backlog: Count = column(N_("Backlog"), _BACKLOG)


def _daily(facts: Facts) -> Sequence[DailyRow]:
    shown = _shown(facts)
    return [DailyRow(day.first, *counts) for day, counts in _counted(facts, days(*shown))] if shown else []


def _weekly(facts: Facts) -> Sequence[WeeklyRow]:
    shown = _shown(facts)
    return [WeeklyRow(week.key, *counts) for week, counts in _counted(facts, weeks(*shown))] if shown else []


def _shown(facts: Facts) -> tuple[date, date] | None:
    new = facts.counts.new
    return span_of(facts.filter, facts.as_of, min(new)) if new else None


def span_of(chosen: TicketFilter, as_of: datetime, earliest: date) -> tuple[date, date]:
    """The days that a series shows: from the `earliest` on which anything happened to `as_of`, within the
    filter's `from` and `to`. There are none where the first is behind the last."""
    last = min(as_of.date(), chosen.to or date.max)
    first = max(earliest, last - timedelta(days=MAX_DAYS - 1))
    return max(first, chosen.from_ or date.min), last


def _counted(facts: Facts, periods: Sequence[Period]) -> Iterator[tuple[Period, tuple[Count, Count, Count]]]:
    if not periods:
        return
    created, departed = facts.counts.new, facts.counts.left
    base = facts.filter.replace(from_=None, to=None)
    by_key = base if base.created_on is None and base.closed_on is None else None
    linked = base if len(periods) and periods[0].first == periods[0].last else by_key
    at_end = None if _chosen_by_what_they_are_now(base) else base
    backlog = _before(created, periods[0].first) - _before(departed, periods[0].first)
    for period in periods:
        inside = [day.first for day in days(period.first, period.last)]
        new = sum(created.get(day, 0) for day in inside)
        left = sum(departed.get(day, 0) for day in inside)
        backlog += new - left
        yield (
            period,
            (
                Count(new, linked, {"created_on": period.key}),
                Count(left, linked, {"closed_on": period.key}),
                Count(backlog, at_end, _end_of(period.last, facts.as_of)),
            ),
        )


def _chosen_by_what_they_are_now(chosen: TicketFilter) -> bool:
    return bool(
        chosen.open is not None
        or chosen.age
        or chosen.daily_age
        or chosen.reopened is not None
        or chosen.closed_on
    )


def _before(by_day: Mapping[date, int], first: date) -> int:
    return sum(tickets for day, tickets in by_day.items() if day < first)


def _end_of(day: date, as_of: datetime) -> Mapping[str, Any]:
    """The filter changes for what is open at the end of `day`, undated tickets left out by `to`."""
    end = min(datetime.combine(day, time(23, 59, 59)), as_of)
    return {"open": True, "to": end.date(), "as_of": end}


DAILY = Stat("daily", N_("New and closed tickets, and the backlog at the end of each day"), DailyRow, _daily)
WEEKLY = Stat(
    "weekly", N_("New and closed tickets, and the backlog at the end of each week"), WeeklyRow, _weekly
)
