"""The job queue: SAQ on the embedded broker or on one named in the settings. A job is no more than a call to
look at the database, which alone knows what is to be done; so a lost or doubled job costs nothing, and the
upload's row id is all that it carries."""

import asyncio
import contextlib
import logging

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as BrokerGone
from saq import Job
from saq.job import Status
from saq.queue.redis import RedisQueue
from saq.utils import now

from otrs_web.broker import socket_path
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

IMPORT = "import_tickets"
HEARTBEAT_S = 30
ATTEMPTS = 3
_SECOND_LOOK_S = 2.0

# A job as seen in the list of active ones: its id and, unless its data are gone, status, start, last touch.
_Suspect = tuple[bytes, str, int, int]


class TicketQueue(RedisQueue):
    """SAQ's queue with two faults mended. Its sweep takes a job that a worker has just fetched, and not yet
    marked as begun, for a stuck one: it aborted such jobs or ran them twice. And its worker asks a broker
    that is away again and again without a pause."""

    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        """Queue again, or give up, what is stuck and was so, unchanged, two seconds ago."""
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
            elif job.status != Status.ACTIVE or job.stuck:
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
        try:
            return await super().dequeue(timeout, poll_interval)
        except BrokerGone as error:
            log.warning("The broker does not answer (%s); trying again", error)
            await asyncio.sleep(1.0)
            return None

    async def workers(self) -> int:
        """How many workers have told within the last seconds that they are there."""
        return int(await self.redis.zcount(self._stats, now(), "inf"))

    async def disconnect(self) -> None:
        """Let go of the broker, also of one that is away already."""
        with contextlib.suppress(BrokerGone):
            await super().disconnect()


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
        await queue.enqueue(
            IMPORT, upload_id=upload_id, timeout=0, heartbeat=HEARTBEAT_S, retries=ATTEMPTS, ttl=60
        )
    except (BrokerGone, TimeoutError) as error:
        log.warning("The broker does not answer (%s); the worker will find what waits by itself", error)
