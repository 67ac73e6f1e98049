"""The one grammar of filters: query string or JSON <-> typed filter <-> WHERE clause.

Every number carries the filter of exactly the tickets that it counts, so this module decides what a number
means. An unknown name or a value that cannot be is refused, never ignored.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote_plus

from sqlalchemy import ColumnElement, and_, not_, or_

from otrs_web.i18n import N_
from otrs_web.models import Ticket
from otrs_web.tickets.periods import Span, format_instant, parse_span
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
            if name in VALUE_FIELDS or name == "age":
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

    def where(self, as_of: datetime) -> list[ColumnElement[bool]]:
        """The conditions of this filter with ages and openness at `as_of`; the caller resolves `self.as_of`
        (see `snapshot.resolve`) once per request, so that all parts of a page mean the same instant."""
        conditions = [
            _any_of(getattr(Ticket, name), values) for name in VALUE_FIELDS if (values := getattr(self, name))
        ]
        conditions += self._when(as_of)
        conditions += self._what(as_of)
        return conditions

    def _when(self, as_of: datetime) -> Iterator[ColumnElement[bool]]:
        if self.from_:
            yield Ticket.created_date >= datetime.combine(self.from_, time())
        if self.to:
            yield Ticket.created_date < datetime.combine(self.to, time()) + timedelta(days=1)
        if self.created_on:
            yield _within(Ticket.created_date, parse_span(self.created_on), as_of)
        if self.closed_on:
            yield _within(Ticket.left_at, parse_span(self.closed_on), as_of)

    def _what(self, as_of: datetime) -> Iterator[ColumnElement[bool]]:
        is_open = Ticket.is_open_at(as_of)
        if self.open is not None:
            yield is_open if self.open else not_(is_open)
        if self.age:
            yield and_(is_open, _any_of(Ticket.age_segment(as_of), self.age))
        if self.first_response:
            blank = Ticket.lacks_first_response()
            yield blank if self.first_response == "empty" else not_(blank)
        if self.reopened is not None:
            reopened = and_(is_open, Ticket.is_open, Ticket.closed_date.is_not(None))
            yield reopened if self.reopened else not_(reopened)
        if self.undated is not None:
            yield Ticket.created_date.is_(None) if self.undated else Ticket.created_date.is_not(None)
        if self.upload_id is not None:
            yield Ticket.upload_id == self.upload_id
        if self.q:
            yield or_(
                Ticket.ticket_number.icontains(self.q, autoescape=True),
                Ticket.title.icontains(self.q, autoescape=True),
            )


_NAMES = tuple((field.name, field.name.rstrip("_")) for field in fields(TicketFilter))


def _any_of(column: Any, values: tuple[str, ...]) -> ColumnElement[bool]:
    named = [value for value in values if value != NONE]
    chosen: list[ColumnElement[bool]] = [column.in_(named)] if named else []
    if NONE in values:
        chosen.append(column.is_(None))
    return or_(*chosen)


def _within(column: Any, span: Span, as_of: datetime) -> ColumnElement[bool]:
    """Within the span and not after `as_of`: a series ends there, and its last day counts no later ticket."""
    return and_(column >= span.start, column < span.end, column <= as_of)
