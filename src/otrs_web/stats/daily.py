"""New, closed and backlog, day by day, from the first ticket to the day that the data ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from otrs_web.i18n import N_
from otrs_web.stats.report import Count, Stat, column
from otrs_web.tickets.facts import Facts
from otrs_web.tickets.filter import TicketFilter


@dataclass(frozen=True, slots=True)
class DailyRow:
    day: date = column(N_("Day"))
    new: Count = column(N_("New"), N_("Tickets created on this day."))
    closed: Count = column(
        N_("Closed"),
        N_("Tickets no longer open whose close time is on this day; without a close time, the creation day."),
    )
    backlog: Count = column(N_("Backlog"), N_("Open tickets at the end of the day."))


def _daily(facts: Facts) -> Sequence[DailyRow]:
    created, departed = facts.new, facts.left
    if not created:
        return []
    chosen = facts.filter
    over_time = chosen.replace(from_=None, to=None)
    by_nature_now = chosen.open is not None or chosen.age or chosen.reopened is not None or chosen.closed_on
    last = facts.as_of.date()
    rows, backlog, day = [], 0, min(created)
    while day <= last:
        new, left = created.get(day, 0), departed.get(day, 0)
        backlog += new - left
        if _shown(chosen, day):
            rows.append(
                DailyRow(
                    day,
                    Count(new, over_time, {"created_on": day.isoformat()}),
                    Count(left, over_time, {"closed_on": day.isoformat()}),
                    Count(backlog, None if by_nature_now else over_time, _at_end(day, facts.as_of)),
                )
            )
        day += timedelta(days=1)
    return rows


def _shown(chosen: TicketFilter, day: date) -> bool:
    return (chosen.from_ is None or day >= chosen.from_) and (chosen.to is None or day <= chosen.to)


def _at_end(day: date, as_of: datetime) -> Mapping[str, Any]:
    """The filter changes for what is open at the end of `day`, undated tickets left out by `to`."""
    end = min(datetime.combine(day, time(23, 59, 59)), as_of)
    return {"open": True, "to": day, "as_of": end}


DAILY = Stat("daily", N_("New and closed tickets, and the backlog at the end of each day"), DailyRow, _daily)
