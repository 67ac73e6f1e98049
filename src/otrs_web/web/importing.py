"""The start page: hand over an export, watch its import, see what came of it."""

from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from otrs_web.database import Database
from otrs_web.imports.history import latest_import
from otrs_web.imports.progress import progress
from otrs_web.queue import TicketQueue
from otrs_web.settings import Settings
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets
from otrs_web.web.frame import data_as_of
from otrs_web.web.outcome import hindrance, progress_context


class ImportPage(Controller):
    path = "/"
    include_in_schema = False

    @get()
    async def page(
        self,
        db: NamedDependency[Database],
        queue: NamedDependency[TicketQueue],
        settings: NamedDependency[Settings],
        upload: FromQuery[int | None] = None,
    ) -> Template:
        """With `upload`, that import's progress or result; without, the newest one's while it is not over."""
        async with db.read() as session:
            shown = await progress(session, upload)
            if upload is None and shown and shown.upload.is_finished:
                shown = None
            context: dict[str, Any] = {
                "latest": await latest_import(session),
                "stored": await count_tickets(session, TicketFilter()),
                "as_of": await data_as_of(session),
                "max_megabytes": settings.max_upload_mb,
            }
        hindered = await hindrance(shown.upload, queue) if shown else None
        context["shown"] = progress_context(shown, hindered) if shown else None
        return Template("import/page.html", context=context)
