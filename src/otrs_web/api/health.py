"""For whoever watches the program: whether the process lives, and whether it can do its work."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency

from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.health import Health, health
from otrs_web.i18n import N_
from otrs_web.queue import TicketQueue
from otrs_web.reader import reader
from otrs_web.updates.versions import running_version


@dataclass
class HealthAnswer:
    """`status` is `ok` where the process is ready; where it is not, the answer is a 503 with the same fields.
    `database` and `broker` are `ok` or `unreachable`. `parts` says of database, broker, worker and disk the
    `state` (`ok`, `degraded`, `failed`), a `message`, and figures such as `free_bytes`."""

    status: str
    database: str
    broker: str
    parts: dict[str, dict[str, str | int]]


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

    @get("/ready", summary="Whether pages can be shown, and the state of each part", responses=problems(503))
    async def ready(self, db: NamedDependency[Database], queue: NamedDependency[TicketQueue]) -> HealthAnswer:
        """503 where the database, or the broker that belongs to this very program, cannot be reached. A
        worker that is missing, a full disk or a broker at `OTRS_WEB_QUEUE_URL` that is away does not stop
        pages."""
        found = await health(db, queue)
        fields: dict[str, Any] = {
            "database": found.database,
            "broker": found.broker,
            "parts": _parts(found),
        }
        if missing := found.missing:
            raise Problem(503, N_("Not reachable: {parts}."), params={"parts": ", ".join(missing)}, **fields)
        return HealthAnswer("ok", **fields)


def _parts(found: Health) -> dict[str, dict[str, str | int]]:
    say = reader().gettext
    return {
        name: {"state": part.state, "message": say(part.message).format(**part.figures), **part.figures}
        for name, part in found.parts().items()
    }
