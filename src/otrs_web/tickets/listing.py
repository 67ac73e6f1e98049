"""The list behind every number: filtered, sorted, paged by offset or by key, or streamed whole."""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.models import Ticket, UtcDateTime, WallClock
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.snapshot import resolve

#: the columns of the list, in the order of the original's table
COLUMNS = (
    "id",
    "ticket_number",
    "created_date",
    "closed_date",
    "state",
    "priority",
    "first_response",
    "age",
    "age_hours",
    "queue",
    "owner",
    "customer_id",
    "customer_realname",
    "title",
    "service",
    "type",
    "category",
    "sub_category",
    "responsible",
    "import_time",
    "data_source",
    "state_type",
    "is_open",
    "upload_id",
)
DEFAULT_SORT = "-created_date"
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
STREAM_ROWS = 2000
MAX_OFFSET = 10**9
_BOUNDS = {"limit": N_("a whole number from 1 to 1000"), "offset": N_("a whole number, 0 or more")}


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What to list: `sort` is a column name, descending with a leading `-`; `after` a key from the page
    before (it then takes the place of `offset`)."""

    filter: TicketFilter = field(default_factory=TicketFilter)
    sort: str = DEFAULT_SORT
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str | None = None

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Options and filter from a query string. Raises FilterError."""
        own: dict[str, str] = {}
        rest: list[tuple[str, str]] = []
        for name, value in pairs:
            if name not in ("sort", "limit", "offset", "after"):
                rest.append((name, value))
            elif value.strip():
                own[name] = value.strip()
        sort = own.get("sort", DEFAULT_SORT)
        if sort.removeprefix("-") not in COLUMNS:
            raise FilterError("sort", sort, N_("a column name, with a leading - for descending order"))
        if "after" in own:
            _read_key(own["after"], sort)
        return cls(
            filter=TicketFilter.parse(rest),
            sort=sort,
            limit=_whole("limit", own.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT),
            offset=_whole("offset", own.get("offset"), 0, 0, MAX_OFFSET),
            after=own.get("after"),
        )


@dataclass(frozen=True, slots=True)
class TicketPage:
    """`tickets` are rows with the attributes COLUMNS; `next_after` is None on the last page."""

    total: int
    as_of: datetime
    tickets: Sequence[Row[Any]]
    limit: int
    offset: int
    next_after: str | None


async def list_tickets(session: AsyncSession, options: ListOptions) -> TicketPage:
    """One page and the total: two queries beside the one that resolves `as_of`."""
    as_of = await resolve(session, options.filter)
    conditions = options.filter.where(as_of)
    total = await session.scalar(select(func.count()).select_from(Ticket).where(*conditions)) or 0
    query = _ordered(select(*_columns()).where(*conditions), options.sort).limit(options.limit + 1)
    if options.after:
        query = query.where(_beyond(options.sort, options.after))
    elif options.offset:
        query = query.offset(options.offset)
    rows = (await session.execute(query)).all()
    page = rows[: options.limit]
    more = len(rows) > options.limit
    key = _write_key(page[-1], options.sort) if more else None
    return TicketPage(total, as_of, page, options.limit, options.offset, key)


async def count_tickets(session: AsyncSession, ticket_filter: TicketFilter) -> int:
    """How many tickets the filter chooses."""
    as_of = await resolve(session, ticket_filter)
    query = select(func.count()).select_from(Ticket).where(*ticket_filter.where(as_of))
    return await session.scalar(query) or 0


async def stream_tickets(
    session: AsyncSession, ticket_filter: TicketFilter, sort: str = DEFAULT_SORT
) -> AsyncIterator[Sequence[Row[Any]]]:
    """All rows of the filter in batches: memory stays flat, the view is one consistent snapshot."""
    as_of = await resolve(session, ticket_filter)
    query = _ordered(select(*_columns()).where(*ticket_filter.where(as_of)), sort)
    result = await session.stream(query.execution_options(yield_per=STREAM_ROWS))
    async for batch in result.partitions():
        yield batch


def _columns() -> list[Any]:
    return [getattr(Ticket, name) for name in COLUMNS]


def _direction(sort: str) -> tuple[Any, bool]:
    return getattr(Ticket, sort.removeprefix("-")), sort.startswith("-")


def _ordered(query: Select[Any], sort: str) -> Select[Any]:
    """Blank values come first ascending and last descending on every database; the id breaks ties."""
    column, descending = _direction(sort)
    if descending:
        return query.order_by(column.desc().nulls_last(), Ticket.id.desc())
    return query.order_by(column.asc().nulls_first(), Ticket.id.asc())


def _beyond(sort: str, key: str) -> ColumnElement[bool]:
    column, descending = _direction(sort)
    value, last_id = _read_key(key, sort)
    past_id = Ticket.id < last_id if descending else Ticket.id > last_id
    if value is None:
        same = and_(column.is_(None), past_id)
        return same if descending else or_(same, column.is_not(None))
    same = and_(column == value, past_id)
    return or_(column < value, same, column.is_(None)) if descending else or_(column > value, same)


def _write_key(row: Row[Any], sort: str) -> str:
    value = getattr(row, sort.removeprefix("-"))
    if isinstance(value, datetime):
        value = value.isoformat()
    text = json.dumps([value, row.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_key(key: str, sort: str) -> tuple[Any, int]:
    column, _descending = _direction(sort)
    try:
        text = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode()
        value, last_id = json.loads(text)
        if value is not None and isinstance(column.type, WallClock | UtcDateTime):
            value = datetime.fromisoformat(value)
        return value, int(last_id)
    except (binascii.Error, ValueError, TypeError):
        raise FilterError("after", key, N_("the key that the page before gave")) from None


def _whole(name: str, text: str | None, default: int, low: int, high: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text[:12]) <= high):
        raise FilterError(name, text, _BOUNDS[name])
    return int(text)
