"""Which changes a reader wants to see: query string <-> typed filter. An unknown name or a value that cannot
be is refused, never ignored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from otrs_web.i18n import N_
from otrs_web.tickets.periods import parse_day
from otrs_web.tickets.values import FilterError

_DAY = N_("a day such as 2026-02-28")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """`from_` and `to` are days of the site, both included; `q` is looked for in details, file and who. Empty
    values do not restrict; several kinds mean any of them."""

    kind: tuple[str, ...] = ()
    from_: date | None = None
    to: date | None = None
    q: str | None = None

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From the pairs of a query string; blank values do not count. Raises FilterError."""
        given: dict[str, list[str]] = {}
        for name, text in pairs:
            if name not in {"kind", "from", "to", "q"}:
                raise FilterError(name, text, N_("a known filter name"))
            if text.strip():
                given.setdefault(name, []).append(text.strip())
        for name in ("from", "to", "q"):
            if len(set(given.get(name, ()))) > 1:
                raise FilterError(name, " ".join(given[name]), N_("only one value"))
        first, last = _day("from", given), _day("to", given)
        if first and last and last < first:
            raise FilterError("to", last.isoformat(), N_("a day that is not before the first"))
        return cls(tuple(dict.fromkeys(given.get("kind", ()))), first, last, _text("q", given))

    def items(self) -> Iterator[tuple[str, str]]:
        """The pairs of the query string that means this filter."""
        yield from (("kind", kind) for kind in self.kind)
        for name, value in (("from", self.from_), ("to", self.to), ("q", self.q)):
            if value is not None:
                yield name, str(value)

    def query(self, *more: tuple[str, str]) -> str:
        return urlencode([*self.items(), *more])

    def replace(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def without(self, name: str, value: str) -> Self:
        """The filter without the restriction `name`, or without one `value` of it."""
        if name == "kind":
            return replace(self, kind=tuple(kind for kind in self.kind if kind != value))
        return self.replace(**{"from_" if name == "from" else name: None})


def _day(name: str, given: dict[str, list[str]]) -> date | None:
    if name not in given:
        return None
    try:
        return parse_day(given[name][0])
    except ValueError:
        raise FilterError(name, given[name][0], _DAY) from None


def _text(name: str, given: dict[str, list[str]]) -> str | None:
    if name not in given:
        return None
    if "\0" in given[name][0]:  # no stored text has it, and databases do not agree on what comes behind
        raise FilterError(name, given[name][0], N_("a text"))
    return given[name][0]
