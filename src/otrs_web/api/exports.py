"""The analysis as a file. A client of the original application posts the figures that it was given, and gets
a file of them back; here they are ignored, and the file has those of the filter."""

from collections.abc import AsyncIterator, Callable

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from otrs_web.api.answers import DatabaseStats, Imported, JsonObject, Stats
from otrs_web.api.downloads import download
from otrs_web.api.queries import FILTER, PARAMETERS, FilterOperation, query_pairs
from otrs_web.api.responses import file_of, problems
from otrs_web.clock import site_now
from otrs_web.database import Database
from otrs_web.exports import analysis_text, analysis_workbook, workbook
from otrs_web.exports.tables import Edition
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import VALUE_FIELDS, TicketFilter
from otrs_web.tickets.values import READERS

#: what an old client may send back beside a filter: the fields of the answers that it had
_ANSWERS = (Imported, DatabaseStats, Stats)
ANSWERED = {name for answer in _ANSWERS for name in answer.__struct_fields__} - {*VALUE_FIELDS, *READERS}
#: such an answer has a thousand details
MAX_BODY_BYTES = 10_000_000

_EXCEL = file_of(workbook.MEDIA_TYPE, "The figures, charts, and the tickets behind them.")
_TEXT = file_of(analysis_text.MEDIA_TYPE, "The figures and the open tickets by age, UTF-8.")


class ExportsController(Controller):
    path = "/export"
    tags = ("Exports",)

    @get(
        "/excel",
        summary="The analysis of a filter as a workbook",
        operation_class=FilterOperation,
        opt={PARAMETERS: FILTER},
        responses={**_EXCEL, **problems(400)},
    )
    async def excel(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """The same file as by POST."""
        return await _excel(request, db, records, TicketFilter.parse(query_pairs(request)))

    @post(
        "/excel",
        summary="The analysis of a filter as a workbook",
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        responses={**_EXCEL, **problems(400, 413, 415)},
    )
    async def posted_excel(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject | None] = None,
    ) -> Stream:
        """The body has the filter's names. Figures that a client sends back are ignored: the server computes
        its own."""
        return await _excel(request, db, records, _filter(data))

    @get(
        "/txt",
        summary="The analysis of a filter as plain text",
        operation_class=FilterOperation,
        opt={PARAMETERS: FILTER},
        responses={**_TEXT, **problems(400)},
    )
    async def text(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """The same file as by POST."""
        return await _text(request, db, records, TicketFilter.parse(query_pairs(request)))

    @post(
        "/txt",
        summary="The analysis of a filter as plain text",
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        responses={**_TEXT, **problems(400, 413, 415)},
    )
    async def posted_text(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject | None] = None,
    ) -> Stream:
        """The body has the filter's names. Figures that a client sends back are ignored: the server computes
        its own."""
        return await _text(request, db, records, _filter(data))


def _filter(body: JsonObject | None) -> TicketFilter:
    given = dict(body or {})
    if "stats" in given:  # the answer to an upload, sent back: that upload is not meant as a restriction
        given.pop("upload_id", None)
    return TicketFilter.from_json({name: value for name, value in given.items() if name not in ANSWERED})


async def _excel(request: AnyRequest, db: Database, records: Records, chosen: TicketFilter) -> Stream:
    write = analysis_workbook.analysis_xlsx
    return await _file(request, db, records, chosen, write, workbook.MEDIA_TYPE, "xlsx")


async def _text(request: AnyRequest, db: Database, records: Records, chosen: TicketFilter) -> Stream:
    write = analysis_text.analysis_text
    return await _file(request, db, records, chosen, write, analysis_text.MEDIA_TYPE, "txt")


async def _file(
    request: AnyRequest,
    db: Database,
    records: Records,
    chosen: TicketFilter,
    write: Callable[[Database, TicketFilter, Edition, Records], AsyncIterator[bytes]],
    media_type: str,
    ending: str,
) -> Stream:
    timezone = db.settings.timezone
    edition = Edition(reader().gettext, timezone, site_now(timezone))
    name = f"otrs_analysis_{edition.made_at:%Y%m%d_%H%M%S}.{ending}"
    return await download(request, write(db, chosen, edition, records), media_type, name)
