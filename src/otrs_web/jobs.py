"""What the worker does: thin shims over the core, and the times at which it does them by itself."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

from saq import CronJob, Job
from saq.types import Context

from otrs_web.backups import daily
from otrs_web.database import Database
from otrs_web.database.faults import DATABASE_FAULTS, in_one_line, is_away
from otrs_web.imports import service
from otrs_web.imports.process import DatabaseLeft, run_import_process
from otrs_web.queue import HEARTBEAT_S, TicketQueue, enqueue_import
from otrs_web.settings import Settings
from otrs_web.stats import daily_runs
from otrs_web.updates import check
from otrs_web.updates.follow import follow

log = logging.getLogger(__name__)

_DATABASE_PAUSE_S = 2.0


class JobContext(Context, total=False):
    """What every job is given: the worker's own things, made once at its start."""

    settings: Settings
    db: Database
    tickets: TicketQueue
    importing: asyncio.Lock


async def import_tickets(ctx: JobContext, *, upload_id: int | None = None) -> None:
    """Import whatever is queued; the upload was the occasion."""
    async with signs_of_life(ctx["job"]), ctx["importing"]:
        log.info("Importing what is queued (occasion: upload %s)", upload_id or "left over")
        await _import_process(ctx)


async def _import_process(ctx: JobContext) -> None:
    """Whatever comes of the database meanwhile: what waits is imported when it is back."""
    while True:
        try:
            return await run_import_process(ctx["settings"])
        except DatabaseLeft:
            log.warning("The import waits for the database")
            await asyncio.sleep(_DATABASE_PAUSE_S)


async def tick(ctx: JobContext) -> None:
    """At the worker's start and every minute: take up uploads that nobody imports, because a worker was
    killed, a job was lost or the broker was away."""
    with database_may_be_away():
        if await service.has_pending(ctx["db"]):
            await enqueue_import(ctx["tickets"])


async def daily_statistics(ctx: JobContext) -> None:
    """At the worker's start and every minute: compute the days that are due. What fails is in the log of the
    runs, and done with the next day's."""
    with database_may_be_away():
        await _due_statistics(ctx["db"])


async def _due_statistics(db: Database) -> None:
    try:
        await daily_runs.run_due(db)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("The daily statistics could not be computed")
        await daily_runs.note_failure(db, error)


async def daily_backup(ctx: JobContext) -> None:
    """Every minute: make the backup of the day, if it is due."""
    async with signs_of_life(ctx["job"]):
        with database_may_be_away():
            await daily.run(ctx["db"])


async def check_for_updates(ctx: JobContext) -> None:
    """Every minute: note how an update ended, and ask for a newer version, if it is time to."""
    with database_may_be_away():
        await follow(ctx["db"])
        await check.run_due(ctx["db"])


async def without_broker(ctx: JobContext) -> None:
    """While the broker does not tell when it is time for something: look, and do it. Of several workers that
    do so, the database lets one have its way, as ever."""
    for work in (_due_statistics, daily.run):
        with database_may_be_away():
            await work(ctx["db"])
    with database_may_be_away():
        if await service.has_pending(ctx["db"]):
            async with ctx["importing"]:
                await _import_process(ctx)


@contextlib.contextmanager
def database_may_be_away() -> Iterator[None]:
    """What a database that is away keeps from being done is done the next time; the log says so in a line."""
    try:
        yield
    except DATABASE_FAULTS as error:
        if not is_away(error):
            raise
        log.warning("The database cannot be used now: %s", in_one_line(error))


FUNCTIONS = [import_tickets, tick, daily_statistics, daily_backup, check_for_updates]
CRON = [
    CronJob(tick, cron="* * * * *", timeout=50, ttl=60),
    CronJob(daily_statistics, cron="* * * * *", timeout=50, ttl=60),
    CronJob(daily_backup, cron="* * * * *", timeout=0, heartbeat=HEARTBEAT_S, ttl=60),
    CronJob(check_for_updates, cron="* * * * *", timeout=50, ttl=60),
]


@contextlib.asynccontextmanager
async def signs_of_life(job: Job) -> AsyncIterator[None]:
    """Meanwhile, tell the queue again and again that the job is not stuck."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S / 6)
            await job.update()

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
