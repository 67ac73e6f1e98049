"""Where the stored tickets come from: how many files they were last touched by, and when the last of them was
imported."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import Ticket
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import resolve


class Sources(NamedTuple):
    """`files` counts file names; `last_import` is a system time, None without tickets."""

    files: int
    last_import: datetime | None


async def sources(session: AsyncSession, ticket_filter: TicketFilter) -> Sources:
    """The sources of the tickets that the filter chooses."""
    as_of = await resolve(session, ticket_filter)
    query = select(func.count(Ticket.data_source.distinct()), func.max(Ticket.import_time))
    files, last_import = (await session.execute(query.where(*ticket_filter.where(as_of)))).one()
    return Sources(files, last_import)
