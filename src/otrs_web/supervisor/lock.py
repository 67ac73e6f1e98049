"""One `run` per data directory: two would fight over the broker's files and the imports. The lock is the
kernel's, so that it cannot be left behind by a process that was killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from otrs_web.settings import Settings
from otrs_web.supervisor.errors import StartError

LOCK_FILE = "otrs-web.lock"


@contextmanager
def data_directory(settings: Settings) -> Iterator[int]:
    """Make the data directory and hold its lock; yields the lock's file, in which the holder notes who it is.
    Raises StartError if it is held already, or if the directory cannot be written."""
    path = settings.data_dir / LOCK_FILE
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StartError(
            f"The data directory {settings.data_dir} cannot be used: {error.strerror}."
        ) from error
    try:
        _take(handle, path)
        yield handle
    finally:
        os.close(handle)


def note(handle: int, text: str) -> None:
    """Write down who holds the lock, for the message of the next one who wants it."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 500, 0).decode(errors="replace").strip() or "another process"
        raise StartError(
            f"otrs-web already runs on the data directory {path.parent} ({holder}). "
            "Stop it first, or choose another directory with OTRS_WEB_DATA_DIR."
        ) from error
