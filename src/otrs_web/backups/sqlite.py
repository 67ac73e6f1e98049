"""SQLite: a dump is a copy of the database file, made page by page inside one read transaction. With a
write-ahead log such a reader hinders nobody and sees nothing of what is written meanwhile."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

from otrs_web.backups.engines import Contents, Dump, Replacing, contents
from otrs_web.backups.errors import BackupError
from otrs_web.database import BUSY_TIMEOUT_MS, SyncDatabase
from otrs_web.i18n import N_
from otrs_web.settings import Settings

_NONE = N_("There is no database at {file} yet, so there is nothing to back up.")
#: so many pages, of 4 kB mostly, are copied at a time
_PAGES = 2048
#: how long the log may be waited for before it is left to grow smaller by itself
_CHECKPOINT_MS = 2000


class SqliteEngine:
    @contextmanager
    def dump(self, settings: Settings, scratch: Path) -> Iterator[Dump]:
        if not _file(settings).is_file():  # it would be made
            raise BackupError("unknown", _NONE, file=str(_file(settings)))
        copy = scratch / "copy"
        with closing(_connect(_file(settings))) as source, closing(_connect(copy)) as target:
            # A copy is made anew from its beginning whenever somebody has written, unless it has a snapshot.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target, pages=_PAGES)
            source.execute("ROLLBACK")
            # without a log beside it, so that the one file is all of it
            target.execute("PRAGMA journal_mode=DELETE")
        found = _contents(settings, copy)
        with copy.open("rb") as stream:
            yield Dump(stream, found)

    @contextmanager
    def standing(self, settings: Settings, dump: Path, scratch: Path) -> Iterator[Settings | None]:
        yield _at(settings, dump) if _is_made_plain(dump) else None

    @contextmanager
    def replacing(self, live: SyncDatabase, restored: Settings, tables: Sequence[str]) -> Iterator[Replacing]:
        with live.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            # whole tables are exchanged: SQLite then copies pages, not rows, but only where it checks nothing
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("ATTACH DATABASE ? AS restored", (str(_file(restored)),))
            writing = connection.execution_options(writes=True)

            def copy() -> None:
                for name in tables:
                    same = _columns(driver, "main", name) == _columns(driver, "restored", name)
                    columns = "*" if same else ", ".join(f'"{c}"' for c in _columns(driver, "main", name))
                    into = "" if same else f" ({columns})"
                    driver.execute(f'DELETE FROM main."{name}"')  # noqa: S608
                    driver.execute(
                        f'INSERT INTO main."{name}"{into} SELECT {columns} FROM restored."{name}"'  # noqa: S608
                    )

            try:
                with writing.begin():
                    yield Replacing(writing, copy)
                # the log has grown by the whole database
                driver.execute(f"PRAGMA busy_timeout={_CHECKPOINT_MS}")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.invalidate()


def _file(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _at(settings: Settings, path: Path) -> Settings:
    return replace(settings, database_url=f"sqlite:///{path}")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA "{schema}".table_info("{table}")')]


def _contents(settings: Settings, path: Path) -> Contents:
    db = SyncDatabase(_at(settings, path))
    try:
        with db.engine.connect() as connection:
            return contents(connection)
    finally:
        db.dispose()


def _is_made_plain(path: Path) -> bool:
    """Whether a copy is whole; takes away what would act by itself when it is written to. No dump of ours has
    any of it."""
    try:
        with closing(_connect(path)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                return False
            added = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
            # triggers first: those of a view go with it
            for kind, name in sorted(connection.execute(added).fetchall()):
                quoted = name.replace('"', '""')
                connection.execute(f'DROP {kind} IF EXISTS "{quoted}"')
            return True
    except sqlite3.DatabaseError:
        return False
