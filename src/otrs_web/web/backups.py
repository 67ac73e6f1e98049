"""The backups for people: what there is, whether it is good, and what to do with it. All of it only for
admins, since a backup holds all data. What takes long goes on by itself, and the page follows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import File, Redirect, Template

from otrs_web.admin import admin_only, is_signed_in
from otrs_web.backup_requests import MEDIA_TYPE, find, outcome, who_asks
from otrs_web.backups import daily, folder, service
from otrs_web.backups.archive import KINDS
from otrs_web.backups.errors import Reason
from otrs_web.backups.restore import restore
from otrs_web.backups.task import AGAIN, INTERRUPTED, last_task
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.settings import Settings
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets
from otrs_web.web.frame import data_as_of
from otrs_web.web.signin import signing_in

#: what takes longer is shown while it is done
PATIENCE_SECONDS = 3.0
#: the query of the page that follows something, which then says what came of it
DONE = "done"
#: what is being done, and what to say afterwards
DOING = {
    "backup": N_("A backup is being made …"),
    "verify": N_("The backup is being verified …"),
    "restore": N_("The backup is being restored …"),
    "cleanup": N_("Old backups are being deleted …"),
}
DID = {
    "backup": N_("The backup was made."),
    "verify": N_("The backup is good: restored elsewhere, it holds exactly what it must."),
    "restore": N_("The backup was restored. All pages already show its data."),
    "cleanup": N_("Backups that are no longer needed were deleted."),
}

Answer = Redirect | Template


class Backups(Controller):
    path = "/backups"
    include_in_schema = False

    @get()
    async def page(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        return await _page(request, db)

    @get("/state", guards=[admin_only])
    async def state(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        """What is on the page while something is being done, and what came of it."""
        return Template("backups/_state.html", context=await _state(db, has_ended=True))

    @get(["/create", "/clean-up", "/{filename:str}/verify"])
    async def again(self) -> Redirect:
        """The addresses of forms: whoever comes back to one, to read again, gets the page."""
        return Redirect("/backups", status_code=303)

    @post("/create", guards=[admin_only], status_code=303)
    async def create(self, request: AnyRequest, db: NamedDependency[Database]) -> Answer:
        who = who_asks(request)
        return await _answer(request, db, lambda: service.create(db.settings, "by_hand", who=who))

    @post("/clean-up", guards=[admin_only], status_code=303)
    async def clean_up(self, request: AnyRequest, db: NamedDependency[Database]) -> Answer:
        who = who_asks(request)
        return await _answer(request, db, lambda: service.clean_up(db.settings, who=who))

    @post("/{filename:str}/verify", guards=[admin_only], status_code=303)
    async def verify(
        self, request: AnyRequest, filename: FromPath[str], db: NamedDependency[Database]
    ) -> Answer:
        path, who = await find(db.settings, filename), who_asks(request)
        return await _answer(request, db, lambda: service.verify(db.settings, path, who=who))

    @get("/{filename:str}/restore", guards=[admin_only])
    async def before_restore(
        self, request: AnyRequest, filename: FromPath[str], db: NamedDependency[Database]
    ) -> Template:
        """What restoring will do, and the button that does it."""
        path = await find(db.settings, filename)
        found = await to_thread.run_sync(folder.listing, db.settings)
        async with db.read() as session:
            context = {
                **signing_in(request),
                "backup": next(backup for backup in found if backup.path == path),
                "kinds": KINDS,
                "quote": quote,
                "seconds": _seconds,
                "sentence": _sentence,
                "tickets": await count_tickets(session, TicketFilter()),
                "as_of": await data_as_of(session),
            }
        return Template("backups/restore.html", context=context)

    @post("/{filename:str}/restore", guards=[admin_only], status_code=303)
    async def restore(
        self, request: AnyRequest, filename: FromPath[str], db: NamedDependency[Database]
    ) -> Answer:
        path, who = await find(db.settings, filename), who_asks(request)
        if (await request.form()).get("sure") != "yes":
            message = N_("Tick that all data may be replaced, then restore the backup.")
            raise Problem(400, message, field="sure")
        return await _answer(request, db, lambda: restore(db.settings, path, who=who))

    @get("/{filename:str}/file", guards=[admin_only])
    async def file(self, filename: FromPath[str], settings: NamedDependency[Settings]) -> File:
        path = await find(settings, filename)
        return File(path, filename=path.name, media_type=MEDIA_TYPE)


async def _answer(request: AnyRequest, db: Database, work: Callable[[], object]) -> Answer:
    """Do it, then show what came of it; what stands against it is said on the page as well."""
    try:
        await outcome(PATIENCE_SECONDS, work)
    except Problem as problem:
        return await _page(request, db, problem)
    return Redirect(f"/backups?{DONE}", status_code=303)


async def _page(request: AnyRequest, db: Database, refusal: Problem | None = None) -> Template:
    async with db.read() as session:
        as_of = await data_as_of(session)
    context = {**signing_in(request), "as_of": as_of, "here": "/backups"}
    context["refusal"], context["failed"] = None, refusal.sentence(reader()) if refusal else None
    if is_signed_in(request):
        context |= await _state(db, has_ended=refusal is None and DONE in request.query_params)
    return Template("backups/page.html", context=context, status_code=refusal.status if refusal else 200)


async def _state(db: Database, *, has_ended: bool) -> dict[str, Any]:
    """`has_ended`: whether the reader wants to know how the last thing that was done ended."""
    settings = db.settings
    found = await to_thread.run_sync(folder.listing, settings)
    async with db.read() as session:
        automatic = await daily.state(session, settings, found)
    return {
        "backups": found,
        "automatic": automatic,
        "task": await to_thread.run_sync(last_task, settings),
        "has_ended": has_ended,
        "settings": settings,
        "kinds": KINDS,
        "doing": DOING,
        "did": DID,
        "interrupted": INTERRUPTED,
        "again": AGAIN,
        "seconds": _seconds,
        "sentence": _sentence,
        "quote": quote,
    }


def _seconds(moment: datetime) -> str:
    """Several backups may be made in a minute."""
    return f"{reader().formats.local(moment):%Y-%m-%d %H:%M:%S}"


def _sentence(reason: Reason) -> str:
    return reader().gettext(reason.message).format(**reason.params)
