"""The list behind every number, for programs: a page of it as JSON, or all of it as a file."""

from collections.abc import AsyncIterator, Callable

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Stream

from otrs_web.api.answers import TicketList, TicketRow
from otrs_web.api.labels import attachment
from otrs_web.api.queries import (
    FILTER,
    PARAMETERS,
    ListOperation,
    SortedOperation,
    query_pairs,
)
from otrs_web.api.responses import SENT_AS_IT_IS, file_of, problems
from otrs_web.database import Database
from otrs_web.exports import delimited, workbook
from otrs_web.exports.tickets import tickets_csv, tickets_xlsx
from otrs_web.reader import AnyRequest
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import COLUMNS, ListOptions, list_tickets


class TicketsController(Controller):
    tags = ("Tickets",)
    opt = {PARAMETERS: FILTER}  # noqa: RUF012 - as the framework declares it

    @get(
        "/tickets.json",
        summary="Tickets of a filter, a page at a time",
        operation_class=ListOperation,
        responses=problems(400),
    )
    async def json(self, request: AnyRequest, db: NamedDependency[Database]) -> TicketList:
        options = ListOptions.parse(query_pairs(request))
        async with db.read() as session:
            page = await list_tickets(session, options)
        return TicketList(
            total=page.total,
            as_of=page.as_of,
            tickets=[TicketRow(*(getattr(row, name) for name in COLUMNS)) for row in page.tickets],
            limit=page.limit,
            offset=page.offset,
            next_after=page.next_after,
        )

    @get(
        "/tickets.csv",
        summary="All tickets of a filter as comma-separated text",
        operation_class=SortedOperation,
        opt={SENT_AS_IT_IS: True},
        responses={
            **file_of(delimited.MEDIA_TYPE, "All tickets, UTF-8 with a byte order mark."),
            **problems(400),
        },
    )
    async def csv(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        """Paging does not count. Text that a spreadsheet would take for a formula is marked as text."""
        return _file(request, db, tickets_csv, delimited.MEDIA_TYPE, "tickets.csv")

    @get(
        "/tickets.xlsx",
        summary="All tickets of a filter as a workbook",
        operation_class=SortedOperation,
        opt={SENT_AS_IT_IS: True},
        responses={**file_of(workbook.MEDIA_TYPE, "All tickets."), **problems(400)},
    )
    async def xlsx(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        """Paging does not count."""
        return _file(request, db, tickets_xlsx, workbook.MEDIA_TYPE, "tickets.xlsx")


def _file(
    request: AnyRequest,
    db: Database,
    write: Callable[[Database, TicketFilter, str], AsyncIterator[bytes]],
    media_type: str,
    name: str,
) -> Stream:
    options = ListOptions.parse(query_pairs(request))

    async def octets() -> AsyncIterator[bytes]:
        async with request.app.state.downloads:
            async for piece in write(db, options.filter, options.sort):
                yield piece

    return Stream(octets(), media_type=media_type, headers={"content-disposition": attachment(name)})
