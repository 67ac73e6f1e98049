"""Whether the parts of the program that are not in this process do their work: the database, the job queue,
and a worker that takes jobs from it. Asked by whoever watches the program, and shown on the database page."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from otrs_web.database import Database
from otrs_web.imports.history import waiting
from otrs_web.queue import TicketQueue

PATIENCE_SECONDS = 3


@dataclass(frozen=True)
class Health:
    """`imports` wait or run, None where the database does not tell; `workers` take jobs and `jobs` are in the
    queue or being done, None where the queue does not tell."""

    imports: int | None
    workers: int | None
    jobs: int | None

    @property
    def database(self) -> str:
        return "unreachable" if self.imports is None else "ok"

    @property
    def broker(self) -> str:
        return "unreachable" if self.workers is None else "ok"


async def health(db: Database, queue: TicketQueue) -> Health:
    """Waits for a part that is away no longer than PATIENCE_SECONDS."""
    imports, (workers, jobs) = await asyncio.gather(_imports(db), _workers_and_jobs(queue))
    return Health(imports, workers, jobs)


async def _imports(db: Database) -> int | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), db.read() as session:
            return await waiting(session)
    except (SQLAlchemyError, TimeoutError):
        return None


async def _workers_and_jobs(queue: TicketQueue) -> tuple[int | None, int | None]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await cast("Awaitable[bool]", queue.redis.ping())
            return await queue.workers(), await queue.count("queued") + await queue.count("active")
    except (RedisError, OSError, TimeoutError):
        return None, None
