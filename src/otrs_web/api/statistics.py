"""The figures as JSON, from the same statistics as the pages."""

from typing import Any

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.api.answers import DatabaseStats, Details, JsonObject, Stats, TicketSummary
from otrs_web.api.queries import FILTER, PARAMETERS, FilterOperation, query_pairs, whole_number
from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.delivery.ready import Ready
from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.dashboard import Dashboard, as_stats, dashboard_at
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import MAX_LIMIT, MAX_OFFSET, ListOptions, list_tickets
from otrs_web.tickets.snapshot import instant, memory

#: so many tickets without a first response come along with the figures
DETAILS = 1000
OLDEST_FIRST = "created_date"
SUMMARY = ("ticket_number", "age", "created_date", "priority", "state")


class StatisticsController(Controller):
    tags = ("Statistics",)

    @get(
        "/database-stats",
        summary="The figures of the stored tickets",
        operation_class=FilterOperation,
        opt={PARAMETERS: FILTER},
        responses={
            200: ResponseSpec(DatabaseStats, description="The figures.", generate_examples=False),
            **problems(400),
        },
    )
    async def database_stats(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Response[bytes]:
        """Made once for each state of the data."""
        chosen = TicketFilter.parse(query_pairs(request))
        async with db.read() as session:
            now = await instant(session, chosen)
            board, known = await dashboard_at(session, chosen, now), memory(session, now.version)
            key = ("database-stats", chosen, now.as_of)
            ready = known.get(key, Ready)
            if ready is None:
                answer = await _database_stats(session, chosen, board)
                ready = await Ready.of(msgspec.json.encode(answer), MediaType.JSON)
                known.keep(key, ready)
        records.add("database_stats", board.totals.total.value, figures=board.figures)
        return ready.answer(request)

    @post(
        "/age-details", summary="The tickets of an age segment", status_code=200, responses=problems(400, 415)
    )
    async def age_details(
        self, db: NamedDependency[Database], records: NamedDependency[Records], data: JSONBody[JsonObject]
    ) -> Details:
        """`age_segment` is one of 24h, 24_48h, 48_72h and 72h; `limit` and `offset` page; the filter's names
        may stand beside them."""
        segment = data.pop("age_segment", None)
        if not isinstance(segment, str) or segment not in AGE_SEGMENTS:
            given = "" if segment is None else str(segment)
            raise FilterError("age_segment", given, N_("24h, 24_48h, 48_72h or 72h"))
        found = await self._listed(db, data, open=True, age=(segment,))
        records.add("age_details", found.total, age_segment=segment)
        return found

    @post(
        "/empty-firstresponse-details",
        summary="The open tickets that nobody has answered",
        status_code=200,
        responses=problems(400, 415),
    )
    async def empty_firstresponse_details(
        self,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject | None] = None,
    ) -> Details:
        """`limit` and `offset` page; the filter's names may stand beside them."""
        found = await self._listed(db, data or {}, open=True, first_response="empty")
        records.add("empty_firstresponse", found.total)
        return found

    async def _listed(self, db: Database, body: JsonObject, **changes: Any) -> Details:
        limit = whole_number("limit", body.pop("limit", None), MAX_LIMIT, 1, MAX_LIMIT)
        offset = whole_number("offset", body.pop("offset", None), 0, 0, MAX_OFFSET)
        chosen = TicketFilter.from_json(body).narrowed(**changes)
        async with db.read() as session:
            return await _details(session, chosen, limit, offset)


async def _database_stats(session: AsyncSession, chosen: TicketFilter, board: Dashboard) -> DatabaseStats:
    details = await _details(session, chosen.narrowed(open=True, first_response="empty"), DETAILS)
    imported = board.last_import
    return DatabaseStats(
        total_records=board.totals.total.value,
        data_sources_count=board.sources,
        last_updated=f"{reader().formats.local(imported):%Y-%m-%d %H:%M:%S}" if imported else None,
        as_of=board.as_of,
        stats=Stats(**as_stats(board)),
        empty_firstresponse_details=details.details,
        empty_firstresponse_details_total=details.total,
    )


async def _details(
    session: AsyncSession, chosen: TicketFilter | None, limit: int, offset: int = 0
) -> Details:
    if chosen is None:
        return Details(total=0, details=[])
    page = await list_tickets(session, ListOptions(chosen, OLDEST_FIRST, limit, offset), SUMMARY)
    return Details(
        total=page.total,
        details=[
            TicketSummary(
                ticket_number=row.ticket_number,
                age=row.age,
                created=f"{row.created_date:%Y-%m-%d %H:%M:%S}" if row.created_date else None,
                priority=row.priority,
                state=row.state,
            )
            for row in page.tickets
        ],
    )
