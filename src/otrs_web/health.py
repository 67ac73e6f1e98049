"""Whether the parts of the program do their work: the database, the job queue, a worker that takes jobs from
it, and the disk. Asked by whoever watches the program, and shown on the database page.

Not ready is a web process that cannot show pages, so that whoever spreads requests over several ones leaves
it out: that takes the database. Without a worker, or with little room on the disk, pages work and uploads are
kept or refused with a reason; leaving out every web process for that would only take the pages away as well.
The same holds for a broker of its own address, which several web processes share. The embedded broker is part
of this one program, beside which there is no other: it is not ready without it.
"""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from anyio import to_thread
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from otrs_web.answering import answer_of
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.imports.history import waiting
from otrs_web.queue import TicketQueue
from otrs_web.settings import Settings

State = Literal["ok", "degraded", "failed"]
_MEGABYTE = 1 << 20
#: below this nothing can be stored: a transaction needs room beside the database
FULL_BYTES = 100 * _MEGABYTE
#: an upload, what the database makes of it, and the backup of the night
LOW_BYTES, LOW_UPLOADS = 1024 * _MEGABYTE, 3


class Part(NamedTuple):
    """`message` is a marked sentence with {placeholders} for `figures`."""

    state: State
    message: str
    figures: Mapping[str, int]


class Jobs(NamedTuple):
    """How many workers take jobs, and how many jobs wait and are being done."""

    workers: int
    queued: int
    active: int


class Disk(NamedTuple):
    """In bytes, of the file system that the data directory is on."""

    free: int
    size: int


@dataclass(frozen=True)
class Health:
    """`imports` wait or run, None where the database does not tell; `found` is what the queue, `disk` what
    the data directory's file system says, None where they say nothing."""

    settings: Settings
    imports: int | None
    found: Jobs | None
    disk: Disk | None

    @property
    def workers(self) -> int | None:
        return None if self.found is None else self.found.workers

    @property
    def jobs(self) -> int | None:
        return None if self.found is None else self.found.queued + self.found.active

    @property
    def database(self) -> str:
        return "unreachable" if self.imports is None else "ok"

    @property
    def broker(self) -> str:
        return "unreachable" if self.found is None else "ok"

    @property
    def missing(self) -> list[str]:
        """The parts without which this process is not ready."""
        needed = {"database": self.database}
        if self.settings.queue_url is None:
            needed["broker"] = self.broker
        return [name for name, state in needed.items() if state != "ok"]

    def parts(self) -> Mapping[str, Part]:
        return {
            "database": self._database(),
            "broker": broker_part(self.found),
            "worker": worker_part(self.found),
            "disk": disk_part(self.disk, self.settings.max_upload_mb),
        }

    def _database(self) -> Part:
        if self.imports is None:
            return Part("failed", N_("The database cannot be reached."), {})
        return Part("ok", N_("The database answers."), {"imports": self.imports})


def broker_part(found: Jobs | None) -> Part:
    """Whether jobs are kept for a worker."""
    if found is None:
        message = N_("The job queue cannot be reached. Uploads are kept and imported as soon as it is back.")
        return Part("failed", message, {})
    figures = {"queued": found.queued, "active": found.active}
    return Part("ok", N_("The job queue answers."), figures)


def worker_part(found: Jobs | None) -> Part:
    """Whether anybody takes them."""
    if found is None:
        message = N_("Whether a worker runs is not known, since the job queue does not answer.")
        return Part("degraded", message, {})
    figures = {"workers": found.workers}
    if found.workers == 0:
        message = N_("No worker is running. Uploads are kept and imported as soon as one is started.")
        return Part("failed", message, figures)
    return Part("ok", N_("A worker takes jobs."), figures)


def disk_part(disk: Disk | None, max_upload_mb: int) -> Part:
    """How much room there is for what is to come."""
    if disk is None:
        return Part("failed", N_("The data directory cannot be looked at."), {})
    figures = {"free_bytes": disk.free, "size_bytes": disk.size, "free_mb": disk.free // _MEGABYTE}
    if disk.free < FULL_BYTES:
        message = N_("The disk is full: {free_mb} MB are free. Uploads and backups fail until there is room.")
        return Part("failed", message, figures)
    if disk.free < max(LOW_BYTES, LOW_UPLOADS * max_upload_mb * _MEGABYTE):
        message = N_("The disk is nearly full: {free_mb} MB are free. Make room before uploads fail.")
        return Part("degraded", message, figures)
    return Part("ok", N_("There is room on the disk."), figures)


async def health(db: Database, queue: TicketQueue) -> Health:
    """Waits for a part that does not answer no longer than `answer_of` does."""
    imports, found, disk = await asyncio.gather(_imports(db), jobs_in(queue), _disk(db))
    return Health(db.settings, imports, found, disk)


async def _imports(db: Database) -> int | None:
    async def ask() -> int:
        async with db.read() as session:
            return await waiting(session)

    try:
        return await answer_of(db, "imports", ask)
    except (SQLAlchemyError, TimeoutError):
        return None


async def jobs_in(queue: TicketQueue) -> Jobs | None:
    """What the queue says, or None where it does not answer in time."""

    async def ask() -> Jobs:
        workers = await queue.workers()
        return Jobs(workers, await queue.count("queued"), await queue.count("active"))

    try:
        return await answer_of(queue, "jobs", ask)
    except (RedisError, OSError, TimeoutError):
        return None


async def _disk(db: Database) -> Disk | None:
    async def ask() -> Disk:
        usage = await to_thread.run_sync(shutil.disk_usage, db.settings.data_dir)
        return Disk(usage.free, usage.total)

    try:
        return await answer_of(db, "disk", ask)
    except (OSError, TimeoutError):
        return None
