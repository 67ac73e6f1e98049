"""How long jobs take, counted in the broker. A worker has no address at which it could be asked, and the
broker outlives it; a job costs one more message to it."""

import logging
import time
from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple, cast

from prometheus_client.core import HistogramMetricFamily
from redis.exceptions import RedisError
from saq import Job
from saq.job import Status
from saq.types import Context

from otrs_web.logging_setup import enter_context
from otrs_web.queue import TicketQueue

log = logging.getLogger(__name__)

KEY = "otrs-web:job-durations"
#: seconds
_BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
_BOUNDS = (*(str(bound) for bound in _BUCKETS), "+Inf")
_SUM = "sum"


class _Timed(Context, total=False):
    began: float
    tickets: TicketQueue


class JobTimes(NamedTuple):
    """`counts` says of each bucket how many jobs ended in it and not in a smaller one."""

    counts: Mapping[str, int]
    seconds: float


Times = Mapping[tuple[str, str], JobTimes]


async def job_begins(ctx: Context) -> None:
    """What the job logs names it, and its time begins."""
    job = ctx["job"]
    upload_id = (job.kwargs or {}).get("upload_id")
    upload = {} if upload_id is None else {"upload_id": upload_id}
    enter_context({"task": job.function, "job_id": job.key, **upload})
    cast("_Timed", ctx)["began"] = time.monotonic()


async def job_ends(ctx: Context) -> None:
    """Count the job, whatever became of it. A broker that is away takes no jobs and counts none."""
    timed, job = cast("_Timed", ctx), ctx["job"]
    seconds = time.monotonic() - timed["began"]
    bucket = _BOUNDS[bisect_left(_BUCKETS, seconds)]
    series = f"{job.function} {_result(timed, job)}"
    try:
        async with timed["tickets"].redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(KEY, f"{series} {bucket}", 1)
            pipe.hincrbyfloat(KEY, f"{series} {_SUM}", seconds)
            await pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("The job's duration could not be counted: %s", error)


def _result(ctx: _Timed, job: Job) -> str:
    """`stopped`: the worker had to end before the job did, and the job begins anew."""
    if ctx.get("exception") is not None:
        return "failed"
    return "done" if job.status == Status.COMPLETE else "stopped"


async def job_times(queue: TicketQueue) -> Times:
    """By task and result; raises what the broker raises."""
    stored = await cast("Mapping[bytes, bytes]", queue.redis.hgetall(KEY))  # type: ignore[misc]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    seconds: dict[tuple[str, str], float] = {}
    for field, value in stored.items():
        task, result, bucket = field.decode().split(" ")
        if bucket == _SUM:
            seconds[task, result] = float(value)
        else:
            counts.setdefault((task, result), {})[bucket] = int(value)
    return {series: JobTimes(found, seconds.get(series, 0.0)) for series, found in counts.items()}


def family(times: Times) -> HistogramMetricFamily:
    """For Prometheus, where `job` is a label of its own: there, what a job does is its `task`."""
    found = HistogramMetricFamily(
        "otrs_web_job_duration_seconds",
        "Time that jobs took, by task and by what became of them: done, failed or stopped.",
        labels=("task", "result"),
    )
    for series, (counts, seconds) in sorted(times.items()):
        total, buckets = 0, []
        for bound in _BOUNDS:
            total += counts.get(bound, 0)
            buckets.append((bound, float(total)))
        found.add_metric(series, buckets, seconds)
    return found
