"""The analysis: cards, the series over time and the distributions of the chosen tickets."""

from dataclasses import fields
from typing import Any

from litestar import Controller, Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.response import Template

from otrs_web.database import Database
from otrs_web.imports.history import Trend, latest_import, trend
from otrs_web.stats.cards import TOTALS
from otrs_web.stats.dashboard import dashboard
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.tickets.filter import TicketFilter
from otrs_web.web.chips import chips

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
        headers = {"hx-push-url": f"/results?{context['filter'].query()}"}
        return Template("results/_report.html", context=context, headers=headers)


async def _report(request: Request[None, None, State], db: Database) -> dict[str, Any]:
    chosen = TicketFilter.parse(request.query_params.multi_items())
    async with db.read() as session:
        board = await dashboard(session, chosen)
        latest = await latest_import(session)
        change = await trend(session) if chosen == TicketFilter() else None
    return {
        "board": board,
        "definitions": {field.name: field.metadata["definition"] for field in fields(TOTALS.row_type)},
        "deltas": _deltas(change),
        "latest": latest,
        "filter": chosen,
        "chips": list(chips(chosen)),
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
