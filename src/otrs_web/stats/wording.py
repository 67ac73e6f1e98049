"""A filter in words, for pages and files alike. All texts are message ids: English, translated where they are
shown."""

from collections.abc import Callable, Mapping, Sequence

from otrs_web.i18n import N_
from otrs_web.stats.distributions import AGE_LABELS, DAILY_AGE_LABELS
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
    "daily_age": N_("Age"),
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
    "daily_age": DAILY_AGE_LABELS,
    "first_response": {"empty": N_("missing"), "given": N_("given")},
    "reopened": {"true": N_("yes"), "false": N_("no")},
    "undated": {"true": N_("missing"), "false": N_("given")},
    "as_of": {"now": N_("now")},
}


def word_of(name: str, value: str) -> str | None:
    """The message id for a value of a filter that is not a text of the data."""
    return VALUES.get(name, {}).get(value) or (N_("(none)") if value == NONE else None)


def in_words(chosen: TicketFilter, gettext: Callable[[str], str]) -> Sequence[tuple[str, str]]:
    """The restrictions of a filter as pairs of what and which: all values of a name in one."""
    words: dict[str, list[str]] = {}
    for name, value in chosen.items():
        known = word_of(name, value)
        text = value.replace("T", " ") if name == "as_of" else value
        words.setdefault(name, []).append(gettext(known) if known else text)
    return [(gettext(LABELS[name]), ", ".join(values)) for name, values in words.items()]
