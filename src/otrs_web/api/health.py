"""For whoever watches the program: whether the process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, cast

from litestar import Controller, get
from litestar.di import NamedDependency
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.imports.progress import progress
from otrs_web.queue import TicketQueue

PATIENCE_SECONDS = 3


@dataclass
class Health:
    """`status` is `ok`; a part that cannot be reached makes the answer a 503 instead."""

    status: str
    database: str | None = None
    broker: str | None = None


class HealthController(Controller):
    path = "/health"
    tags = ("Operation",)

    @get("/live", summary="The process answers")
    async def live(self) -> Health:
        return Health("ok")

    @get("/ready", summary="Database and job queue can be reached", responses=problems(503))
    async def ready(self, db: NamedDependency[Database], queue: NamedDependency[TicketQueue]) -> Health:
        found: dict[str, Any] = {"database": await _database(db), "broker": await _broker(queue)}
        if any(state != "ok" for state in found.values()):
            missing = ", ".join(name for name, state in found.items() if state != "ok")
            raise Problem(503, N_("Not reachable: {parts}."), params={"parts": missing}, **found)
        return Health("ok", **found)


async def _database(db: Database) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), db.read() as session:
            await progress(session)
    except (SQLAlchemyError, TimeoutError):
        return "unreachable"
    return "ok"


async def _broker(queue: TicketQueue) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await cast("Awaitable[bool]", queue.redis.ping())
    except (RedisError, OSError, TimeoutError):
        return "unreachable"
    return "ok"
