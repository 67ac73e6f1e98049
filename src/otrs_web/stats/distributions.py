"""Tickets by value: priority, state, queue and all the others, age of open tickets, and missing first
responses by priority.

Ordered by meaning where there is one (age, priority), else by size; a blank value is its own row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS
from otrs_web.stats.report import Count, Report, Stat, column
from otrs_web.tickets.facts import Facts, Values
from otrs_web.tickets.filter import NONE

#: the first that fits counts, so "very high" stands before "high"
_PRIORITY_WORDS = (
    (r"very\s*low|lowest|trivial|planning|sehr niedrig|非常低|很低|最低", 1),
    (r"low|minor|niedrig|低", 2),
    (r"normal|medium|middle|mittel|moderate|中|普通|一般", 3),
    (r"very\s*high|highest|critical|urgent|blocker|emergency|sehr hoch|非常高|很高|最高|紧急|严重", 5),
    (r"high|major|hoch|高", 4),
)

AGE_LABELS = {
    "24h": N_("Up to 24 hours"),
    "24_48h": N_("24 to 48 hours"),
    "48_72h": N_("48 to 72 hours"),
    "72h": N_("More than 72 hours"),
    NONE: N_("Age unknown"),
}
DAILY_AGE_LABELS = {
    "lt_24h": N_("Less than 24 hours"),
    "24_48h": N_("24 to less than 48 hours"),
    "48_72h": N_("48 to less than 72 hours"),
    "72_96h": N_("72 to less than 96 hours"),
    "gt_96h": N_("96 hours or more"),
}


@dataclass(frozen=True, slots=True)
class ValueRow:
    """The tickets that have `value` in a field, None for a blank one."""

    value: str | None = column(N_("Value"))
    tickets: Count = column(N_("Tickets"), N_("Tickets with this value, open or not."))


@dataclass(frozen=True, slots=True)
class StateRow(ValueRow):
    state_type: str = column(N_("Kind"), N_("What the state means: new, open, pending, closed, …"))


@dataclass(frozen=True, slots=True)
class AgeRow:
    value: str = column(N_("Age"))
    tickets: Count = column(
        N_("Open tickets"),
        N_("Open tickets by the time since their creation; 24:00 hours are up to 24 hours."),
    )


@dataclass(frozen=True, slots=True)
class EmptyFirstResponseRow:
    value: str | None = column(N_("Priority"))
    tickets: Count = column(N_("Without first response"), N_("Open tickets that nobody has answered yet."))


@lru_cache(maxsize=1024)
def priority_rank(name: str | None) -> tuple[int, str]:
    """Sorts priorities by urgency, lowest first: by words, since sites turn OTRS's digits round ("1 very
    high"), else by a leading digit; blank last."""
    if name is None:
        return 99, ""
    for words, rank in _PRIORITY_WORDS:
        if re.search(rf"(?<![^\W\d_])(?:{words})", name, re.IGNORECASE):
            return rank, name
    match = re.match(r"\s*(\d{1,2})", name)
    return (10 + int(match[1]) if match else 50), name


def _rows(facts: Facts, field: str) -> Sequence[ValueRow]:
    """The values of a field, the most frequent first."""
    return [
        ValueRow(value, Count(tickets, facts.filter, {field: (value or NONE,)}))
        for value, tickets in _by_size(facts.counts.values[field])
    ]


def _by_size(values: Values) -> Values:
    return sorted(values, key=lambda item: (-item[1], item[0] or ""))


def _priority(facts: Facts) -> Sequence[ValueRow]:
    return sorted(_rows(facts, "priority"), key=lambda row: priority_rank(row.value))


def _state(facts: Facts) -> Sequence[StateRow]:
    return [StateRow(row.value, row.tickets, facts.state_types[row.value]) for row in _rows(facts, "state")]


def _age(facts: Facts) -> Sequence[AgeRow]:
    counts = dict(facts.counts.ages)
    values = [*AGE_SEGMENTS, NONE] if None in counts else [*AGE_SEGMENTS]

    def tickets(value: str) -> Count:
        number = counts.get(None if value == NONE else value, 0)
        return Count(number, facts.filter, {"open": True, "age": (value,)})

    return [AgeRow(value, tickets(value)) for value in values]


def _empty_first_response(facts: Facts) -> Sequence[EmptyFirstResponseRow]:
    narrowed = {"open": True, "first_response": "empty"}
    return [
        EmptyFirstResponseRow(value, Count(tickets, facts.filter, {**narrowed, "priority": (value or NONE,)}))
        for value, tickets in sorted(facts.counts.unanswered, key=lambda item: priority_rank(item[0]))
    ]


def _of(field: str, title: str, name: str) -> Stat[ValueRow]:
    """The distribution of a field whose values have no order of their own. `name` stands above the values."""
    slug = field.removesuffix("_id")
    return Stat(slug, title, ValueRow, lambda facts: _rows(facts, field), {"value": name})


PRIORITY = Stat("priority", N_("Tickets by priority"), ValueRow, _priority, {"value": N_("Priority")})
STATE = Stat("state", N_("Tickets by state"), StateRow, _state, {"value": N_("State")})
QUEUE = _of("queue", N_("Tickets by queue"), N_("Queue"))
TYPE = _of("type", N_("Tickets by type"), N_("Type"))
SERVICE = _of("service", N_("Tickets by service"), N_("Service"))
RESPONSIBLE = _of("responsible", N_("Tickets by responsible"), N_("Responsible"))
OWNER = _of("owner", N_("Tickets by owner"), N_("Owner"))
CUSTOMER = _of("customer_id", N_("Tickets by customer"), N_("Customer"))
#: by the field that each is about
DISTRIBUTIONS: Mapping[str, Stat[Any]] = {
    "priority": PRIORITY,
    "state": STATE,
    "queue": QUEUE,
    "type": TYPE,
    "service": SERVICE,
    "responsible": RESPONSIBLE,
    "owner": OWNER,
    "customer_id": CUSTOMER,
}


class Distributions(Mapping[str, Report[Any]]):
    """All distributions by field, each made when it is first asked for: a site may have thousands of
    customers or people, and most pages show none of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._made: dict[str, Report[Any]] = {}

    def __getitem__(self, field: str) -> Report[Any]:
        if field not in self._made:
            self._made[field] = DISTRIBUTIONS[field].from_facts(self._facts)
        return self._made[field]

    def __iter__(self) -> Iterator[str]:
        return iter(DISTRIBUTIONS)

    def __len__(self) -> int:
        return len(DISTRIBUTIONS)


AGE = Stat("age", N_("Age of open tickets"), AgeRow, _age)
EMPTY_FIRST_RESPONSE = Stat(
    "empty-first-response",
    N_("Open tickets without first response, by priority"),
    EmptyFirstResponseRow,
    _empty_first_response,
)
