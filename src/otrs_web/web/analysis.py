"""The report of a page that analyses tickets, rendered once for each state of the data, filter and language.
Most of a page's time goes into its long tables, and they stay the same from one import to the next."""

from dataclasses import dataclass, fields
from typing import Any

from litestar import MediaType, Response
from litestar.response import Template
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.imports.history import Trend, latest_import, trend
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.cards import TOTALS
from otrs_web.stats.dashboard import Dashboard, dashboard_at
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import ListOptions, list_tickets
from otrs_web.tickets.snapshot import Instant, instant, memory
from otrs_web.web.bar import filter_bar
from otrs_web.web.few import FEW, few

#: a card and where an import recorded its number
_STORED = {
    "total": "total_records",
    "open": "current_open_count",
    "empty_first_response": "empty_firstresponse_count",
}


@dataclass(frozen=True)
class Page:
    """A page whose address is `path`; its report alone is at `report` below it. `query_type` is how its
    analyses are written down."""

    path: str
    folder: str
    query_type: str
    lists_unanswered: bool = False

    async def page(self, request: AnyRequest, db: Database, records: Records) -> Template:
        html, board = await self._report(request, db, records)
        context = {"report": html, "as_of": board.as_of if board.last_import else None}
        return Template(f"{self.folder}/page.html", context=context)

    async def report(self, request: AnyRequest, db: Database, records: Records) -> Response[str]:
        """The report alone, for a page that is open; tells the browser which page it is now."""
        html, board = await self._report(request, db, records)
        query = board.filter.query()
        here = f"{self.path}?{query}" if query else self.path
        return Response(html, media_type=MediaType.HTML, headers={"hx-push-url": here})

    async def newer(self, request: AnyRequest, db: Database, records: Records) -> Response[str | None]:
        """The report alone if the data are no longer in the `version` that the page shows; else nothing."""
        async with db.read() as session:
            now = await instant(session, TicketFilter())
        if request.query_params.get("version") == str(now.version):
            return Response(None, status_code=204)
        html, _ = await self._report(request, db, records)
        return Response(html, media_type=MediaType.HTML)

    async def _report(self, request: AnyRequest, db: Database, records: Records) -> tuple[Markup, Dashboard]:
        pairs = request.query_params.multi_items()
        chosen = TicketFilter.parse((name, value) for name, value in pairs if name != "version")
        async with db.read() as session:
            now = await instant(session, chosen)
            board = await dashboard_at(session, chosen, now)
            html = await self._rendered(request, session, now, board)
        records.add(self.query_type, board.totals.total.value, figures=board.figures)
        return html, board

    async def _rendered(
        self,
        request: AnyRequest,
        session: AsyncSession,
        now: Instant,
        board: Dashboard,
    ) -> Markup:
        known, latest = memory(session, now.version), await latest_import(session)
        # how long ago something was is said to the minute
        minute = int(utc_now().timestamp() // 60)
        key = ("html", self.path, reader().language, board.filter, now.as_of, latest and latest.id, minute)
        if html := known.get(key, Markup):
            return html
        engine = request.app.template_engine
        assert engine is not None
        context = {
            "board": board,
            "definitions": {field.name: field.metadata["definition"] for field in fields(TOTALS.row_type)},
            "deltas": _deltas(await trend(session) if board.filter == TicketFilter() else None),
            "latest": latest,
            "bar": await filter_bar(session, board.filter),
            "age_labels": AGE_LABELS,
            "as_of": board.as_of if latest else None,
            "data_version": now.version,
            "unanswered": await _unanswered(session, board) if self.lists_unanswered else None,
        }
        html = Markup(engine.get_template(f"{self.folder}/_report.html").render(context))  # noqa: S704 - the template escapes
        known.keep(key, html)
        return html


async def _unanswered(session: AsyncSession, board: Dashboard) -> dict[str, Any] | None:
    chosen = board.totals.empty_first_response.filter
    if chosen is None:
        return None
    options = ListOptions(chosen, "created_date", FEW)
    return few(options, await list_tickets(session, options))


def _deltas(change: Trend | None) -> dict[str, int | None]:
    """How the cards' numbers have moved since the import before; None where one of the two is not known."""
    deltas: dict[str, int | None] = dict.fromkeys(_STORED)
    if change:
        for card, column in _STORED.items():
            now, before = getattr(change.now, column), getattr(change.before, column)
            deltas[card] = None if now is None or before is None else now - before
    return deltas
