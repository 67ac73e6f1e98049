"""Who may do what cannot be undone. One admin password guards it, given with the request (`auth_password` in
the body, or HTTP Basic) or once for two hours of a browser's session. Wrong passwords are counted in the
database, so that several web processes together do not allow more guesses than one."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.models import AuthFailure
from otrs_web.reader import AnyConnection, AnyRequest
from otrs_web.security import client_address, has_body, media_type
from otrs_web.settings import Settings

ADMIN_USER = "admin"
SESSION_COOKIE = "otrs_web_admin"
SESSION_SECONDS = 2 * 60 * 60
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
#: this many wrong passwords in a row from one address within this time, and it has to wait
ALLOWED_FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=10)


class _Credentials(msgspec.Struct):
    auth_password: str | None = None


class _ClockSigner(TimestampSigner):
    """Signs with the application's clock, which tests can set."""

    def get_timestamp(self) -> int:
        return int(utc_now().timestamp())


async def admin_only(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Guard of what cannot be undone. Forms that say a refusal beside what was typed ask `require_admin`."""
    await require_admin(AnyRequest(connection.scope, connection.receive))


async def require_admin(request: AnyRequest) -> None:
    """Return if the password comes with the request, or the browser is signed in; raises Problem 401, or 429
    after too many wrong ones. A password that is given counts, even in a signed-in browser."""
    password = await _password_of(request)
    if password is not None:
        await check_password(request, password)
    elif not is_signed_in(request):
        raise _refusal(request, _what_is_missing(request))


def _what_is_missing(request: AnyRequest) -> str:
    """A page leaves the field of the password out of its forms only while the browser is signed in."""
    if media_type(request.headers) in FORMS:
        return N_("You are no longer signed in as admin, so nothing was changed. Sign in, then try again.")
    return N_("This needs the admin password.")


async def check_password(request: AnyRequest, password: str) -> None:
    """Return if the password is the right one; raises Problem 401, or 429 after too many wrong ones."""
    db: Database = request.app.state.db
    settings: Settings = request.app.state.settings
    address = client_address(request)[:64]
    async with db.read() as session:
        failures = await _refuse_guessing(session, address)
    if settings.admin_password and _same(password, settings.admin_password):
        if failures:
            async with db.write() as session:
                await session.execute(delete(AuthFailure).where(AuthFailure.address == address))
        return
    async with db.write() as session:
        await _refuse_guessing(session, address)
        await session.execute(delete(AuthFailure).where(AuthFailure.at < utc_now() - FAILURE_WINDOW))
        session.add(AuthFailure(address=address, at=utc_now()))
    raise _refusal(request, N_("The admin password is wrong."))


async def _refuse_guessing(session: AsyncSession, address: str) -> int:
    """How many wrong passwords in a row came from the address; raises Problem 429 if they are too many."""
    now = utc_now()
    since = now - FAILURE_WINDOW
    # Nor those far in the future: after a clock was set back, nobody shall wait until they are over.
    recent = AuthFailure.at.between(since, now + FAILURE_WINDOW)
    query = select(func.count(), func.min(AuthFailure.at)).where(AuthFailure.address == address, recent)
    failures, oldest = (await session.execute(query)).one()
    if failures >= ALLOWED_FAILURES:
        wait = max(1, int((oldest - since).total_seconds()) + 1)
        raise Problem(
            429,
            N_("Too many wrong passwords. Wait {minutes} minutes, then try again."),
            params={"minutes": -(-wait // 60)},
            headers={"retry-after": str(wait)},
            auth_required=True,
        )
    return int(failures)


def _refusal(request: AnyRequest, message: str) -> Problem:
    # A browser would open its own password window over the page's form if it were offered Basic.
    scheme = "Session" if "sec-fetch-mode" in request.headers else "Basic"
    headers = {"www-authenticate": f'{scheme} realm="otrs-web", charset="UTF-8"'}
    return Problem(401, message, headers=headers, auth_required=True)


async def _password_of(request: AnyRequest) -> str | None:
    """The password that comes with the request, if any; an empty one counts as none."""
    return await _password_in_body(request) or _basic_password(request.headers.get("authorization", ""))


async def _password_in_body(request: AnyRequest) -> str | None:
    if request.scope["type"] != ScopeType.HTTP or not has_body(request.headers):
        return None
    if media_type(request.headers) in FORMS:
        value = (await request.form()).get("auth_password")
        return value if isinstance(value, str) else None
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=_Credentials).auth_password
    except msgspec.ValidationError as error:
        message = N_("The admin password must be text.")
        raise Problem(400, message, field="auth_password") from error
    except msgspec.DecodeError as error:
        raise Problem(400, N_("The request is not readable as JSON.")) from error


def _basic_password(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "\0"  # no password contains it: unreadable credentials are wrong, not absent
    return password if user == ADMIN_USER else "\0"


def _same(given: str, expected: str) -> bool:
    """Compare in a time that tells neither the length nor the first wrong character."""
    digests = (hashlib.sha256(text.encode(errors="surrogatepass")).digest() for text in (given, expected))
    return hmac.compare_digest(*digests)


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    # A new password ends the sessions that were opened with the old one.
    keys = f"{settings.secret_key}\0{settings.admin_password}"
    return URLSafeTimedSerializer(keys, salt="admin-session", signer=_ClockSigner)


def session_cookie(request: AnyRequest) -> Cookie:
    """The cookie of a browser that has just given the right password."""
    value = _serializer(request.app.state.settings).dumps(ADMIN_USER)
    return _cookie(request, str(value), SESSION_SECONDS)


def ended_session_cookie(request: AnyRequest) -> Cookie:
    return _cookie(request, "", 0)


def _cookie(request: AnyRequest, value: str, seconds: int) -> Cookie:
    secure = request.url.scheme == "https"
    return Cookie(
        key=SESSION_COOKIE,
        value=value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/",
    )


def is_signed_in(request: AnyConnection) -> bool:
    return signed_in_until(request) is not None


def signed_in_until(request: AnyConnection) -> datetime | None:
    """When the browser's session ends, in UTC; None where it is not signed in, or no longer."""
    value = request.cookies.get(SESSION_COOKIE, "")
    settings: Settings = request.app.state.settings
    if not settings.admin_password or not settings.secret_key:
        return None
    since: datetime
    try:
        who, since = _serializer(settings).loads(value, return_timestamp=True)
    except BadData:
        return None
    # Signed a while in the future, it is another process's whose clock is ahead, or the clock was set back.
    length = timedelta(seconds=SESSION_SECONDS)
    return since + length if who == ADMIN_USER and abs(utc_now() - since) <= length else None
