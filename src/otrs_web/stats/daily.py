"""New, closed and backlog over time: by day, and by ISO week where days would be too many to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from otrs_web.i18n import N_
from otrs_web.stats.report import Count, Stat, column
from otrs_web.tickets.facts import Facts
from otrs_web.tickets.filter import TicketFilter

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


class _Period(NamedTuple):
    """`key` is what `created_on` and `closed_on` call it."""

    key: str
    first: date
    last: date


def _daily(facts: Facts) -> Sequence[DailyRow]:
    days = _days(facts)
    return [DailyRow(period.first, *counts) for period, counts in _counted(facts, days)]


def _weekly(facts: Facts) -> Sequence[WeeklyRow]:
    return [WeeklyRow(period.key, *counts) for period, counts in _counted(facts, _weeks(_days(facts)))]


def _days(facts: Facts) -> Sequence[_Period]:
    """From the first ticket to `as_of`, within the filter's `from` and `to`."""
    chosen = facts.filter
    if not facts.counts.new:
        return []
    last = min(facts.as_of.date(), chosen.to or date.max)
    first = max(min(facts.counts.new), last - timedelta(days=MAX_DAYS - 1))
    first = max(first, chosen.from_ or date.min)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [_Period(day.isoformat(), day, day) for day in days]


def _weeks(days: Sequence[_Period]) -> Sequence[_Period]:
    """The whole ISO weeks that the days lie in."""
    mondays = dict.fromkeys(day.first - timedelta(days=day.first.weekday()) for day in days)
    return [_Period(f"{monday:%G-W%V}", monday, monday + timedelta(days=6)) for monday in mondays]


def _counted(
    facts: Facts, periods: Sequence[_Period]
) -> Iterator[tuple[_Period, tuple[Count, Count, Count]]]:
    if not periods:
        return
    created, departed = facts.counts.new, facts.counts.left
    base = facts.filter.replace(from_=None, to=None)
    by_key = base if base.created_on is None and base.closed_on is None else None
    linked = base if len(periods) and periods[0].first == periods[0].last else by_key
    at_end = None if _chosen_by_what_they_are_now(base) else base
    backlog = _before(created, periods[0].first) - _before(departed, periods[0].first)
    for period in periods:
        days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
        new = sum(created.get(day, 0) for day in days)
        left = sum(departed.get(day, 0) for day in days)
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
    return bool(chosen.open is not None or chosen.age or chosen.reopened is not None or chosen.closed_on)


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
