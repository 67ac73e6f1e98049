"""The figures by person as files: for scripts by POST as in the original application, for pages as links."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from otrs_web.api.answers import JsonObject
from otrs_web.api.downloads import download
from otrs_web.api.exports import MAX_BODY_BYTES
from otrs_web.api.people import chosen_people, chosen_period
from otrs_web.api.queries import FILTER, PARAMETERS, query_pairs, whole_number
from otrs_web.api.responses import file_of, problems
from otrs_web.clock import site_now
from otrs_web.database import Database
from otrs_web.exports import analysis_text, people_text, people_workbook, workbook
from otrs_web.exports.tables import Edition
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.people import ORDERS, People, people, person_field
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import MAX_OFFSET

KINDS = ("summary", "details")
#: figures that an old client sends back; the server computes its own
ANSWERED = ("statsData", "totalsData", "stats", "totals", "success")
#: what the page of people has in its address beside the filter
_OF_PAGES = ("exportType", "period", "order", "people", "person", "row")
_EXCEL = file_of(workbook.MEDIA_TYPE, "The tables and a chart, or a sheet for each person.")
_TEXT = file_of(analysis_text.MEDIA_TYPE, "The tables, or a part for each person, UTF-8.")


@dataclass(frozen=True)
class Wanted:
    """`names` are None for those whom the filter names, or for everybody if it names none; where they are
    empty, the filter has to name somebody."""

    kind: str
    period: str
    order: str
    names: Sequence[str] | None
    filter: TicketFilter

    @classmethod
    def posted(cls, body: JsonObject) -> "Wanted":
        """From a script's body. Raises FilterError."""
        names = chosen_people(body, "selectedResponsibles")
        if not names:
            raise FilterError("selectedResponsibles", "[]", N_("at least one name"))
        period, kind = chosen_period(body, "day"), _kind(body.pop("exportType", None))
        rest = {name: value for name, value in body.items() if name not in ANSWERED}
        return cls(kind, period, ORDERS[0], names, TicketFilter.from_json(rest))

    @classmethod
    def linked(cls, pairs: Sequence[tuple[str, str]]) -> "Wanted":
        """From a page's address. Raises FilterError."""
        own = {name: value for name, value in pairs if name in _OF_PAGES}
        rest = [(name, value) for name, value in pairs if name not in _OF_PAGES]
        order, people = own.get("order") or ORDERS[0], own.get("people", "")
        if order not in ORDERS:
            raise FilterError("order", order, ", ".join(ORDERS))
        if people not in ("", "all", "chosen"):
            raise FilterError("people", people, "all, chosen")
        for name in ("person", "row"):  # which part the page shows; a file has all
            whole_number(name, own.get(name), 0, 0, MAX_OFFSET)
        kind, period = _kind(own.get("exportType")), chosen_period(own, "total")
        return cls(kind, period, order, [] if people == "chosen" else None, TicketFilter.parse(rest))


class PeopleFilesController(Controller):
    path = "/api"
    tags = ("People",)

    @post(
        "/export-responsible-excel",
        summary="Figures by person as a workbook",
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        responses={**_EXCEL, **problems(400, 413, 415)},
    )
    async def posted_excel(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject],
    ) -> Stream:
        """`selectedResponsibles` is a list of names, `period` total, day (the default), week or month,
        `exportType` summary (the default) or details; the filter's names may stand beside them. Figures that
        a client sends back are ignored: the server computes its own."""
        return await _excel(request, db, records, Wanted.posted(data))

    @get(
        "/export-responsible-excel",
        summary="Figures by person as a workbook",
        opt={PARAMETERS: FILTER},
        responses={**_EXCEL, **problems(400)},
    )
    async def excel(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """The same for the address of the page of people, with `exportType` added."""
        return await _excel(request, db, records, Wanted.linked(query_pairs(request)))

    @post(
        "/export-responsible-txt",
        summary="Figures by person as plain text",
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        responses={**_TEXT, **problems(400, 413, 415)},
    )
    async def posted_text(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject],
    ) -> Stream:
        """The request is that of the workbook."""
        return await _text(request, db, records, Wanted.posted(data))

    @get(
        "/export-responsible-txt",
        summary="Figures by person as plain text",
        opt={PARAMETERS: FILTER},
        responses={**_TEXT, **problems(400)},
    )
    async def text(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Stream:
        """The same for the address of the page of people, with `exportType` added."""
        return await _text(request, db, records, Wanted.linked(query_pairs(request)))


def _kind(given: Any) -> str:
    kind = given or KINDS[0]
    if kind not in KINDS:
        raise FilterError("exportType", str(given), N_("summary or details"))
    return str(kind)


async def _excel(request: AnyRequest, db: Database, records: Records, wanted: Wanted) -> Stream:
    write = people_workbook.people_xlsx
    return await _file(request, db, records, wanted, write, workbook.MEDIA_TYPE, "excel")


async def _text(request: AnyRequest, db: Database, records: Records, wanted: Wanted) -> Stream:
    return await _file(request, db, records, wanted, people_text.people_text, analysis_text.MEDIA_TYPE, "txt")


async def _file(
    request: AnyRequest,
    db: Database,
    records: Records,
    wanted: Wanted,
    write: Callable[[People, str, Edition], AsyncIterator[bytes]],
    media_type: str,
    format_: str,
) -> Stream:
    async with db.read() as session:
        field = await person_field(session)
        chosen = wanted.filter
        if wanted.names:
            chosen = chosen.replace(**{field: tuple(wanted.names)})
        elif wanted.names is not None and not getattr(chosen, field):
            raise FilterError("people", "chosen", N_("at least one name"))
        found = await people(session, chosen, field, wanted.period, wanted.order)
    records.add(f"export_responsible_{format_}", len(found.names))
    timezone = db.settings.timezone
    edition = Edition(reader().gettext, timezone, site_now(timezone))
    ending = "xlsx" if format_ == "excel" else format_
    name = f"responsible_stats_{wanted.kind}_{edition.made_at:%Y%m%d_%H%M%S}.{ending}"
    return await download(request, write(found, wanted.kind, edition), media_type, name)
