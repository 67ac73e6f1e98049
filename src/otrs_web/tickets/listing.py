"""The list behind every number: filtered, sorted, paged by offset or by key, or streamed whole."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import numpy as np
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.models import Ticket
from otrs_web.tickets.columns import Columns, Integers
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.rows import read_rows
from otrs_web.tickets.snapshot import load_view, memory
from otrs_web.tickets.values import is_whole
from otrs_web.tickets.view import View

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
#: so many tickets are put in order by themselves; for more, all are, once for each state of the data
FEW = 5000
MAX_OFFSET = 10**9
MAX_KEY = 10**18
_BOUNDS = {
    "limit": N_("a whole number from 1 to 1000"),
    "offset": N_("a whole number, 0 or more"),
    "after": N_("the key that the page before gave"),
}


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
            _read_key(own["after"])
        return cls(
            filter=TicketFilter.parse(rest),
            sort=sort,
            limit=_whole("limit", own.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT),
            offset=_whole("offset", own.get("offset"), 0, 0, MAX_OFFSET),
            after=own.get("after"),
        )


@dataclass(frozen=True, slots=True)
class TicketPage:
    """`tickets` are rows with the attributes that were asked for; `next_after` is None on the last page."""

    total: int
    as_of: datetime
    tickets: Sequence[Any]
    limit: int
    offset: int
    next_after: str | None


async def list_tickets(
    session: AsyncSession, options: ListOptions, names: Sequence[str] = COLUMNS
) -> TicketPage:
    """One page of the columns `names`, and the total: a query for the rows beside those of the view, however
    deep the page is."""
    view = await load_view(session, options.filter)
    found = await ordered(session, view, options.sort)
    start = options.offset if options.after is None else _place(view, found, options.after)
    places = found[start : start + options.limit]
    more = start + options.limit < len(found)
    key = _write_key(int(view.columns.ids[places[-1]]), start + options.limit) if more else None
    rows = await read_rows(session, view, places, names)
    return TicketPage(len(found), view.as_of, rows, options.limit, options.offset, key)


async def count_tickets(session: AsyncSession, ticket_filter: TicketFilter) -> int:
    """How many tickets the filter chooses."""
    return (await load_view(session, ticket_filter)).total


async def stream_tickets(
    session: AsyncSession,
    ticket_filter: TicketFilter,
    sort: str = DEFAULT_SORT,
    names: Sequence[str] = COLUMNS,
) -> AsyncIterator[Sequence[Any]]:
    """All rows of the filter, with the columns `names`, in batches: memory stays flat, the view is one
    consistent snapshot."""
    view = await load_view(session, ticket_filter)
    places = await ordered(session, view, sort)
    for start in range(0, len(places), STREAM_ROWS):
        yield await read_rows(session, view, places[start : start + STREAM_ROWS], names)


async def ordered(session: AsyncSession, view: View, sort: str) -> Integers:
    """The places of the view's tickets among the columns, in the order of a column, descending with a leading
    `-`. Blank values come first ascending and last descending on every database; the id breaks ties."""
    name = sort.removeprefix("-")
    known = memory(session, view.columns.version)
    order = known.get(("order", name), np.ndarray)
    if order is None and view.total <= FEW and name not in {**view.columns.times, **view.columns.coded}:
        found = await _sorted_by_database(session, view.columns, name, np.flatnonzero(view.chosen))
    else:
        if order is None:
            order = (await _order(session, view.columns, name)).astype(np.int32)
            known.keep(("order", name), order)
        found = order[view.chosen[order]]
    return found[::-1] if sort.startswith("-") else found


async def _order(session: AsyncSession, columns: Columns, name: str) -> Integers:
    """All tickets in the order of a column. What the columns do not hold, the database sorts."""
    if name in columns.times:
        return await asyncio.to_thread(np.argsort, columns.times[name], kind="stable")
    if name in columns.coded:
        return await asyncio.to_thread(np.argsort, columns.coded[name].codes, kind="stable")
    return await _sorted_by_database(session, columns, name)


async def _sorted_by_database(
    session: AsyncSession, columns: Columns, name: str, places: Integers | None = None
) -> Integers:
    """All tickets, or those at few `places`, in the order of a column."""
    column = getattr(Ticket, name)
    if isinstance(column.type, String) and session.get_bind().dialect.name == "postgresql":
        column = column.collate("C")  # by code points, as on SQLite: not by a language's rules
    query = select(Ticket.id).order_by(column.asc().nulls_first(), Ticket.id.asc())
    if places is not None:
        query = query.where(Ticket.id.in_(columns.ids[places].tolist()))
    ids = np.array((await session.scalars(query)).all(), np.int64)
    return np.searchsorted(columns.ids, ids)


def _place(view: View, found: Integers, key: str) -> int:
    """Where the page behind a key begins: behind its ticket, or where that stood if it is gone."""
    ticket_id, place = _read_key(key)
    behind = np.flatnonzero(view.columns.ids[found] == ticket_id)
    return int(behind[0]) + 1 if len(behind) else place


def _write_key(ticket_id: int, place: int) -> str:
    return base64.urlsafe_b64encode(f"{ticket_id}.{place}".encode()).decode().rstrip("=")


def _read_key(key: str) -> tuple[int, int]:
    try:
        text = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode()
        ticket_id, place = text.split(".")
        return _whole("after", ticket_id, 0, 0, MAX_KEY), _whole("after", place, 0, 0, MAX_OFFSET)
    except ValueError:
        raise FilterError("after", key, _BOUNDS["after"]) from None


def _whole(name: str, text: str | None, default: int, low: int, high: int) -> int:
    if text is None:
        return default
    if not (is_whole(text) and low <= int(text) <= high):
        raise FilterError(name, text, _BOUNDS[name])
    return int(text)
