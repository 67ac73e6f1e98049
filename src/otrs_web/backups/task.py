"""One thing at a time is done with the backups, whichever process does it, and what it is can be seen by all.

The lock is the operating system's: it is free when its holder is dead, and then whatever that left behind is
litter, which the next one removes before it begins.
"""

import fcntl
import logging
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

import msgspec
from sqlalchemy.exc import DBAPIError

from otrs_web.backups.errors import BackupError, Reason, explained
from otrs_web.backups.folder import write_note
from otrs_web.clock import utc_now
from otrs_web.i18n import N_
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

#: what is said of work whose process was killed, and what to do then
INTERRUPTED = N_(
    "The last thing that was done here was interrupted. Nothing of it is left, and the data are whole."
)
AGAIN = N_("Please do it again.")

Doing = Literal["backup", "verify", "restore", "cleanup"]

_LOCK, _NOTE = ".lock", ".task.json"
_SCRATCH = ".tmp-"
#: whoever only looks whether the lock is free has it for a moment
_PATIENCE_S, _PAUSE_S = 1.0, 0.05
_BUSY = N_("Something is being done with the backups already. Wait until it is over, then try again.")


class Task(msgspec.Struct, frozen=True):
    """What is being done or was done last: `file` it was about, `fault` why it came to nothing."""

    doing: Doing
    file: str
    began_at: datetime
    ended_at: datetime | None = None
    fault: Reason | None = None
    is_running: bool = False

    @property
    def was_killed(self) -> bool:
        return self.ended_at is None and not self.is_running


@contextmanager
def task(settings: Settings, doing: Doing, file: str = "") -> Iterator[Path]:
    """Do it, with a folder to work in that is gone afterwards. Raises BackupError: busy where something else
    is being done, and whatever the disk or the database said in words for the reader."""
    folder = settings.backups_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("w") as lock:
            _take(lock)
            _tidy(folder)
            with _noted(folder, Task(doing, file, utc_now())), _scratch(folder) as scratch:
                yield scratch
    except (OSError, sqlite3.Error, DBAPIError) as error:
        log.warning("backups, %s %s: %s", doing, file, error)
        raise explained(error) from error


def last_task(settings: Settings) -> Task | None:
    """What is being done with the backups, else what was done last."""
    folder = settings.backups_dir
    try:
        known = msgspec.json.decode((folder / _NOTE).read_bytes(), type=Task)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    if known.ended_at is not None or not _is_locked(folder):
        return known
    return msgspec.structs.replace(known, is_running=True)


def _take(lock: IO[str]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise BackupError("busy", _BUSY) from error
            time.sleep(_PAUSE_S)
        else:
            return


def _is_locked(folder: Path) -> bool:
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def tidy(settings: Settings) -> None:
    """Remove what a killed process has left, unless somebody is at work, whose it then may be."""
    folder = settings.backups_dir
    try:
        if any(_litter(folder)):
            with (folder / _LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _tidy(folder)
    except BlockingIOError:
        return
    except OSError as error:
        log.warning("what a killed process has left cannot be removed: %s", error)


def _litter(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*.part")
    yield from folder.glob(f"{_SCRATCH}*")


def _tidy(folder: Path) -> None:
    """Only the lock's holder may."""
    for left in list(_litter(folder)):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def _noted(folder: Path, now: Task) -> Iterator[None]:
    """Others see what is being done, and afterwards what came of it."""
    write_note(folder / _NOTE, msgspec.json.encode(now))
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        _note_end(folder, now, explained(error).reason)
        raise
    except BackupError as error:
        _note_end(folder, now, error.reason)
        raise
    _note_end(folder, now, None)


def _note_end(folder: Path, now: Task, fault: Reason | None) -> None:
    over = msgspec.structs.replace(now, ended_at=utc_now(), fault=fault)
    try:
        write_note(folder / _NOTE, msgspec.json.encode(over))
    except OSError as error:
        # the disk is full, most likely: what matters is told to the caller
        (folder / _NOTE).unlink(missing_ok=True)
        (folder / f"{_NOTE}.part").unlink(missing_ok=True)
        log.warning("the end of a task cannot be noted: %s", error)
