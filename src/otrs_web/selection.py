"""Whom a reader chose to compare, remembered for this browser in a signed cookie: nothing has to be written
for it, and it follows the person, not the address, to every process and machine."""

from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.adopt.selections import adopted_selection
from otrs_web.reader import AnyConnection, AnyRequest
from otrs_web.security import client_address

_COOKIE = "people"
_YEAR = 365 * 24 * 3600
#: browsers keep 4,096 bytes of a cookie with its name and attributes
_LONGEST = 3_800


def remembered(connection: AnyConnection) -> list[str] | None:
    """The names that this browser chose last, in order; None if it never did, or chose everybody."""
    try:
        names = _signer(connection).loads(connection.cookies.get(_COOKIE, ""))
    except BadData:
        return None
    return [str(name) for name in names] if isinstance(names, list) else None


async def last_chosen(connection: AnyConnection, session: AsyncSession) -> Sequence[str] | None:
    """`remembered`; for a browser that has not chosen here yet, what the original application kept for its
    address."""
    if _COOKIE in connection.cookies:
        return remembered(connection)
    return await adopted_selection(session, client_address(connection))


def remember(request: AnyRequest, names: Sequence[str] | None) -> list[Cookie]:
    """The cookies to send with an answer: one that remembers the choice, None for everybody; none if the
    choice is too long to be kept."""
    value = str(_signer(request).dumps(None if names is None else list(names)))
    if len(value) > _LONGEST:
        return []
    secure = request.url.scheme == "https"
    return [
        Cookie(_COOKIE, value=value, path="/", max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    ]


def _signer(connection: AnyConnection) -> URLSafeSerializer:
    return URLSafeSerializer(connection.app.state.settings.secret_key, salt="people")
