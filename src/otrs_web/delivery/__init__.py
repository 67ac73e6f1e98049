"""What every answer goes through on its way out: one to a GET gets a tag that stands for its content, and
whoever has that content already is told so instead of being sent it again; the rest is packed.

The tag is made of the body, not of what the body was made of. So nothing that a page depends on (the data,
the filter, language, theme, a newer version to tell of, whether the reader is signed in, the day) can be
forgotten in it. What costs much to make is remembered per version of the data (`ready.py`), with its tag and
packed.

Streams pass as they are: files that are long, or packed already, and are not held in memory for this.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import cast

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

from otrs_web.delivery.packing import WORTHWHILE, coding_for, packed

#: what an answer may depend on beside its address
VARY = "accept-encoding, accept-language, cookie"
#: what is said of a body is not said without one (RFC 9110, 15.4.5)
_OF_THE_BODY = ("content-encoding", "content-length", "content-type")
_TEXTS = ("text/", "application/json", "application/problem+json", "application/vnd.oai.openapi")


def tag_of(body: bytes) -> str:
    """The entity tag of a body, weak: it stays the same however the body is packed."""
    return f'W/"{blake2b(body, digest_size=12).hexdigest()}"'


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether the client has what the tag stands for."""
    known = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", tag.removeprefix("W/")) for one in known)


class Deliver(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        asked = Headers.from_scope(scope)
        is_read = cast("HTTPScope", scope)["method"] == "GET"
        held: HTTPResponseStartEvent | None = None

        async def deliver(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None and message["type"] == "http.response.body":
                start, held = held, None
                if message.get("more_body"):
                    MutableScopeHeaders(start).setdefault("vary", VARY)
                else:
                    message["body"] = _finished(start, message.get("body", b""), asked, is_read=is_read)
                await send(start)
            await send(message)

        await next_app(scope, receive, deliver)


def _finished(
    start: HTTPResponseStartEvent, body: bytes, asked: Mapping[str, str], *, is_read: bool
) -> bytes:
    """The body to send under `start`, whose headers and status become those that go with it."""
    headers = MutableScopeHeaders(start)
    headers.setdefault("vary", VARY)
    if is_read and start["status"] == 200:
        headers["etag"] = tag = headers.get("etag") or tag_of(body)
        if is_known(asked.get("if-none-match", ""), tag):
            start["status"] = 304
            for name in _OF_THE_BODY:
                headers.pop(name, None)
            return b""
    coding = coding_for(asked.get("accept-encoding", ""))
    is_plain = "content-encoding" not in headers and headers.get("content-type", "").startswith(_TEXTS)
    if coding and is_plain and len(body) >= WORTHWHILE:
        body = packed(body, coding)
        headers["content-encoding"] = coding
        headers["content-length"] = str(len(body))
    return body
