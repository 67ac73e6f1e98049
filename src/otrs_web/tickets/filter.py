"""The one grammar of filters: query string or JSON <-> typed filter. What it chooses is said in `view`.

Every number carries the filter of exactly the tickets that it counts. An unknown name or a value that cannot
be is refused, never ignored.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote_plus

from otrs_web.i18n import N_
from otrs_web.tickets.periods import format_instant
from otrs_web.tickets.values import NONE, READERS, STATE_TYPES, FilterError, checked

__all__ = ["NONE", "STATE_TYPES", "VALUE_FIELDS", "FilterError", "TicketFilter"]

VALUE_FIELDS = (
    "state",
    "state_type",
    "priority",
    "queue",
    "type",
    "service",
    "category",
    "customer_id",
    "responsible",
    "owner",
)


_UNCHANGED: Mapping[str, Any] = MappingProxyType({})
#: a page has thousands of links made of the same few values
_quoted = lru_cache(maxsize=8192)(quote_plus)


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets. Empty tuples and None do not restrict; several values of one name mean any of them.

    `created_on` and `closed_on` keep the text they were given, `as_of` is None for the latest snapshot.
    """

    from_: date | None = None
    to: date | None = None
    state: tuple[str, ...] = ()
    state_type: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    customer_id: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    open: bool | None = None
    age: tuple[str, ...] = ()
    daily_age: tuple[str, ...] = ()
    first_response: str | None = None
    reopened: bool | None = None
    undated: bool | None = None
    created_on: str | None = None
    closed_on: str | None = None
    upload_id: int | None = None
    q: str | None = None
    as_of: datetime | str | None = None

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """A filter from the pairs of a query string; blank values do not count. Raises FilterError."""
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if value.strip():
                given.setdefault(name, []).append(value if name in VALUE_FIELDS else value.strip())
        return cls._from_lists(given)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """A filter from a JSON object: strings, numbers, true/false or lists of them. Raises FilterError."""
        pairs: list[tuple[str, str]] = []
        for name, value in body.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict | list):
                    raise FilterError(name, str(item), N_("a text, a number, or a list of them"))
                if item is not None:
                    text = str(item).lower() if isinstance(item, bool) else str(item)
                    pairs.append((name, text))
        return cls.parse(pairs)

    @classmethod
    def _from_lists(cls, given: dict[str, list[str]]) -> Self:
        values: dict[str, Any] = {}
        for name, texts in given.items():
            if name in VALUE_FIELDS or name in ("age", "daily_age"):
                values[name] = tuple(dict.fromkeys(checked(name, text) for text in texts))
            elif reader := READERS.get(name):
                if len(set(texts)) > 1:
                    raise FilterError(name, " ".join(texts), N_("only one value"))
                read, expected = reader
                try:
                    values["from_" if name == "from" else name] = read(texts[0])
                except (ValueError, OverflowError):
                    raise FilterError(name, texts[0], expected) from None
            else:
                raise FilterError(name, texts[0], N_("a known filter name"))
        return cls(**values)

    def items(self, changes: Mapping[str, Any] = _UNCHANGED) -> Iterator[tuple[str, str]]:
        """The pairs of the query string that means this filter, with `changes`, in a fixed order."""
        for attribute, name in _NAMES:
            value = changes[attribute] if attribute in changes else getattr(self, attribute)
            if value is None or value == ():
                continue
            if isinstance(value, tuple):
                yield from ((name, item) for item in value)
            elif isinstance(value, bool):
                yield name, "true" if value else "false"
            elif isinstance(value, datetime):
                yield name, format_instant(value)
            else:
                yield name, str(value)

    def query(self, changes: Mapping[str, Any] = _UNCHANGED) -> str:
        """The query string, without a question mark, of this filter or of this filter with `changes`."""
        return "&".join([f"{name}={_quoted(value)}" for name, value in self.items(changes)])

    def replace(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def narrowed(self, **changes: Any) -> Self | None:
        """With further restrictions, or None if one contradicts what is chosen already: no ticket is left."""
        for name, value in changes.items():
            chosen = getattr(self, name)
            contradicts = set(value).isdisjoint(chosen) if isinstance(value, tuple) else chosen != value
            if chosen not in (None, ()) and contradicts:
                return None
        return replace(self, **changes)

    def without(self, name: str, value: str | None = None) -> Self:
        """The filter without the restriction `name`, or without one `value` of it (for removable chips)."""
        attribute = "from_" if name == "from" else name
        current = getattr(self, attribute)
        kept = tuple(v for v in current if value not in (None, v)) if isinstance(current, tuple) else None
        return self.replace(**{attribute: kept})

    def pinned(self, as_of: datetime) -> Self:
        """The same filter with `now` replaced by the instant that it meant, so that links stay true."""
        return replace(self, as_of=as_of) if self.as_of == "now" else self


_NAMES = tuple((field.name, field.name.rstrip("_")) for field in fields(TicketFilter))
