"""The analysis: cards, the series over time and the distributions that matter first."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from otrs_web.database import Database
from otrs_web.reader import AnyRequest
from otrs_web.stats.records import Records
from otrs_web.web.analysis import Page

_PAGE = Page("/results", "results", "main_analysis")


class Results(Controller):
    path = "/results"
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
