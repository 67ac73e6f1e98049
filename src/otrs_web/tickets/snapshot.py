"""What one request sees of the data: which version of them, at which instant, and the view of its filter.

A process keeps the newest version's columns and the views that were asked for last; a newer version makes it
forget them. So the pages of one list, or the parts of one page, select their tickets once.
"""

import asyncio
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import site_now
from otrs_web.models import DataState, StoredFacts, Ticket
from otrs_web.tickets.columns import Booleans, Columns
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.values import spellings
from otrs_web.tickets.view import View

#: so many results are kept for one version of the data: a view is a byte per ticket
KEPT = 24

Kept = TypeVar("Kept")


class Instant(NamedTuple):
    """`version` counts the states of the data, `as_of` is the filter's wall-clock time of the site,
    `snapshot` that of the latest export; None without any data."""

    version: int
    as_of: datetime
    snapshot: datetime | None


class Memory:
    """What this process knows of one version of the data."""

    def __init__(self, version: int = -1) -> None:
        self.version = version
        self.columns: Columns | None = None
        self.loading = asyncio.Lock()
        self._kept: dict[Any, Any] = {}

    def get(self, key: Any, kind: type[Kept]) -> Kept | None:
        """What was kept under this key; it then counts as used last."""
        found = self._kept.pop(key, None)
        if found is None:
            return None
        self._kept[key] = found
        assert isinstance(found, kind)
        return found

    def keep(self, key: Any, value: Any) -> None:
        self._kept[key] = value
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def forget(self) -> None:
        """All but the columns."""
        self._kept.clear()


def memory(session: AsyncSession, version: int) -> Memory:
    """This process's memory of the version. A request that began before a newer one has one of its own."""
    shelf: dict[str, Memory] = session.info["memory"]
    known = shelf.get("newest")
    if known is None or known.version < version:
        known = shelf["newest"] = Memory(version)
    return known if known.version == version else Memory(version)


async def instant(session: AsyncSession, ticket_filter: TicketFilter) -> Instant:
    """The data's version and the filter's instant: the latest snapshot's, unless the filter says else;
    without any import yet, the present."""
    query = select(DataState.version, DataState.as_of).where(DataState.id == 1)
    row = (await session.execute(query)).one_or_none()
    version, snapshot = (row.version, row.as_of) if row else (0, None)
    wanted = snapshot if ticket_filter.as_of is None else ticket_filter.as_of
    as_of = wanted if isinstance(wanted, datetime) else site_now(session.info["timezone"])
    return Instant(version, as_of, snapshot)


async def resolve(session: AsyncSession, ticket_filter: TicketFilter) -> datetime:
    """The filter's `as_of` as a site wall-clock time."""
    return (await instant(session, ticket_filter)).as_of


async def load_view(session: AsyncSession, ticket_filter: TicketFilter) -> View:
    """The view of the filter: one query where the process knows the data's version; once per version, one
    that loads them; and one more for a filter that searches."""
    now = await instant(session, ticket_filter)
    return await view_at(session, ticket_filter.pinned(now.as_of), now)


async def view_at(session: AsyncSession, ticket_filter: TicketFilter, now: Instant) -> View:
    """The same where the instant is known already."""
    known = memory(session, now.version)
    key = ("view", ticket_filter, now.as_of)
    if view := known.get(key, View):
        return view
    columns = await _columns(session, known)
    found = None if ticket_filter.q is None else await _found(session, columns, ticket_filter.q)
    view = View(columns, ticket_filter, now.as_of, found)
    known.keep(key, view)
    return view


async def _columns(session: AsyncSession, known: Memory) -> Columns:
    async with known.loading:
        if known.columns is None:
            query = select(StoredFacts.columns).where(StoredFacts.version == known.version)
            if octets := await session.scalar(query):
                known.columns = await asyncio.to_thread(Columns.decode, octets, known.version)
        if known.columns is None:
            known.columns = await session.run_sync(lambda s: Columns.read(s.connection(), known.version))
        return known.columns


async def _found(session: AsyncSession, columns: Columns, words: str) -> Booleans:
    """In whose number or title the words are, whatever their case."""
    if "\0" in words:  # no stored text has it, and databases do not agree on what comes behind
        return np.zeros(len(columns), np.bool_)
    texts = (Ticket.ticket_number, Ticket.title)
    query = select(Ticket.id).where(
        or_(*(text.icontains(word, autoescape=True) for text in texts for word in spellings(words)))
    )
    ids = np.array((await session.scalars(query)).all(), np.int64)
    return np.isin(columns.ids, ids, assume_unique=True)
