"""What every page's frame says about the data."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import instant


async def data_as_of(session: AsyncSession) -> datetime | None:
    """The time that the stored tickets stand for; None where there are none."""
    return (await instant(session, TicketFilter())).snapshot
