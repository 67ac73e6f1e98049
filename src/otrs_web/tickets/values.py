"""The values that a filter may have, each read and checked by itself: days, weeks, instants, yes or no."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from otrs_web.clock import utc_now
from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS, DAILY_AGE_SEGMENTS
from otrs_web.tickets.periods import parse_day, parse_instant, parse_span

#: stands for a blank value in a filter and in a distribution
NONE = "(none)"
STATE_TYPES = ("new", "open", "pending", "closed", "merged", "removed", "unknown")


class FilterError(ValueError):
    """A filter that cannot be: `name`, the `value` given and what is `expected` (an English message id)."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value}: {expected}")
        self.name = name
        self.value = value
        self.expected = expected


def checked(name: str, text: str) -> str:
    if name == "age" and text not in (*AGE_SEGMENTS, NONE):
        raise FilterError(name, text, N_("24h, 24_48h, 48_72h, 72h or (none)"))
    if name == "daily_age" and text not in DAILY_AGE_SEGMENTS:
        raise FilterError(name, text, N_("lt_24h, 24_48h, 48_72h, 72_96h or gt_96h"))
    if name == "state_type" and text not in STATE_TYPES:
        raise FilterError(name, text, N_("new, open, pending, closed, merged, removed or unknown"))
    return text


def _boolean(text: str) -> bool:
    return _only(text.lower(), "true", "false") == "true"


def _only(text: str, *allowed: str) -> str:
    if text not in allowed:
        raise ValueError(text)
    return text


def _span(text: str) -> str:
    parse_span(text)
    return text


def is_whole(text: str) -> bool:
    """Whether the text is a whole number, not negative, that is short enough to be read."""
    return text.isascii() and text.isdigit() and len(text) <= 19


def _number(text: str) -> int:
    if not is_whole(text) or len(text) > 9:
        raise ValueError(text)
    return int(text)


def spellings(words: str) -> list[str]:
    """In which words are to be looked for, whatever their case: SQLite itself knows that of ASCII only."""
    return [words] if words.isascii() else sorted({words, words.lower(), words.upper(), words.capitalize()})


def _as_of(text: str) -> datetime | str:
    return text if text == "now" else past_instant(text)


def past_instant(text: str) -> datetime:
    """`parse_instant`, refusing the future; with a day of leeway, since the site's clock may be ahead of this
    machine's by its zone."""
    instant = parse_instant(text)
    if instant > utc_now().replace(tzinfo=None) + timedelta(days=1):
        raise ValueError(text)
    return instant


_DAY = N_("a day such as 2026-02-28")
_SPAN = N_("a day (2026-02-28), a week (2026-W07), a month (2026-02) or two days (2026-02-01..2026-02-15)")
_TRUE_FALSE = N_("true or false")
#: names that take one value: how it is read, and what is expected (a message id)
READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "from": (parse_day, _DAY),
    "to": (parse_day, _DAY),
    "open": (_boolean, _TRUE_FALSE),
    "reopened": (_boolean, _TRUE_FALSE),
    "undated": (_boolean, _TRUE_FALSE),
    "first_response": (lambda text: _only(text, "empty", "given"), N_("empty or given")),
    "created_on": (_span, _SPAN),
    "closed_on": (_span, _SPAN),
    "upload_id": (_number, N_("the number of an upload")),
    "q": (str, N_("a text")),
    "as_of": (_as_of, N_("a time such as 2026-05-31T23:59 that is not in the future, or now")),
}
