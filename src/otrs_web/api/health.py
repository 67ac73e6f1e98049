"""For whoever watches the program: whether the process lives, and whether it can do its work."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency

from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.health import health
from otrs_web.i18n import N_
from otrs_web.queue import TicketQueue
from otrs_web.updates.versions import running_version


@dataclass
class HealthAnswer:
    """`status` is `ok`; a part that cannot be reached makes the answer a 503 instead."""

    status: str
    database: str | None = None
    broker: str | None = None


@dataclass
class LiveAnswer:
    """`version` is that of the program that answers."""

    status: str
    version: str


class HealthController(Controller):
    path = "/health"
    tags = ("Operation",)

    @get("/live", summary="The process answers")
    async def live(self) -> LiveAnswer:
        return LiveAnswer("ok", running_version())

    @get("/ready", summary="Database and job queue can be reached", responses=problems(503))
    async def ready(self, db: NamedDependency[Database], queue: NamedDependency[TicketQueue]) -> HealthAnswer:
        parts = await health(db, queue)
        found: dict[str, Any] = {"database": parts.database, "broker": parts.broker}
        if any(state != "ok" for state in found.values()):
            missing = ", ".join(name for name, state in found.items() if state != "ok")
            raise Problem(503, N_("Not reachable: {parts}."), params={"parts": missing}, **found)
        return HealthAnswer("ok", **found)
