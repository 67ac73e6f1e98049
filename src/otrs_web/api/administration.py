"""What cannot be undone, and how a browser signs in for it."""

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from otrs_web.admin import admin_only, check_password, ended_session_cookie, is_signed_in, session_cookie
from otrs_web.api.answers import Cleared, Done, JsonObject, SignedIn
from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.imports import service
from otrs_web.reader import AnyRequest, reader
from otrs_web.security import client_address


class Password(msgspec.Struct):
    """The admin password."""

    password: str


class AdminPassword(msgspec.Struct):
    """The admin password; not needed with HTTP Basic or in a signed-in session."""

    auth_password: str | None = None


class AdministrationController(Controller):
    tags = ("Administration",)

    @post(
        "/clear-database",
        summary="Delete all tickets",
        status_code=200,
        guards=[admin_only],
        responses=problems(401, 415, 429),
    )
    async def clear_database(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        data: JSONBody[AdminPassword | None] = None,
    ) -> Cleared:
        """Uploads, their files and the logs stay. Needs the admin password."""
        address, browser = client_address(request), request.headers.get("user-agent", "")
        count = await service.clear(db, address=address, user_agent=browser)
        words = reader().ngettext("{count} ticket was deleted.", "{count} tickets were deleted.", count)
        return Cleared(words.format(count=reader().formats.number(count)), count)

    @get("/api/daily-stats-auth-status", summary="Whether this browser is signed in as admin")
    async def auth_status(self, request: AnyRequest) -> SignedIn:
        return SignedIn(is_signed_in(request))

    @post(
        "/api/daily-stats-authenticate",
        summary="Sign in as admin for two hours",
        status_code=200,
        responses=problems(400, 401, 415, 429),
    )
    async def authenticate(self, request: AnyRequest, data: JSONBody[Password]) -> Response[Done]:
        await check_password(request, data.password)
        words = reader().gettext(N_("Signed in for two hours."))
        return Response(Done(words), cookies=[session_cookie(request)])

    @post("/api/daily-stats-logout", summary="Sign out", status_code=200, responses=problems(415))
    async def logout(self, request: AnyRequest, data: JSONBody[JsonObject | None] = None) -> Response[Done]:
        words = reader().gettext(N_("Signed out."))
        return Response(Done(words), cookies=[ended_session_cookie(request)])
