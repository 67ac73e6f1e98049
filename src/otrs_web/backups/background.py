"""Work with backups beside an event loop: in a thread, since nearly all of it is done by the database, the
compression and the disk, which leave the interpreter to others. The thread does not keep a process from
ending: whatever it was doing then counts as killed, which every task can stand."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from otrs_web.backups.errors import BackupError

log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")


def begin(work: Callable[[], Outcome]) -> "asyncio.Future[Outcome]":
    """Start the work; the future is its outcome. Cancelling it does not end the work."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Outcome] = loop.create_future()

    def tell(outcome: Outcome | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome)  # type: ignore[arg-type]

    def run() -> None:
        outcome, error = None, None
        try:
            outcome = work()
        except BaseException as raised:  # noqa: BLE001 - handed on to whoever waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, outcome, error)

    threading.Thread(target=run, name="backups", daemon=True).start()
    return future


async def within(seconds: float, work: Callable[[], Outcome]) -> Outcome | None:
    """The outcome of the work, or None where it takes longer: then it goes on, and `last_task` tells how it
    ended."""
    future = begin(work)
    done, _ = await asyncio.wait([future], timeout=seconds)
    if done:
        return future.result()
    future.add_done_callback(_look_at)
    return None


def _look_at(future: "asyncio.Future[Any]") -> None:
    """Nobody waits for the outcome any more. What a task says is noted with it; other errors are not."""
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, BackupError):
        log.error("work with backups failed", exc_info=error)
