"""The job queue: SAQ on the embedded broker or on one named in the settings. A job is no more than a call to
look at the database, which alone knows what is to be done; so a lost or doubled job costs nothing, and the
upload's row id is all that it carries. A broker that is away, or takes nothing because its disk is full, is
nothing that anybody need notice: whoever asks it goes on without an answer."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from saq import Job
from saq.job import Status
from saq.queue.redis import RedisQueue
from saq.types import WorkerInfo
from saq.utils import now

from otrs_web.broker import socket_path
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

IMPORT = "import_tickets"
HEARTBEAT_S = 30
ATTEMPTS = 3
_SECOND_LOOK_S = 2.0
_GOODBYE_S = 0.5
#: jobs are scheduled for the next minute at most: what is due later was so by a clock that has been set back
_HORIZON_S = 90
#: a worker that tells of itself every ten seconds is believed to be there for so long
_PRESENT_MS = 61_000
#: queue the jobs that are due at ARGV[1], in seconds, or that no clock of today can have scheduled
_DUE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], 1, ARGV[1])
for _, job in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf')) do
    table.insert(due, job)
end
for _, job in ipairs(due) do
    redis.call('ZADD', KEYS[1], 0, job)
    redis.call('RPUSH', KEYS[2], job)
end
return due
"""

# A job as seen in the list of active ones: its id and, unless its data are gone, status, start, last touch.
_Suspect = tuple[bytes, str, int, int]


class TicketQueue(RedisQueue):
    """SAQ's queue with three faults mended. Its sweep takes a job that a worker has just fetched, and not yet
    marked as begun, for a stuck one: it aborted such jobs or ran them twice. Its worker asks a broker that is
    away again and again without a pause, with a traceback each time. And where the clock is set back, its
    jobs wait, and its locks hold, until the old time comes again."""

    #: whether the broker did not take what was last told to it, and whether there was such a time since
    #: somebody looked for what it did not tell
    is_away = False
    was_away = False

    @contextlib.contextmanager
    def may_be_away(self) -> Iterator[None]:
        """Go on without an answer where the broker does not do its work; the log is told once."""
        try:
            yield
        except (RedisError, OSError, TimeoutError) as error:
            if not self.is_away:
                log.warning("The broker does not do its work (%s); trying again and again", error)
            self.is_away = self.was_away = True

    async def write_worker_info(self, worker_id: str, info: WorkerInfo, ttl: int) -> None:
        with self.may_be_away():
            await super().write_worker_info(worker_id, info, ttl)
            self._is_back()

    def _is_back(self) -> None:
        """Called after it took something: one with a full disk still answers questions."""
        if self.is_away:
            log.info("The broker does its work again")
        self.is_away = False

    async def _update(self, job: Job, status: Status | None = None, **values: Any) -> None:
        with self.may_be_away():
            await super()._update(job, status, **values)

    async def _retry(self, job: Job, error: str | None) -> None:
        with self.may_be_away():
            await super()._retry(job, error)

    async def _finish(
        self, job: Job, status: Status, *, result: Any = None, error: str | None = None
    ) -> None:
        with self.may_be_away():
            await super()._finish(job, status, result=result, error=error)

    async def schedule(self, lock: int = 1) -> list[str]:
        """Queue what is due, in one step of the broker's, so that several workers need no lock for it."""
        seconds = now() // 1000
        due = await self.redis.eval(_DUE, 2, self._incomplete, self._queued, seconds, seconds + _HORIZON_S)  # type: ignore[misc]
        return [job_id.decode() for job_id in due]

    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        """Queue again, or give up, what is stuck and was so, unchanged, two seconds ago."""
        with self.may_be_away():
            return await self._swept(lock)
        return []

    async def _swept(self, lock: int) -> list[str]:
        if await self.redis.ttl(self._sweep) > lock:
            await self.redis.delete(self._sweep)
        if not await self.redis.set(self._sweep, 1, nx=True, ex=lock):
            return []
        before = await self._suspects()
        if not before:
            return []
        await asyncio.sleep(_SECOND_LOOK_S)
        return [await self._take_up(job_id) for job_id, *_ in before & await self._suspects()]

    async def _suspects(self) -> set[_Suspect]:
        found: set[_Suspect] = set()
        job_ids: list[bytes] = await self.redis.lrange(self._active, 0, -1)  # type: ignore[misc]
        for job_id in job_ids:
            job = self.deserialize(await self.redis.get(job_id))
            if job is None:
                found.add((job_id, "missing", 0, 0))
            elif job.status != Status.ACTIVE or job.stuck or job.touched > now() + _PRESENT_MS:
                found.add((job_id, job.status, job.started, job.touched))
        return found

    async def _take_up(self, job_id: bytes) -> str:
        job = self.deserialize(await self.redis.get(job_id))
        if job is None:
            async with self.redis.pipeline(transaction=True) as pipe:
                name = job_id.decode()
                pipe.lrem(self._active, 0, name)
                pipe.zrem(self._incomplete, name)
                await pipe.execute()
        elif job.retryable:
            await self.retry(job, "its worker has gone")
        else:
            await self.finish(job, Status.ABORTED, error="its worker has gone too often")
        log.info("A job was left behind and is taken up again: %s", job_id.decode())
        return job_id.decode()

    async def dequeue(
        self,
        timeout: float = 0.0,  # noqa: ASYNC109 - SAQ's signature
        poll_interval: float = 0.0,
    ) -> Job | None:
        with self.may_be_away():
            job = await super().dequeue(timeout, poll_interval)
            self._is_back()
            return job
        await asyncio.sleep(1.0)
        return None

    async def workers(self) -> int:
        """How many workers have told within the last seconds that they are there."""
        present = now()
        return int(await self.redis.zcount(self._stats, present, present + _PRESENT_MS))

    async def disconnect(self) -> None:
        """Let go of the broker. SAQ's own would first connect to it, even to one that is away, and tell it
        that news of jobs are not wanted any more, for which nobody here ever asks."""
        with contextlib.suppress(RedisError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.redis.aclose(close_connection_pool=True)


def make_queue(settings: Settings) -> TicketQueue:
    """The queue of this installation. It connects when first used; disconnect it at the end."""
    # The client's own patience is ten seconds; an upload must not wait so long for an answer.
    retry = Retry(ExponentialBackoff(cap=0.3, base=0.05), retries=3)
    if settings.queue_url is None:
        client = aioredis.Redis(unix_socket_path=str(socket_path(settings)), retry=retry)
    else:
        over_tcp = {} if settings.queue_url.startswith("unix:") else {"socket_keepalive": True}
        client = aioredis.from_url(settings.queue_url, retry=retry, health_check_interval=30, **over_tcp)
    return TicketQueue(client, name="otrs-web")


async def enqueue_import(queue: RedisQueue, upload_id: int | None = None) -> None:
    """Have the queued uploads imported, after this one was committed; without one, whatever waits. A broker
    that is away does not matter to the caller: the worker looks for uploads without a job every minute."""
    try:
        job = await queue.enqueue(
            IMPORT, upload_id=upload_id, timeout=0, heartbeat=HEARTBEAT_S, retries=ATTEMPTS, ttl=60
        )
        if job is not None:
            log.info("Queued as job %s", job.key)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("The broker does not do its work (%s); the worker will find what waits by itself", error)
