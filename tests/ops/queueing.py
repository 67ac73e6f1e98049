"""A real broker and its queue for tests that need no more of the process tree."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from saq import Job

from otrs_web import broker
from otrs_web.queue import TicketQueue
from otrs_web.settings import Settings
from tests.ops.site import wait_until


@contextmanager
def running_broker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The embedded broker of these settings, ready to serve; killed at the end."""
    process = subprocess.Popen(broker.command(settings))
    try:
        wait_until(lambda: broker.answers(broker.socket_path(settings)))
        yield process
    finally:
        process.kill()
        process.wait()


async def add(queue: TicketQueue, function: str, **values: Any) -> Job:
    """Queue a job as imports are queued."""
    job = await queue.enqueue(function, timeout=0, heartbeat=30, retries=3, **values)
    assert job is not None
    return job
