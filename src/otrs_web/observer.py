"""Every request on its way through the program: it has an id that stands in the answer and in each line that
is logged meanwhile, it is counted and timed, and a collector gets a line about it. Done around the
application, so that unknown addresses and errors are seen as well.

What is noted is the route (`/tickets/{number}`), never the address: addresses name tickets, people and files,
and there is no end of them."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress

from litestar.types import HTTPScope, Message, Receive, Send

from otrs_web.logging_setup import REQUESTS, log_context
from otrs_web.metrics.requests import RequestMetrics

log = logging.getLogger(REQUESTS)

UNKNOWN_ROUTE = "(unknown)"
#: what pages are made of and what watches the program: much of it, and nobody waits for it
NO_PAGES = ("/static/", "/health/", "/metrics")
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_SANE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

Answer = Callable[[HTTPScope, Receive, Send], Awaitable[None]]


class Observer:
    """`metrics` is what the requests of this process are counted in."""

    def __init__(self, metrics: RequestMetrics) -> None:
        self._metrics = metrics

    async def observe(
        self, method: str, scope: HTTPScope, receive: Receive, send: Send, answer: Answer
    ) -> None:
        """Have the request answered. `method` is the sender's, `scope` as `proxies.py` leaves it: an id that
        the request brings along is a trusted proxy's."""
        request_id = _id_of(scope)
        note = _Note(request_id, send)
        with log_context(request_id=request_id):
            began = time.perf_counter()
            try:
                await answer(scope, receive, note.send)
            finally:
                if not scope["path"].startswith(NO_PAGES):
                    route = scope.get("path_template") or UNKNOWN_ROUTE
                    kind = method if method in _METHODS else "other"
                    self._note(kind, route, note, time.perf_counter() - began)

    def _note(self, method: str, route: str, note: "_Note", seconds: float) -> None:
        self._metrics.note(method, route, note.status, seconds)
        if log.isEnabledFor(logging.INFO):
            milliseconds = round(seconds * 1000, 1)
            fields = {
                "method": method,
                "route": route,
                "status": note.status,
                "duration_ms": milliseconds,
                "bytes": note.octets,
            }
            log.info("%s %s %s, %s ms", method, route, note.status, milliseconds, extra={"fields": fields})


class _Note:
    """What was answered: the status, 500 until there is one, and how many bytes as far as they were sent."""

    def __init__(self, request_id: str, send: Send) -> None:
        self.status = 500
        self.octets = 0
        self._header = (b"x-request-id", request_id.encode())
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), self._header]
        elif message["type"] == "http.response.body":
            self.octets += len(message["body"])
        await self._send(message)


def _id_of(scope: HTTPScope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    with suppress(UnicodeDecodeError):
        if _SANE_ID.fullmatch(text := given.decode("ascii")):
            return text
    return uuid.uuid4().hex
