"""What every request must satisfy and every answer carries, whichever page or endpoint it is for. A browser
tells where a request comes from (`Sec-Fetch-Site`, else `Origin`); scripts send neither and pass, so no token
has to be carried through forms, and a page of another site still cannot act in a reader's name."""

from typing import cast
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyConnection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

RESPONSE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Answers hold customers' data and change with every import; files with hashed names say otherwise.
    "cache-control": "private, no-cache",
}


async def add_response_headers(message: Message, scope: Scope) -> None:
    """Add the headers that the answer does not set itself; runs for errors and unknown paths as well."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    headers = list(message.get("headers", ()))
    present = {bytes(name).lower() for name, _ in headers}
    added = ((name.encode(), value.encode()) for name, value in RESPONSE_HEADERS.items())
    message["headers"] = [*headers, *(pair for pair in added if pair[0] not in present)]


def is_same_origin(headers: Headers) -> bool:
    """Whether a request that changes something comes from our own pages, from the reader's address bar or
    from a script. Browsers older than `Sec-Fetch-Site` still send `Origin` with every POST."""
    if site := headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    if (origin := headers.get("origin")) is None:
        return True
    try:
        return bool(host := urlsplit(origin).netloc.lower()) and host == headers.get("host", "").lower()
    except ValueError:
        return False


def _method(scope: Scope) -> str:
    return cast("HTTPScope", scope)["method"]


class SameOrigin(ASGIMiddleware):
    """Refuse requests with which another site would change something here."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if _method(scope) not in SAFE_METHODS and not is_same_origin(Headers.from_scope(scope)):
            raise Problem(403, N_("The request came from another website and was refused."))
        await next_app(scope, receive, send)


def has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_only(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Guard of the JSON endpoints: a form, which any page can send anywhere, is not an answer to them.
    A request without a body passes."""
    headers = connection.headers
    if _method(connection.scope) in SAFE_METHODS or not has_body(headers):
        return
    kind = media_type(headers)
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem(415, N_("Send the request as JSON, with the content type application/json."))


def client_address(connection: AnyConnection) -> str:
    """The reader's address, for the database log and for counting wrong passwords (`proxies.py` finds it)."""
    return connection.client.host if connection.client else "unknown"
