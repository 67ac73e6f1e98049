"""The list of tickets as a file: the same rows in the same order as on the page, all of them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from otrs_web.database import Database
from otrs_web.exports.delimited import csv_stream
from otrs_web.exports.structured import json_stream
from otrs_web.exports.tables import Column, Table
from otrs_web.exports.workbook import xlsx_stream
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import (
    COLUMNS,
    ListOptions,
    TicketPage,
    count_tickets,
    list_tickets,
    stream_tickets,
)
from otrs_web.tickets.snapshot import resolve

_WIDTHS = {
    "ticket_number": 20,
    "created_date": 19,
    "closed_date": 19,
    "import_time": 19,
    "first_response": 19,
    "title": 50,
    "queue": 24,
    "state": 18,
    "owner": 18,
    "responsible": 18,
    "customer_id": 18,
    "customer_realname": 24,
    "service": 18,
    "data_source": 30,
}
_KINDS = {"created_date": "moment", "closed_date": "moment", "import_time": "moment"}


async def tickets_csv(
    db: Database, ticket_filter: TicketFilter, sort: str, records: Records
) -> AsyncIterator[bytes]:
    async with db.read() as session:
        total = await count_tickets(session, ticket_filter)
        batches = stream_tickets(session, ticket_filter, sort)
        async for octets in csv_stream(COLUMNS, batches, db.settings.timezone):
            yield octets
    records.add("export_csv", total)


async def tickets_xlsx(
    db: Database, ticket_filter: TicketFilter, sort: str, records: Records
) -> AsyncIterator[bytes]:
    async with db.read() as session:
        table = Table(
            name="Tickets",
            columns=[Column(name, _KINDS.get(name, "plain"), _WIDTHS.get(name, 14)) for name in COLUMNS],
            rows=await count_tickets(session, ticket_filter),
            batches=lambda: stream_tickets(session, ticket_filter, sort),
        )
        async for octets in xlsx_stream([table], db.settings.timezone):
            yield octets
    records.add("export_xlsx", table.rows)


async def tickets_json(
    db: Database, options: ListOptions, records: Records, *, paged: bool
) -> AsyncIterator[bytes]:
    """A page of the list, or all of it: the count and the rows are of one view of the data."""

    async def one_batch(page: TicketPage) -> AsyncIterator[Sequence[Any]]:
        if page.tickets:
            yield page.tickets

    async with db.read() as session:
        members: dict[str, Any] = {"success": True}
        if paged:
            page = await list_tickets(session, options)
            batches = one_batch(page)
            members |= {"total": page.total, "as_of": page.as_of, "limit": page.limit}
            members |= {"offset": page.offset, "next_after": page.next_after}
        else:
            batches = stream_tickets(session, options.filter, options.sort)
            members |= {"total": await count_tickets(session, options.filter)}
            members |= {"as_of": await resolve(session, options.filter)}
            members |= {"limit": None, "offset": 0, "next_after": None}
        async for octets in json_stream(members, "tickets", COLUMNS, batches):
            yield octets
    records.add("ticket_list" if paged else "export_json", members["total"])
