"""What every page's frame says about the data."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.imports.history import latest_import
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import resolve


async def data_as_of(session: AsyncSession) -> datetime | None:
    """The time that the stored tickets stand for; None before the first import."""
    if await latest_import(session) is None:
        return None
    return await resolve(session, TicketFilter())
