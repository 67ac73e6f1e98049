"""The tickets that a filter chooses at an instant, as one request sees them.

The only place that says what a filter means. Numbers and lists are both made from a View, so a number and the
tickets behind it cannot disagree.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np

from otrs_web.models import AGE_SEGMENTS, DAILY_AGE_SEGMENTS
from otrs_web.tickets.columns import EARLY, LATE, Booleans, Coded, Columns, Integers
from otrs_web.tickets.filter import NONE, VALUE_FIELDS, TicketFilter
from otrs_web.tickets.periods import parse_span

#: age segments, the oldest first, and the ages in seconds that part them
_OLDEST_FIRST = tuple(AGE_SEGMENTS)[::-1]
_PARTED = tuple(3600 * upto for _, upto in AGE_SEGMENTS.values() if upto)


def seconds(moment: datetime) -> int:
    """A wall-clock time as seconds since 1970 on that clock."""
    return calendar.timegm(moment.timetuple())


@dataclass(frozen=True)
class View:
    """`found` are the tickets in whose number or title the filter's `q` is, None without one."""

    columns: Columns
    filter: TicketFilter
    as_of: datetime
    found: Booleans | None = None

    @cached_property
    def chosen(self) -> Booleans:
        """Which tickets the filter chooses."""
        return self._all(self.filter)

    @cached_property
    def chosen_over_time(self) -> Booleans:
        """The same without `from` and `to`: a backlog stays a backlog (interface.md, "The filter")."""
        if self.filter.from_ is None and self.filter.to is None:
            return self.chosen
        return self._all(self.filter.replace(from_=None, to=None))

    @cached_property
    def is_open(self) -> Booleans:
        """Which tickets are open at `as_of`, chosen or not."""
        return self.columns.open_at(seconds(self.as_of))

    @cached_property
    def ages(self) -> Coded:
        """The segment of each ticket's age at `as_of`, blank where neither creation nor age is known."""
        bounds = [seconds(self.as_of) - age for age in reversed(_PARTED)]
        codes = np.searchsorted(bounds, self.columns.born, side="right")
        return Coded(_OLDEST_FIRST, np.where(self.columns.born == EARLY, -1, codes).astype(np.int8))

    @cached_property
    def is_reopened(self) -> Booleans:
        """Open although there is a close time."""
        closed = self.columns.times["closed_date"] != EARLY
        reopened: Booleans = self.is_open & self.columns.is_open & closed
        return reopened

    @property
    def total(self) -> int:
        """How many tickets the filter chooses."""
        return int(np.count_nonzero(self.chosen))

    def by_day(self, name: str) -> dict[date, int]:
        """Tickets by the day of `created_date` or `left_at`, up to `as_of`, whatever `from` and `to` say."""
        times = self.columns.times[name]
        there = self.chosen_over_time & self.columns.is_dated & (times <= seconds(self.as_of))
        days = times[there] // 86_400
        if not len(days):
            return {}
        first = int(days.min())
        counts = np.bincount(days - first)
        begin = date(1970, 1, 1) + timedelta(days=first)
        return {begin + timedelta(days=at): int(counts[at]) for at in np.flatnonzero(counts).tolist()}

    def _all(self, chosen: TicketFilter) -> Booleans:
        restrictions = [
            *self._values(chosen),
            *self._times(chosen),
            *self._facts(chosen),
            *([] if self.found is None else [self.found]),
        ]
        if not restrictions:
            return np.ones(len(self.columns), np.bool_)
        return np.logical_and.reduce(restrictions) if len(restrictions) > 1 else restrictions[0]

    def _values(self, chosen: TicketFilter) -> Iterator[Booleans]:
        for name in VALUE_FIELDS:
            if values := getattr(chosen, name):
                yield _any_of(self.columns.coded[name], values)

    def _times(self, chosen: TicketFilter) -> Iterator[Booleans]:
        created, dated = self.columns.times["created_date"], self.columns.is_dated
        if chosen.from_:
            yield dated & (created >= seconds(datetime.combine(chosen.from_, time())))
        if chosen.to:
            yield dated & (created < seconds(datetime.combine(chosen.to, time())) + 86_400)
        if chosen.created_on:
            yield dated & self._within(created, chosen.created_on)
        if chosen.closed_on:
            yield self._within(self.columns.times["left_at"], chosen.closed_on)

    def _within(self, times: Integers, span: str) -> Booleans:
        """Within the span and not after `as_of`: a series ends there, and its last day counts no later
        ticket."""
        start, end = parse_span(span)
        within: Booleans = (times >= seconds(start)) & (times < min(seconds(end), seconds(self.as_of) + 1))
        return within

    def _of_daily_age(self, segments: tuple[str, ...]) -> Booleans:
        age = seconds(self.as_of) - self.columns.times["created_date"]
        spans = [DAILY_AGE_SEGMENTS[segment] for segment in segments]
        of_age: Booleans = np.zeros(len(age), np.bool_)
        for start, end in spans:
            of_age |= (age >= 3600 * start) & (age < 3600 * (end or LATE))
        return of_age

    def _facts(self, chosen: TicketFilter) -> Iterator[Booleans]:
        if chosen.open is not None:
            yield self.is_open if chosen.open else ~self.is_open
        if chosen.age:
            yield self.is_open & _any_of(self.ages, chosen.age)
        if chosen.daily_age:
            yield self.is_open & self.columns.is_dated & self._of_daily_age(chosen.daily_age)
        if chosen.first_response:
            answered = self.columns.answered
            yield answered if chosen.first_response == "given" else ~answered
        if chosen.reopened is not None:
            yield self.is_reopened if chosen.reopened else ~self.is_reopened
        if chosen.undated is not None:
            yield ~self.columns.is_dated if chosen.undated else self.columns.is_dated
        if chosen.upload_id is not None:
            yield self.columns.upload_ids == chosen.upload_id


def _any_of(column: Coded, values: tuple[str, ...]) -> Booleans:
    # a value that no ticket has stands nowhere; -1 is the place of the blank one
    places = [-1 if value == NONE else column.places.get(value, -2) for value in values]
    if len(places) == 1:
        return np.equal(column.codes, places[0])
    return np.isin(column.codes, np.array(places, column.codes.dtype))
