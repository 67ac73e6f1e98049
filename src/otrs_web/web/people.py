"""Who has which tickets: the people that a reader chooses, side by side."""

from litestar import Controller, MediaType, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from otrs_web.database import Database
from otrs_web.reader import AnyRequest
from otrs_web.selection import last_chosen
from otrs_web.stats.people import person_field
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import instant
from otrs_web.web.people_query import PATH, PeopleQuery
from otrs_web.web.people_report import people_report


class PeoplePage(Controller):
    path = PATH
    include_in_schema = False

    @get()
    async def page(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template | Redirect:
        """An address that names nobody leads to the people whom this browser chose last."""
        asked = PeopleQuery.of(request)
        if not asked.people:
            async with db.read() as session:
                last, field = await last_chosen(request, session), await person_field(session)
            if last is not None and not asked.named(field):
                return Redirect(asked.with_names(field, last).address, status_code=303)
        context, cookies = await people_report(request, db, records, asked)
        return Template("people/page.html", context=context, cookies=cookies)

    @get("/report")
    async def report(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template:
        """The report alone, for a page that is open; tells the browser which page it is now."""
        context, cookies = await people_report(request, db, records, PeopleQuery.of(request))
        headers = {"hx-push-url": context["asked"].address}
        return Template("people/_report.html", context=context, headers=headers, cookies=cookies)

    @get("/newer")
    async def newer(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template | Response[None]:
        """The report alone if the data are no longer in the `version` that the page shows; else nothing."""
        async with db.read() as session:
            now = await instant(session, TicketFilter())
        if request.query_params.get("version") == str(now.version):
            return Response(None, status_code=204, media_type=MediaType.HTML)
        context, _ = await people_report(request, db, records, PeopleQuery.of(request))
        return Template("people/_report.html", context=context)
