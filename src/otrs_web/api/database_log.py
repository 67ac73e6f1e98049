"""The database log for programs and spreadsheets: every change to the data, in pages or whole."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import ClassVar

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Reference
from litestar.response import Stream

from otrs_web.api.answers import LogEntries
from otrs_web.api.downloads import begun, download
from otrs_web.api.queries import FILTER, PARAMETERS, parameter, query_pairs, whole_number
from otrs_web.api.responses import file_of, problems
from otrs_web.database import Database
from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.wording import Voice
from otrs_web.exports import delimited, structured, workbook
from otrs_web.exports.database_log import log_csv, log_json, log_xlsx
from otrs_web.reader import AnyRequest, reader

Write = Callable[[Database, LogFilter, Voice], AsyncIterator[bytes]]
DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET = 100, 1000, 10**9


@dataclass
class LogOperation(Operation):
    """Documents the filter of the log."""

    own: ClassVar[list[Parameter]] = [
        parameter("kind", "The kind of change, such as `upload`. May be repeated (any of).", many=True),
        parameter("from", "On this day or later, such as 2026-02-28."),
        parameter("to", "On this day or before."),
        parameter("q", "Details, file or who contains this."),
    ]
    paging: ClassVar[list[Parameter]] = []

    def __post_init__(self) -> None:
        given: list[Parameter | Reference] = list(self.parameters or [])
        self.parameters = [*given, *self.own, *self.paging]


@dataclass
class PagedLogOperation(LogOperation):
    paging: ClassVar[list[Parameter]] = [
        parameter("limit", "At most so many entries, up to 1000; 100 where only offset is given."),
        parameter("offset", "Leave out so many entries first."),
    ]


class DatabaseLogController(Controller):
    tags = ("Operation",)
    opt = {PARAMETERS: FILTER}  # noqa: RUF012 - as the framework declares it

    @get(
        "/database-log.json",
        summary="Changes to the data: all of them, or a page",
        operation_class=PagedLogOperation,
        responses={
            200: ResponseSpec(LogEntries, description="The entries.", generate_examples=False),
            **problems(400),
        },
    )
    async def json(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        """The newest first. Without `limit` and `offset` all entries come, streamed."""
        pairs = query_pairs(request)
        paging = {name: value for name, value in pairs if name in {"limit", "offset"} and value.strip()}
        chosen = LogFilter.parse(pair for pair in pairs if pair[0] not in {"limit", "offset"})
        page = None
        if paging:
            limit = whole_number("limit", paging.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT)
            page = limit, whole_number("offset", paging.get("offset"), 0, 0, MAX_OFFSET)
        return Stream(await begun(log_json(db, chosen, voice(), page)), media_type=structured.MEDIA_TYPE)

    @get(
        "/database-log.csv",
        summary="Changes to the data as comma-separated text",
        operation_class=LogOperation,
        responses={
            **file_of(delimited.MEDIA_TYPE, "All entries of the filter, UTF-8 with a byte order mark."),
            **problems(400),
        },
    )
    async def csv(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        """Text that a spreadsheet would take for a formula is marked as text."""
        return await _file(request, db, log_csv, delimited.MEDIA_TYPE, "database-log.csv")

    @get(
        "/database-log.xlsx",
        summary="Changes to the data as a workbook",
        operation_class=LogOperation,
        responses={**file_of(workbook.MEDIA_TYPE, "All entries of the filter."), **problems(400)},
    )
    async def xlsx(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        return await _file(request, db, log_xlsx, workbook.MEDIA_TYPE, "database-log.xlsx")


def voice() -> Voice:
    """How the reader of this request is spoken to."""
    return Voice(reader().gettext, reader().formats.number)


async def _file(request: AnyRequest, db: Database, write: Write, media_type: str, name: str) -> Stream:
    octets = write(db, LogFilter.parse(query_pairs(request)), voice())
    return await download(request, octets, media_type, name)
