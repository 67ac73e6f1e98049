"""A filter in words: what it restricts, each restriction with the address of the same page without it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from otrs_web.i18n import N_
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.tickets.filter import NONE, TicketFilter

LABELS: Mapping[str, str] = {
    "from": N_("Created from"),
    "to": N_("Created until"),
    "state": N_("State"),
    "state_type": N_("Kind of state"),
    "priority": N_("Priority"),
    "queue": N_("Queue"),
    "type": N_("Type"),
    "service": N_("Service"),
    "category": N_("Category"),
    "customer_id": N_("Customer"),
    "responsible": N_("Responsible"),
    "owner": N_("Owner"),
    "open": N_("Open"),
    "age": N_("Age"),
    "first_response": N_("First response"),
    "reopened": N_("Reopened"),
    "undated": N_("Creation time"),
    "created_on": N_("Created"),
    "closed_on": N_("Closed"),
    "upload_id": N_("Last imported with"),
    "q": N_("Search"),
    "as_of": N_("As of"),
}

STATE_TYPE_WORDS: Mapping[str, str] = {
    "new": N_("new"),
    "open": N_("open"),
    "pending": N_("waiting"),
    "closed": N_("closed"),
    "merged": N_("merged"),
    "removed": N_("removed"),
    "unknown": N_("unknown"),
}

VALUES: Mapping[str, Mapping[str, str]] = {
    "state_type": STATE_TYPE_WORDS,
    "open": {"true": N_("yes"), "false": N_("no")},
    "age": AGE_LABELS,
    "first_response": {"empty": N_("missing"), "given": N_("given")},
    "reopened": {"true": N_("yes"), "false": N_("no")},
    "undated": {"true": N_("missing"), "false": N_("given")},
    "as_of": {"now": N_("now")},
}


#: more values of one name than this share a chip
APART = 6


class Chip(NamedTuple):
    """`label` is a message id, `value` one if `is_message`; `without` is the query string once removed.
    `number` of values that the chip stands for; where they are several, `value` has them all."""

    name: str
    label: str
    value: str
    is_message: bool
    without: str
    number: int = 1


def chips(chosen: TicketFilter, *kept: tuple[str, str]) -> Iterator[Chip]:
    """The restrictions of a filter; the pairs `kept` (a sort order) stay when one is removed."""
    names = Counter(name for name, _ in chosen.items())
    for name, number in names.items():
        if number > APART:
            rest = urlencode([*chosen.without(name).items(), *kept])
            yield Chip(name, LABELS[name], ", ".join(getattr(chosen, name)), False, rest, number)
    for name, value in chosen.items():
        if names[name] > APART:
            continue
        words = VALUES.get(name, {}).get(value)
        if words is None and value == NONE:
            words = N_("(none)")
        rest = urlencode([*chosen.without(name, value).items(), *kept])
        text = value.replace("T", " ") if name == "as_of" else value
        yield Chip(name, LABELS.get(name, name), words or text, words is not None, rest)
