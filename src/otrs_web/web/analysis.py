"""The report of a page that analyses tickets, rendered once for each state of the data, filter and language.
Most of a page's time goes into its long tables, and they stay the same from one import to the next."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from litestar import MediaType, Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database
from otrs_web.delivery.ready import Ready
from otrs_web.imports.history import Trend, latest_import, trend
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.cards import TOTALS
from otrs_web.stats.dashboard import Dashboard, dashboard_at
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import ListOptions
from otrs_web.tickets.snapshot import Instant, Memory, instant, memory
from otrs_web.web.bar import filter_bar
from otrs_web.web.few import few

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

    async def page(self, request: AnyRequest, db: Database, records: Records) -> Response[bytes]:
        shown = await self._shown(request, db, records)
        news = request.app.state.notices.for_reader()

        def html() -> str:
            return _render(
                request, f"{self.folder}/page.html", {"report": shown.html, "as_of": shown.snapshot}
            )

        return (await shown.ready("page", html, reader().theme, news and news.version)).answer(request)

    async def report(self, request: AnyRequest, db: Database, records: Records) -> Response[bytes]:
        """The report alone, for a page that is open; tells the browser which page it is now."""
        shown = await self._shown(request, db, records)
        query = shown.chosen.query()
        here = f"{self.path}?{query}" if query else self.path
        return (await shown.ready("fragment", lambda: shown.html)).answer(request, {"hx-push-url": here})

    async def newer(
        self, request: AnyRequest, db: Database, records: Records
    ) -> Response[bytes] | Response[None]:
        """The report alone if the data are no longer in the `version` that the page shows; else nothing."""
        async with db.read() as session:
            now = await instant(session, TicketFilter())
        if request.query_params.get("version") == str(now.version):
            return Response(None, status_code=204)
        shown = await self._shown(request, db, records)
        return (await shown.ready("fragment", lambda: shown.html)).answer(request)

    async def _shown(self, request: AnyRequest, db: Database, records: Records) -> "_Shown":
        pairs = request.query_params.multi_items()
        chosen = TicketFilter.parse((name, value) for name, value in pairs if name != "version")
        async with db.read() as session:
            now = await instant(session, chosen)
            latest = await latest_import(session) if now.snapshot else None
            board, known = await dashboard_at(session, chosen, now), memory(session, now.version)
            # what is said of the time that has passed since is a part of the page
            ago = now.snapshot and reader().formats.ago(now.snapshot)
            key = (self.path, reader().language, chosen, board.as_of, latest and latest.id, ago)
            html = known.get(("report", *key), Markup)
            if html is None:
                context = await self._context(session, now, chosen, board)
                context["latest"] = latest
                html = Markup(_render(request, f"{self.folder}/_report.html", context))  # noqa: S704 - escaped
                known.keep(("report", *key), html)
        records.add(self.query_type, board.totals.total.value, figures=board.figures)
        return _Shown(html, now.snapshot, chosen, known, key)

    async def _context(
        self, session: AsyncSession, now: Instant, chosen: TicketFilter, board: Dashboard
    ) -> dict[str, Any]:
        change = await trend(session) if chosen == TicketFilter() and now.snapshot else None
        return {
            "path": self.path,
            "board": board,
            "as_of": now.snapshot,
            "definitions": {field.name: field.metadata["definition"] for field in fields(TOTALS.row_type)},
            "deltas": _deltas(board, change),
            "bar": await filter_bar(session, chosen),
            "age_labels": AGE_LABELS,
            "data_version": now.version,
            "unanswered": await _unanswered(session, board) if self.lists_unanswered else None,
        }


class _Shown(NamedTuple):
    """A report with what it is of; `known` keeps what is made of it under a key that begins with `key`."""

    html: Markup
    snapshot: datetime | None
    chosen: TicketFilter
    known: Memory
    key: tuple[Any, ...]

    async def ready(self, what: str, html: Callable[[], str], *further: Any) -> Ready:
        """What is made of the report and of nothing else but `further`."""
        key = (what, *self.key, *further)
        made = self.known.get(key, Ready)
        if made is None:
            made = await Ready.of(html().encode(), MediaType.HTML)
            self.known.keep(key, made)
        return made


def _render(request: AnyRequest, template: str, context: dict[str, Any]) -> str:
    engine = request.app.template_engine
    assert engine is not None
    return str(engine.get_template(template).render(context))


async def _unanswered(session: AsyncSession, board: Dashboard) -> dict[str, Any] | None:
    chosen = board.totals.empty_first_response.filter
    if chosen is None:
        return None
    return await few(session, ListOptions(chosen, "created_date"))


def _deltas(board: Dashboard, change: Trend | None) -> dict[str, int | None]:
    """How the cards' numbers have moved since the import before; None where that is not known."""
    deltas: dict[str, int | None] = dict.fromkeys(_STORED)
    if change:
        for card, column in _STORED.items():
            before = getattr(change.before, column)
            deltas[card] = None if before is None else getattr(board.totals, card).value - before
    return deltas
