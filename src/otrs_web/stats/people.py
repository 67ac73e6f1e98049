"""Who has which tickets: totals, open ones and their age by person, and who closed how many by day, ISO week
or month. Arrays hold the figures; counts with their filters are made for the cells that are shown."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS
from otrs_web.stats.daily import span_of
from otrs_web.stats.report import Count, column
from otrs_web.tickets.columns import Booleans, Coded, Integers
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.periods import FIRST_YEAR, Period, days, months, weeks
from otrs_web.tickets.snapshot import load_view
from otrs_web.tickets.view import View, seconds

#: how the closed tickets may be parted, and by what
PERIODS = {"total": None, "day": days, "week": weeks, "month": months}
#: by which figure people may be put in order, or by name
ORDERS = ("closed", "open", "tickets", "person")
_AGES = (*AGE_SEGMENTS, NONE)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person's tickets. `person` is None for tickets without one; in the row of totals nobody is meant."""

    person: str | None = column(N_("Person"))
    tickets: Count = column(N_("Tickets"), N_("All tickets of this person that match the filter."))
    closed: Count = column(
        N_("Closed"), N_("Tickets no longer open, by their close time; without one, by their creation.")
    )
    open: Count = column(
        N_("Open"),
        N_("Tickets whose state is new, open or pending; without a known state, those without a close time."),
    )
    age_24h: Count = column(N_("≤ 24 h"), N_("Open tickets that are up to 24:00 hours old."))
    age_24_48h: Count = column(N_("24–48 h"), N_("Open tickets older than 24:00 and up to 48:00 hours."))
    age_48_72h: Count = column(N_("48–72 h"), N_("Open tickets older than 48:00 and up to 72:00 hours."))
    age_72h: Count = column(N_("> 72 h"), N_("Open tickets older than 72:00 hours."))
    age_unknown: Count = column(N_("Age unknown"), N_("Open tickets of which no age can be told."))


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """How many tickets each of some people closed in a period, and all chosen people together."""

    period: str
    closed: Sequence[Count]
    total: Count


@dataclass(frozen=True)
class People:
    """The figures of the `names`, who are in the order to show. `filter` is the page's own: what it says of
    `field` is who was chosen. The arrays of `totals` are by person, `ages` by person and segment; `periods`
    are the newest first. `closings` has the place of its period and of its person for each closed ticket."""

    filter: TicketFilter
    as_of: datetime
    field: str
    period: str
    names: Sequence[str | None]
    totals: Mapping[str, Integers]
    ages: Integers
    periods: Sequence[Period]
    closings: tuple[Integers, Integers]

    def persons(self, people: slice = slice(None)) -> list[PersonRow]:
        """The rows of some of the people."""
        return [self._person(self.names[at], at, self._who(at)) for at in self._places(people)]

    @property
    def everybody(self) -> PersonRow:
        """The chosen people together."""
        return self._person(None, slice(None), {})

    def rows(self, periods: slice = slice(None), people: slice = slice(None)) -> list[PeriodRow]:
        """Some of the periods with the cells of some people; the total of a row is everybody's."""
        places, shown = self._places(people), self.periods[periods]
        block = self.block(periods, people)
        sums = self.block(periods).sum(axis=1).tolist()
        return [
            PeriodRow(
                period.key,
                [self._closed(n, period.key, self._who(at)) for n, at in zip(cells, places, strict=True)],
                self._closed(total, period.key),
            )
            for period, cells, total in zip(shown, block.tolist(), sums, strict=True)
        ]

    def sums(self, people: slice = slice(None)) -> PeriodRow:
        """All periods added up."""
        whole = f"{self.periods[-1].first}..{self.periods[0].last}" if self.periods else ""
        by_person = np.bincount(self.closings[1], minlength=len(self.names)).tolist()
        cells = [self._closed(by_person[at], whole, self._who(at)) for at in self._places(people)]
        return PeriodRow(whole, cells, self._closed(len(self.closings[1]), whole))

    def block(self, periods: slice = slice(None), people: slice = slice(None)) -> Integers:
        """Closed tickets with a row per period and a column per person."""
        first, last, _ = periods.indices(len(self.periods))
        start, stop, _ = people.indices(len(self.names))
        rows, columns = max(last - first, 0), max(stop - start, 0)
        period, person = self.closings
        inside = (period >= first) & (period < last) & (person >= start) & (person < stop)
        cells = (period[inside] - first) * columns + (person[inside] - start)
        return np.bincount(cells, minlength=rows * columns).reshape(rows, columns)

    @property
    def filled(self) -> int:
        """How many cells of the whole table are not zero."""
        period, person = self.closings
        return len(np.unique(person * np.int64(len(self.periods)) + period))

    def _places(self, people: slice) -> range:
        return range(len(self.names))[people]

    def _who(self, at: int) -> dict[str, Any]:
        return {self.field: (self.names[at] or NONE,)}

    @cached_property
    def _over_time(self) -> TicketFilter:
        return self.filter.replace(from_=None, to=None)

    def _closed(self, number: int, span: str, who: Mapping[str, Any] = MappingProxyType({})) -> Count:
        """Tickets that were closed in a span. Where a filter says when they were closed, only a day of it can
        be said more exactly."""
        is_sayable = self.filter.closed_on is None or (self.period == "day" and ".." not in span)
        return Count(number, self._over_time if is_sayable else None, {**who, "closed_on": span})

    def _person(self, name: str | None, at: int | slice, who: Mapping[str, Any]) -> PersonRow:
        base = self.filter
        ever = {} if base.closed_on else {"closed_on": f"{FIRST_YEAR}-01-01..{self.as_of.date()}"}
        tickets, closed, is_open = (int(self.totals[key][at].sum()) for key in ("tickets", "closed", "open"))
        ages = self.ages[at].reshape(-1, len(_AGES)).sum(axis=0).tolist()
        return PersonRow(
            name,
            Count(tickets, base, who),
            Count(closed, base, {**who, **ever}),
            Count(is_open, base, {**who, "open": True}),
            *(
                Count(n, base, {**who, "open": True, "age": (age,)})
                for age, n in zip(_AGES, ages, strict=True)
            ),
        )


