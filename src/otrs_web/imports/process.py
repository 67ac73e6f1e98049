"""An import in a process of its own. Reading sheets holds the interpreter's lock for long stretches, and the
memory that it takes is not given back by a process that goes on living; so each import gets a process, forked
from a server that has the code loaded, which costs some twenty milliseconds and ends with the import."""

import asyncio
import logging
import multiprocessing
import os
import signal
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess

from otrs_web.lifeline import die_with_parent
from otrs_web.logging_setup import configure_logging
from otrs_web.settings import Settings

_context = multiprocessing.get_context("forkserver")


class ImportProcessDied(Exception):  # noqa: N818 - reads as what happened
    """The process ended without finishing: killed, out of memory, or failed in a way nobody foresaw."""


def warm_up() -> None:
    """Start the fork server, so that the first import need not wait for the code to be loaded. To be called
    from the main thread, like the import itself: the server is bound to the thread that starts it."""
    _context.set_forkserver_preload(["otrs_web.imports.fork_server", "otrs_web.imports.service"])
    forkserver.ensure_running()


async def run_import_process(settings: Settings, log_level: int = logging.INFO) -> None:
    """Import every queued upload. `log_level` is how much the process says meanwhile. Raises
    ImportProcessDied if the process was killed; if this task is cancelled, so is the import: nothing of it
    stays, and it can begin anew."""
    warm_up()
    process = _context.Process(target=_import, args=(settings, log_level), name="import")
    process.start()
    try:
        await _end_of(process)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
    if process.exitcode != 0:
        raise ImportProcessDied(f"the import process ended with {process.exitcode}")


async def _end_of(process: ForkServerProcess) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)


def _import(settings: Settings, log_level: int) -> None:
    """In the new process."""
    die_with_parent(os.getppid())
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logging("import", log_level)
    # Where processors are scarce, those who look at pages come first.
    os.nice(5)
    from otrs_web.imports import service

    service.run_pending(settings)
