"""What every page tells of a newer version: to whoever has not said in this browser that they have seen it. A
process keeps it in memory and looks again every few seconds, with the next request, so that pages which are
served from memory stay as fast as they are."""

import time
from dataclasses import dataclass
from urllib.parse import quote

from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from otrs_web.database import Database
from otrs_web.observer import NO_PAGES
from otrs_web.reader import SEEN_COOKIE, AnyConnection, reader
from otrs_web.updates.notes import rendered
from otrs_web.updates.shapes import Target
from otrs_web.updates.status import load
from otrs_web.updates.versions import shown

#: so old may be what the process knows
TTL_S = 5.0
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Notice:
    """A version to tell of; `version` is as GitHub writes it."""

    version: str
    shown: str
    is_branch: bool
    name: str | None
    notes: Markup | None
    url: str | None


class Notices:
    """What this process knows of a newer version."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._offer: Target | None = None
        self._looked_at: float | None = None

    async def refresh(self) -> None:
        """Look whether there is something to tell. While the database is away, what is known stays."""
        self._looked_at = time.monotonic()  # first, so that requests that come meanwhile do not look as well
        if not self._db.settings.app_update_enabled:
            return
        try:
            async with self._db.read() as session:
                self._offer = (await load(session)).offers
        except SQLAlchemyError:
            return

    async def refresh_if_old(self) -> None:
        if self._looked_at is None or time.monotonic() - self._looked_at > TTL_S:
            await self.refresh()

    def for_reader(self) -> Notice | None:
        """What to tell the reader of this request."""
        offer = self._offer
        if offer is None or reader().seen_update == offer.version:
            return None
        return notice_of(offer)


class LookForNews(ASGIMiddleware):
    """Before a page is made, not before a part of one or a file; who watches the program must get an answer
    also where the database gives none."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection = AnyConnection(scope)
        if "hx-request" not in connection.headers and not scope["path"].startswith(NO_PAGES):
            notices: Notices = connection.app.state.notices
            await notices.refresh_if_old()
        await next_app(scope, receive, send)


def notice_of(target: Target) -> Notice:
    return Notice(
        version=target.version,
        shown=shown(target.version),
        is_branch=target.kind == "branch",
        name=target.name if target.name not in (target.version, shown(target.version)) else None,
        notes=rendered(target.notes) if target.notes else None,
        url=target.url,
    )


def seen_cookie(version: str) -> Cookie:
    """For a browser in which this version has been seen."""
    return Cookie(SEEN_COOKIE, value=quote(version, safe=""), path="/", max_age=_YEAR, samesite="lax")
