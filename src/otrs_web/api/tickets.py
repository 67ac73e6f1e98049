"""The list behind every number, for programs: a page of it as JSON, or all of it as a file."""

from collections.abc import AsyncIterator, Callable

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from otrs_web.api.answers import TicketList
from otrs_web.api.downloads import begun, download
from otrs_web.api.queries import (
    FILTER,
    PARAMETERS,
    ListOperation,
    SortedOperation,
    query_pairs,
)
from otrs_web.api.responses import file_of, problems
from otrs_web.database import Database
from otrs_web.exports import delimited, structured, workbook
from otrs_web.exports.tickets import tickets_csv, tickets_json, tickets_xlsx
from otrs_web.reader import AnyRequest
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import ListOptions

PAGING = ("limit", "offset", "after")


class TicketsController(Controller):
    tags = ("Tickets",)
    opt = {PARAMETERS: FILTER}  # noqa: RUF012 - as the framework declares it

    @get(
        "/tickets.json",
        summary="Tickets of a filter: all of them, or a page",
        operation_class=ListOperation,
        responses={
            200: ResponseSpec(TicketList, description="The tickets.", generate_examples=False),
            **problems(400),
        },
    )
    async def json(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """Without `limit`, `offset` or `after` all tickets come, streamed."""
        pairs = query_pairs(request)
        paged = any(name in PAGING and value.strip() for name, value in pairs)
        octets = tickets_json(db, ListOptions.parse(pairs), records, paged=paged)
        return Stream(await begun(octets), media_type=structured.MEDIA_TYPE)

    @get(
        "/tickets.csv",
        summary="All tickets of a filter as comma-separated text",
        operation_class=SortedOperation,
        responses={
            **file_of(delimited.MEDIA_TYPE, "All tickets, UTF-8 with a byte order mark."),
            **problems(400),
        },
    )
    async def csv(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """Paging does not count. Text that a spreadsheet would take for a formula is marked as text."""
        return await _file(request, db, records, tickets_csv, delimited.MEDIA_TYPE, "tickets.csv")

    @get(
        "/tickets.xlsx",
        summary="All tickets of a filter as a workbook",
        operation_class=SortedOperation,
        responses={**file_of(workbook.MEDIA_TYPE, "All tickets."), **problems(400)},
    )
    async def xlsx(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """Paging does not count."""
        return await _file(request, db, records, tickets_xlsx, workbook.MEDIA_TYPE, "tickets.xlsx")


async def _file(
    request: AnyRequest,
    db: Database,
    records: Records,
    write: Callable[[Database, TicketFilter, str, Records], AsyncIterator[bytes]],
    media_type: str,
    name: str,
) -> Stream:
    options = ListOptions.parse(query_pairs(request))
    octets = write(db, options.filter, options.sort, records)
    return await download(request, octets, media_type, name)
