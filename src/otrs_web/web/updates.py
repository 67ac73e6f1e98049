"""Newer versions for people: what runs, what there is, what is new in it, and what updates have come to so
far. Everybody may read it and look for a newer version; putting one in place needs the admin password."""

from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from otrs_web.database import Database
from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.reading import read_page
from otrs_web.database_log.wording import Voice
from otrs_web.errors import Problem
from otrs_web.reader import AnyRequest, page_of, reader
from otrs_web.schedule import last_due
from otrs_web.update_notice import Notices, notice_of, seen_cookie
from otrs_web.update_requests import check_now
from otrs_web.updates import check
from otrs_web.updates.shapes import Fault
from otrs_web.updates.status import acknowledge, load
from otrs_web.updates.wording import SWITCHED_OFF, sentence
from otrs_web.web.frame import data_as_of
from otrs_web.web.signin import signing_in
from otrs_web.web.update_view import steps_context

PATH = "/admin/update"
#: so many of the last updates are on the page; all of them are in the change log
SHOWN = 10
_HISTORY = LogFilter(kind=("update",))
#: how the state looks
_KINDS = {
    "up_to_date": "good",
    "update_available": "info",
    "updating": "info",
    "restarting": "info",
    "update_failed": "bad",
    "error": "warn",
}

Answer = Redirect | Template


class UpdatesPage(Controller):
    path = PATH
    include_in_schema = False

    @get()
    async def page(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        return await page(request, db)

    @get(["/check", "/seen"])
    async def again(self) -> Redirect:
        """The addresses of forms: whoever comes back to one, to read again, gets the page."""
        return Redirect(PATH, status_code=303)

    @post("/check", status_code=303)
    async def check(
        self, request: AnyRequest, db: NamedDependency[Database], notices: NamedDependency[Notices]
    ) -> Answer:
        """What it comes to is on the page."""
        try:
            await check_now(db, notices)
        except Problem as problem:
            return await page(request, db, problem)
        return Redirect(PATH, status_code=303)

    @post("/seen", status_code=303)
    async def seen(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect:
        """Without JavaScript: back to the page that told of it."""
        version = await _seen(request, db)
        return Redirect(page_of(request.headers), status_code=303, cookies=[seen_cookie(version)])

    @post("/seen/here", status_code=200)
    async def seen_here(self, request: AnyRequest, db: NamedDependency[Database]) -> Response[str]:
        """In an open page, which stays as it is."""
        version = await _seen(request, db)
        return Response("", media_type=MediaType.HTML, cookies=[seen_cookie(version)])


async def _seen(request: AnyRequest, db: Database) -> str:
    """The version that the reader has seen. A page that was left open may tell of an older one."""
    version = str((await request.form()).get("version", ""))[:64]
    async with db.write() as session:
        known = await load(session)
        if known.offers is not None and known.offers.version == version and known.notified_at is None:
            await session.run_sync(acknowledge)
    return version


async def page(request: AnyRequest, db: Database, refusal: Problem | None = None) -> Template:
    """The page, with what stands against what was asked for, if anything does."""
    voice = Voice(reader().gettext, reader().formats.number)
    admin = signing_in(request)
    steps = await steps_context(db, is_admin=admin["signed_in"])
    async with db.read() as session:
        known = await load(session)
        checked = await last_due(session, check.CHECK)
        log = await read_page(session, _HISTORY, voice.gettext)
        as_of = await data_as_of(session)
    enabled = db.settings.app_update_enabled
    says = sentence(known) if enabled or known.is_updating else Fault(SWITCHED_OFF)
    context = {
        **admin,
        **steps,
        "here": PATH,
        "as_of": as_of,
        "known": known,
        "newest": notice_of(known.target) if known.target else None,
        "says": _say(says),
        "kind": _KINDS.get(known.state, "info") if enabled or known.is_updating else "info",
        "fault": _say(known.fault) if known.fault else "",
        "next_check": check.next_check(known, db.settings, checked) if enabled else None,
        "settings": db.settings,
        "refusal": None,
        "failed": refusal.sentence(reader()) if refusal else "",
        "history": log.entries[:SHOWN],
        "history_total": log.total,
        "voice": voice,
    }
    status, headers = (refusal.status, refusal.headers) if refusal else (200, {})
    return Template("updates/page.html", context=context, status_code=status, headers=headers)


def _say(words: Fault) -> str:
    return reader().gettext(words.message).format(**words.params)
