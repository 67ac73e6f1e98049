"""The analysis: cards, the series over time and the distributions of the chosen tickets."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

from litestar import Controller, Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.response import Template
from litestar.template import TemplateEngineProtocol
from markupsafe import Markup

from otrs_web.database import Database
from otrs_web.imports.history import Trend, latest_import, trend
from otrs_web.reader import reader
from otrs_web.stats.cards import TOTALS
from otrs_web.stats.dashboard import AnySeries, Dashboard, dashboard
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.tickets.filter import TicketFilter
from otrs_web.web.bar import filter_bar

#: a card and where an import recorded its number
_STORED = {
    "total": "total_records",
    "open": "current_open_count",
    "empty_first_response": "empty_firstresponse_count",
}


class Results(Controller):
    path = "/results"
    include_in_schema = False

    @get()
    async def page(self, request: Request[None, None, State], db: NamedDependency[Database]) -> Template:
        return Template("results/page.html", context=await _report(request, db))

    @get("/report")
    async def report(self, request: Request[None, None, State], db: NamedDependency[Database]) -> Template:
        """The report alone, for a page that is open; tells the browser which page it is now."""
        context = await _report(request, db)
        query = context["filter"].query()
        headers = {"hx-push-url": f"/results?{query}" if query else "/results"}
        return Template("results/_report.html", context=context, headers=headers)


@dataclass(frozen=True)
class _Drawing:
    """A series as a reader sees it: equal ones are rendered once. A long one is by far the dearest part of
    the page, and it stays the same from one import to the next."""

    language: str
    filter: TicketFilter
    as_of: datetime
    figures: tuple[tuple[str, int, int, int], ...]
    report: AnySeries = field(compare=False)
    engine: TemplateEngineProtocol[Any, Any] = field(compare=False)

    @classmethod
    def of(cls, board: Dashboard, engine: TemplateEngineProtocol[Any, Any] | None) -> Self:
        assert engine is not None
        figures = tuple(
            (row.period, row.new.value, row.closed.value, row.backlog.value) for row in board.over_time.rows
        )
        return cls(reader().language, board.filter, board.as_of, figures, board.over_time, engine)


@lru_cache(maxsize=32)
def _drawn(drawing: _Drawing) -> Markup:
    template = drawing.engine.get_template("results/_over_time.html")
    return Markup(template.render(report=drawing.report))  # noqa: S704 - the template escapes


async def _report(request: Request[None, None, State], db: Database) -> dict[str, Any]:
    chosen = TicketFilter.parse(request.query_params.multi_items())
    async with db.read() as session:
        board = await dashboard(session, chosen)
        latest = await latest_import(session)
        change = await trend(session) if chosen == TicketFilter() else None
        bar = await filter_bar(session, chosen)
    return {
        "board": board,
        "over_time": _drawn(_Drawing.of(board, request.app.template_engine)),
        "definitions": {field.name: field.metadata["definition"] for field in fields(TOTALS.row_type)},
        "deltas": _deltas(change),
        "latest": latest,
        "filter": chosen,
        "bar": bar,
        "age_labels": AGE_LABELS,
        "as_of": board.as_of if latest else None,
    }


def _deltas(change: Trend | None) -> dict[str, int | None]:
    """How the cards' numbers have moved since the import before; None where one of the two is not known."""
    deltas: dict[str, int | None] = dict.fromkeys(_STORED)
    if change:
        for card, column in _STORED.items():
            now, before = getattr(change.now, column), getattr(change.before, column)
            deltas[card] = None if now is None or before is None else now - before
    return deltas
