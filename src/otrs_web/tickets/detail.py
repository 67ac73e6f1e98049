"""One ticket: its fields, the columns of its export that have no field, and which imports touched it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import Ticket, TicketChange, Upload
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import resolve


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """`changes` are (TicketChange, Upload) pairs, newest first; `raw` the unmapped columns by header."""

    ticket: Ticket
    as_of: datetime
    is_open: bool
    raw: Mapping[str, str]
    first_upload: Upload | None
    last_upload: Upload | None
    changes: Sequence[Row[TicketChange, Upload]]


async def get_ticket(session: AsyncSession, number: str) -> TicketDetail | None:
    """The ticket of exactly this number, or None."""
    as_of = await resolve(session, TicketFilter())
    ticket = await session.scalar(select(Ticket).where(Ticket.ticket_number == number))
    if ticket is None:
        return None
    changes = await session.execute(
        select(TicketChange, Upload)
        .join(Upload, Upload.id == TicketChange.upload_id)
        .where(TicketChange.ticket_number == number)
        .order_by(TicketChange.id.desc())
    )
    return TicketDetail(
        ticket=ticket,
        as_of=as_of,
        is_open=ticket.is_open_at(as_of),
        raw=json.loads(ticket.raw_data) if ticket.raw_data else {},
        first_upload=await session.get(Upload, ticket.first_upload_id or 0),
        last_upload=await session.get(Upload, ticket.upload_id or 0),
        changes=changes.all(),
    )
