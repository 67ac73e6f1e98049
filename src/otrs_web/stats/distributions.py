"""Tickets by value: priority, state, age of open tickets, and missing first responses by priority.

Ordered by meaning where there is one (age, priority), else by size; a blank value is its own row.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS
from otrs_web.stats.report import Count, Stat, column
from otrs_web.tickets.facts import Facts, count_by
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


@dataclass(frozen=True, slots=True)
class PriorityRow:
    value: str | None = column(N_("Priority"))
    tickets: Count = column(N_("Tickets"), N_("Tickets of this priority."))


@dataclass(frozen=True, slots=True)
class StateRow:
    value: str | None = column(N_("State"))
    tickets: Count = column(N_("Tickets"), N_("Tickets in this state."))
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


def _priority(facts: Facts) -> Sequence[PriorityRow]:
    counts = count_by(facts.counts.groups, "priority")
    return [
        PriorityRow(value, Count(counts[value], facts.filter, {"priority": (value or NONE,)}))
        for value in sorted(counts, key=priority_rank)
    ]


def _state(facts: Facts) -> Sequence[StateRow]:
    counts = count_by(facts.counts.groups, "state")
    types = {group.state: group.state_type for group in facts.counts.groups}
    return [
        StateRow(value, Count(count, facts.filter, {"state": (value or NONE,)}), types[value])
        for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0] or ""))
    ]


def _age(facts: Facts) -> Sequence[AgeRow]:
    counts = count_by(facts.counts.open_groups, "age")
    values = [*AGE_SEGMENTS, NONE] if counts[None] else [*AGE_SEGMENTS]
    return [
        AgeRow(value, Count(counts[_blank(value)], facts.filter, {"open": True, "age": (value,)}))
        for value in values
    ]


def _blank(value: str) -> str | None:
    return None if value == NONE else value


def _empty_first_response(facts: Facts) -> Sequence[EmptyFirstResponseRow]:
    unanswered = [group for group in facts.counts.open_groups if group.lacks_first_response]
    counts = count_by(unanswered, "priority")
    narrowed = {"open": True, "first_response": "empty"}
    return [
        EmptyFirstResponseRow(
            value, Count(counts[value], facts.filter, {**narrowed, "priority": (value or NONE,)})
        )
        for value in sorted(counts, key=priority_rank)
    ]


PRIORITY = Stat("priority", N_("Tickets by priority"), PriorityRow, _priority)
STATE = Stat("state", N_("Tickets by state"), StateRow, _state)
AGE = Stat("age", N_("Age of open tickets"), AgeRow, _age)
EMPTY_FIRST_RESPONSE = Stat(
    "empty-first-response",
    N_("Open tickets without first response, by priority"),
    EmptyFirstResponseRow,
    _empty_first_response,
)
