"""An import in a process of its own. Reading sheets holds the interpreter's lock for long stretches, and the
memory that it takes is not given back by a process that goes on living; so each import gets a process, forked
from a server that has the code loaded, which costs some twenty milliseconds and ends with the import."""

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess

from otrs_web.database.faults import in_one_line, is_away
from otrs_web.lifeline import die_with_parent
from otrs_web.logging_setup import configure_logging, current_context, enter_context
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

_DATABASE_LEFT = 75  # EX_TEMPFAIL of sysexits.h
_context = multiprocessing.get_context("forkserver")


class ImportProcessDied(Exception):  # noqa: N818 - reads as what happened
    """The process ended without finishing: killed, out of memory, or failed in a way nobody foresaw."""


class DatabaseLeft(ImportProcessDied):
    """The database was away, or was held by somebody else for too long: what waited goes on waiting."""


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
    arguments = (settings, log_level, dict(current_context()))
    process = _context.Process(target=_import, args=arguments, name="import")
    process.start()
    try:
        await _end_of(process)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
    if process.exitcode == _DATABASE_LEFT:
        raise DatabaseLeft("the database is away")
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


def _import(settings: Settings, log_level: int, context: Mapping[str, str | int | float]) -> None:
    """In the new process."""
    die_with_parent(os.getppid())
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logging("import", log_level, settings.log_format)
    enter_context(context)
    # Where processors are scarce, those who look at pages come first.
    os.nice(5)
    from otrs_web.imports import service

    try:
        service.run_pending(settings)
    except Exception as error:  # the outermost edge: multiprocessing would print it over many lines
        if is_away(error):
            log.warning("The database cannot be used now: %s", in_one_line(error))
            sys.exit(_DATABASE_LEFT)
        log.exception("The import process has failed")
        sys.exit(1)
