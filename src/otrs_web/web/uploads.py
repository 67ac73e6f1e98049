"""What was imported, by whom and with which result; the stored files, to have them again."""

from typing import Any
from urllib.parse import quote

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import File, Redirect, Template

from otrs_web.database import Database
from otrs_web.imports.history import PAGE_SIZE, get_upload, history, newest_of
from otrs_web.imports.progress import progress
from otrs_web.imports.service import cancel
from otrs_web.queue import TicketQueue
from otrs_web.settings import Settings
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import count_tickets
from otrs_web.web.frame import data_as_of
from otrs_web.web.outcome import hindrance, progress_context
from otrs_web.web.pages import page_numbers


class Uploads(Controller):
    path = "/uploads"
    include_in_schema = False

    @get()
    async def page(self, db: NamedDependency[Database], page: FromQuery[int] = 1) -> Template:
        if page < 1:
            raise FilterError("page", str(page), "1, 2, 3 …")
        async with db.read() as session:
            found = await history(session, page)
            as_of = await data_as_of(session)
        pages = page_numbers(found.total, PAGE_SIZE, (page - 1) * PAGE_SIZE)
        context = {"history": found, "pages": pages, "quote": quote, "as_of": as_of}
        return Template("uploads/page.html", context=context)

    @get("/{upload_id:int}")
    async def upload(
        self, upload_id: FromPath[int], db: NamedDependency[Database], queue: NamedDependency[TicketQueue]
    ) -> Template:
        return await _upload_page(upload_id, db, queue)

    @get("/{upload_id:int}/progress")
    async def progress(
        self, upload_id: FromPath[int], db: NamedDependency[Database], queue: NamedDependency[TicketQueue]
    ) -> Template:
        async with db.read() as session:
            found = await progress(session, upload_id)
        if found is None:
            raise NotFoundException
        hindered = await hindrance(found.upload, queue)
        return Template("import/_progress.html", context=progress_context(found, hindered))

    @post("/{upload_id:int}/cancel", status_code=303)
    async def cancel(self, upload_id: FromPath[int], db: NamedDependency[Database]) -> Redirect:
        """Too late is no error: the page that follows shows what the import has come to."""
        await cancel(db, upload_id)
        return Redirect(f"/?upload={upload_id}", status_code=303)

    @get("/{upload_id:int}/file")
    async def file(
        self,
        upload_id: FromPath[int],
        db: NamedDependency[Database],
        settings: NamedDependency[Settings],
    ) -> File:
        """The file as it was uploaded, under the name that it had."""
        async with db.read() as session:
            found = await get_upload(session, upload_id)
        if found is None or not found.stored_filename:
            raise NotFoundException
        path = settings.uploads_dir / found.stored_filename
        if not path.is_file():
            raise NotFoundException
        return File(path, filename=found.filename, media_type="application/octet-stream")


@get("/upload/{filename:str}", include_in_schema=False)
async def upload_by_name(
    filename: FromPath[str], db: NamedDependency[Database], queue: NamedDependency[TicketQueue]
) -> Template:
    """The newest upload of that name; its permanent address is on the page."""
    async with db.read() as session:
        found = await newest_of(session, filename)
    if found is None:
        raise NotFoundException
    return await _upload_page(found.id, db, queue)


async def _upload_page(upload_id: int, db: Database, queue: TicketQueue) -> Template:
    tickets = TicketFilter(upload_id=upload_id)
    async with db.read() as session:
        shown = await progress(session, upload_id)
        if shown is None:
            raise NotFoundException
        context: dict[str, Any] = {
            "tickets": await count_tickets(session, tickets),
            "query": tickets.query(),
            "quote": quote,
            "as_of": await data_as_of(session),
        }
    context |= progress_context(shown, await hindrance(shown.upload, queue))
    return Template("uploads/upload.html", context=context)
