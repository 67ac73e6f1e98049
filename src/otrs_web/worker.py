"""The worker process: SAQ's worker with our jobs, ending in good order. SAQ's own waits its whole grace
period even when it has nothing to do; this one waits only for jobs, and not long: what does not finish is
handed back to the queue and begins anew at the next start."""

import asyncio
import contextlib
import logging
import socket
import time
from typing import cast

from saq import Worker
from saq.utils import cancel_tasks
from sqlalchemy.exc import SQLAlchemyError

from otrs_web import notify
from otrs_web.broker import answers, socket_path
from otrs_web.database import Database, DatabaseAway
from otrs_web.database.schema import wait_until_usable
from otrs_web.imports.process import warm_up
from otrs_web.jobs import CRON, FUNCTIONS, JobContext, daily_statistics, tick, without_broker
from otrs_web.metrics.jobs import job_begins, job_ends
from otrs_web.queue import TicketQueue, make_queue
from otrs_web.settings import Settings
from otrs_web.updates import check
from otrs_web.updates.follow import follow

log = logging.getLogger(__name__)

_GRACE_S = 3.0
_CANCEL_S = 1.5
_CONCURRENCY = 4
_LOOK_EVERY_S = 5.0


class TicketWorker(Worker[JobContext]):
    """A worker that ends at once when idle, and within five seconds when not."""

    async def schedule(self, lock: int = 1) -> None:
        with self._tickets.may_be_away():
            await super().schedule(lock)

    async def abort(self, abort_threshold: float) -> None:
        with self._tickets.may_be_away():
            await super().abort(abort_threshold)

    async def _after_process(self, ctx: JobContext) -> None:
        # Told to end while the broker is away: SAQ goes on like this as well, after a traceback in the log.
        with contextlib.suppress(asyncio.CancelledError):
            await super()._after_process(ctx)

    @property
    def _tickets(self) -> TicketQueue:
        return cast("TicketQueue", self.queue)

    async def stop(self) -> None:
        self.event.set()
        deadline = time.monotonic() + _GRACE_S
        # A job leaves the list when its end is written down, which no task or event tells.
        while self.job_task_contexts and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        tasks = list(self.tasks)
        self.tasks.clear()
        await cancel_tasks(tasks, _CANCEL_S)
        await super().stop()


def run_worker(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; gives the exit code."""
    if settings.queue_url is None and not answers(socket_path(settings)):
        log.error("No broker: start `otrs-web run` first, or name a broker in OTRS_WEB_QUEUE_URL.")
        return 1
    try:
        wait_until_usable(settings)
    except DatabaseAway as reason:
        log.error("%s", reason)
        return 1
    # Never closed: that waits for threads, and where no name server answers, one that looks up GitHub's
    # address holds on for half a minute. Whoever called ends the process, with `os._exit`.
    asyncio.Runner().run(_work(settings, make_queue(settings), Database(settings)))
    return 0


async def _work(settings: Settings, queue: TicketQueue, db: Database) -> None:
    async def startup(ctx: JobContext) -> None:
        ctx["settings"], ctx["db"], ctx["tickets"] = settings, db, queue
        ctx["importing"] = asyncio.Lock()
        await tick(ctx)
        await daily_statistics(ctx)
        # A little later: at a start, the web process needs the processor more.
        asyncio.get_running_loop().call_later(2.0, warm_up)
        notify.ready(settings)

    worker = TicketWorker(
        queue,
        FUNCTIONS,
        concurrency=_CONCURRENCY,
        cron_jobs=CRON,
        startup=startup,
        before_process=job_begins,
        after_process=job_ends,
        # by which a health check beside it finds this worker
        metadata={"host": socket.gethostname()},
        cancellation_hard_deadline_s=_CANCEL_S - 0.5,
    )
    works = (_ask_for_updates(db), _without_broker(worker.context))
    beside = [asyncio.create_task(work) for work in works]
    try:
        await worker.start()
    finally:
        await cancel_tasks(beside, _CANCEL_S)
        await queue.disconnect()
        await db.dispose()


async def _ask_for_updates(db: Database) -> None:
    """Beside the start, which does not wait for GitHub."""
    try:
        await follow(db)
        await check.run_due(db, at_start=True)
    except SQLAlchemyError as error:
        log.warning("Newer versions cannot be looked for: %s", error)


async def _without_broker(ctx: JobContext) -> None:
    """Watch for times at which the broker does not do its work, and do without."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        if "tickets" in ctx and ctx["tickets"].was_away:
            # once more when it is back: it was not told what came a moment before
            ctx["tickets"].was_away = ctx["tickets"].is_away
            try:
                await without_broker(ctx)
            except Exception:  # the outermost edge: the next outage needs this watch
                log.exception("What was to be done without the broker has failed")
