"""The instant that statistics and lists are taken at: the latest snapshot's, unless the request says else."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import site_now
from otrs_web.models import DataState
from otrs_web.tickets.filter import TicketFilter


async def resolve(session: AsyncSession, ticket_filter: TicketFilter) -> datetime:
    """The filter's `as_of` as a site wall-clock time; without any import yet, the present."""
    if isinstance(ticket_filter.as_of, datetime):
        return ticket_filter.as_of
    latest = None
    if ticket_filter.as_of is None:
        latest = await session.scalar(select(DataState.as_of).where(DataState.id == 1))
    return latest or site_now(session.info["timezone"])