async def person_field(session: AsyncSession) -> str:
    """`responsible`, or `owner` where no stored ticket has one: OTRS does not export it by default."""
    coded = (await load_view(session, TicketFilter())).columns.coded
    return "owner" if coded["owner"].values and not coded["responsible"].values else "responsible"


async def everybody(session: AsyncSession, field: str) -> Sequence[str]:
    """The names that stored tickets have in a field, in order."""
    return (await load_view(session, TicketFilter())).columns.coded[field].values


async def people(
    session: AsyncSession, ticket_filter: TicketFilter, field: str, period: str, order: str = ORDERS[0]
) -> People:
    """The figures of the people that the filter names in `field`, of all if it names none, parted by
    `period`, one of PERIODS, in one of the ORDERS. As many queries as a view costs, however many people."""
    view = await load_view(session, ticket_filter)
    return await asyncio.to_thread(_figures, view, field, period, order)


def _figures(view: View, field: str, period: str, order: str) -> People:
    coded, left = view.columns.coded[field], view.columns.times["left_at"]
    has_left = view.columns.is_dated & (left <= seconds(view.as_of))
    closed = view.chosen_over_time & has_left
    totals = {
        "tickets": _by_person(coded, view.chosen),
        "closed": _by_person(coded, view.chosen & has_left),
        "open": _by_person(coded, view.chosen & view.is_open),
    }
    there = totals["tickets"] + _by_person(coded, closed)
    who = sorted(_people(coded, getattr(view.filter, field), there), key=_rank(totals, order))
    places = [at for _, at in who]
    shown = _shown(view, left[closed], period)
    return People(
        filter=view.filter,
        as_of=view.as_of,
        field=field,
        period=period,
        names=[name for name, _ in who],
        totals={key: array[places] for key, array in totals.items()},
        ages=_by_age(coded, view)[places],
        periods=shown,
        closings=_closings(left[closed], coded.codes[closed] + 1, places, shown),
    )


def _rank(totals: Mapping[str, Integers], order: str) -> Callable[[tuple[str | None, int]], Any]:
    """The most first, those who have the same by name, nobody last."""
    first = [totals[name] for name in dict.fromkeys((order, *ORDERS)) if name in totals]
    first = [] if order == "person" else first
    return lambda one: (one[0] is None, *(-int(array[one[1]]) for array in first), one[0] or "")


def _people(coded: Coded, named: Sequence[str], there: Integers) -> list[tuple[str | None, int]]:
    """The people to show with their places in arrays by person: 0 is nobody's, the last one is that of names
    which no ticket has, so that they are shown with zeros."""
    if not named:
        names: list[str | None] = [None, *coded.values]
        return [(names[at], at) for at in np.flatnonzero(there).tolist()]
    unheard_of = len(coded.values)
    return [(None, 0) if n == NONE else (n, coded.places.get(n, unheard_of) + 1) for n in named]


def _by_person(coded: Coded, chosen: Booleans) -> Integers:
    return np.bincount(coded.codes[chosen] + np.int64(1), minlength=len(coded.values) + 2)


def _by_age(coded: Coded, view: View) -> Integers:
    is_open = view.chosen & view.is_open
    # the view's segments begin with the oldest, and -1 is an unknown age
    ages = len(AGE_SEGMENTS) - 1 - view.ages.codes[is_open]
    cells = (coded.codes[is_open] + np.int64(1)) * len(_AGES) + ages
    return np.bincount(cells, minlength=(len(coded.values) + 2) * len(_AGES)).reshape(-1, len(_AGES))


def _shown(view: View, left: Integers, period: str) -> list[Period]:
    parted = PERIODS[period]
    if parted is None or not len(left):
        return []
    earliest = date(1970, 1, 1) + timedelta(days=int(left.min()) // 86_400)
    return parted(*span_of(view.filter, view.as_of, earliest))[::-1]


def _closings(
    left: Integers, person: Integers, places: Sequence[int], shown: Sequence[Period]
) -> tuple[Integers, Integers]:
    """For each closed ticket of the shown people and periods the places of both among those shown."""
    if not shown or not places:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begin = shown[-1].first
    lengths = [(period.last - period.first).days + 1 for period in shown[::-1]]
    period_of = np.repeat(np.arange(len(shown))[::-1], lengths)
    place_of = np.full(max(int(person.max(initial=0)), *places) + 1, -1)
    place_of[places] = np.arange(len(places))
    day = left // 86_400 - (begin - date(1970, 1, 1)).days
    inside = (day >= 0) & (day < len(period_of)) & (place_of[person] >= 0)
    return period_of[day[inside]], place_of[person[inside]]
