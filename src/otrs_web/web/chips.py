"""A filter in words: what it restricts, each restriction with the address of the same page without it."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from otrs_web.stats.wording import LABELS, word_of
from otrs_web.tickets.filter import TicketFilter

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
        words = word_of(name, value)
        rest = urlencode([*chosen.without(name, value).items(), *kept])
        text = value.replace("T", " ") if name == "as_of" else value
        yield Chip(name, LABELS[name], words or text, words is not None, rest)
