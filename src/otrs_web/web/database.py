"""Everything about the stored tickets: all distributions, what is open and for how long, and whether the
parts of the program do their work."""

import asyncio

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.response import Template

from otrs_web.database import Database
from otrs_web.health import health
from otrs_web.inventory import inventory
from otrs_web.queue import TicketQueue
from otrs_web.reader import AnyRequest
from otrs_web.stats.records import Records
from otrs_web.tickets.listing import ListOptions
from otrs_web.web.analysis import Page
from otrs_web.web.few import few

_PAGE = Page("/database", "database", "database_stats", lists_unanswered=True)


class DatabasePage(Controller):
    path = "/database"
    include_in_schema = False

    @get()
    async def page(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Response[bytes]:
        return await _PAGE.page(request, db, records)

    @get("/report")
    async def report(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Response[bytes]:
        return await _PAGE.report(request, db, records)

    @get("/newer")
    async def newer(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Response[bytes] | Response[None]:
        return await _PAGE.newer(request, db, records)

    @get("/tickets")
    async def tickets(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template:
        """The tickets behind a number, a few at a time."""
        asked = ListOptions.parse(request.query_params.multi_items())
        async with db.read() as session:
            shown = await few(session, asked)
        ages = asked.filter.age
        kind = "age_details" if ages else "empty_firstresponse"
        records.add(kind, shown["list"].total, age_segment=ages[0] if ages else None)
        return Template("tickets/_few.html", context={"few": shown})

    @get("/state")
    async def state(self, db: NamedDependency[Database], queue: NamedDependency[TicketQueue]) -> Template:
        """Whether the parts of the program answer, and what the database holds."""
        parts, held = await asyncio.gather(health(db, queue), inventory(db))
        return Template("database/_state.html", context={"state": parts, "held": held})
