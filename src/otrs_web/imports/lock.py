"""One import at a time, and no import that is believed to run although its process is dead.

Whoever holds the lock runs the imports. The operating system (SQLite: a file lock in the data directory) or
the server (PostgreSQL: a session's advisory lock) frees it when the process ends, however it ends. So a row
marked as running belongs to a dead process exactly if somebody else gets the lock: no leases, no timers.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from otrs_web.database import SyncDatabase

IMPORT_LOCK = 0x0752_0002


@contextmanager
def import_lock(db: SyncDatabase, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock; yields False at once if it is taken and `wait` is False."""
    hold = _file_lock if db.engine.dialect.name == "sqlite" else _server_lock
    with hold(db, wait) as held:
        yield held


@contextmanager
def _file_lock(db: SyncDatabase, wait: bool) -> Iterator[bool]:
    folder = db.settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "import.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _server_lock(db: SyncDatabase, wait: bool) -> Iterator[bool]:
    call = "SELECT pg_advisory_lock(:key), true" if wait else "SELECT 0, pg_try_advisory_lock(:key)"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.execute(text(call), {"key": IMPORT_LOCK}).one()[1])
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": IMPORT_LOCK})
