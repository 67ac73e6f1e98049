"""Engines and transactions, the same for SQLite and PostgreSQL, asynchronous for the web and synchronous for
the import process.

SQLite's driver opens transactions in a way that silently loses updates, so it is told not to: readers begin
plainly and see one snapshot, writers take the write lock at once (BEGIN IMMEDIATE) and wait for each other.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from otrs_web.resources import folder
from otrs_web.settings import Settings

#: how long a writer waits for another one: an import of a million tickets holds the lock for some 20 s
BUSY_TIMEOUT_MS = 60_000
MIGRATION_LOCK = 0x0752_0001


def _url(settings: Settings, *, asynchronous: bool) -> URL:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+aiosqlite" if asynchronous else "sqlite+pysqlite")
    return url.set(drivername="postgresql+psycopg")


def _configure(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-32768",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """The asynchronous database of a web or worker process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = create_async_engine(_url(settings, asynchronous=True), pool_pre_ping=False)
        _configure(self.engine.sync_engine)
        # `memory` belongs to tickets/snapshot.py: what this process keeps of the data's newest version
        self._info: dict[str, Any] = {"timezone": settings.timezone, "memory": {}}
        self._writer = self.engine.execution_options(writes=True)
        self._reader = self.engine
        if self.engine.dialect.name == "postgresql":  # SQLite's readers see one snapshot anyway
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent view of the data; nothing is committed."""
        async with AsyncSession(self._reader, expire_on_commit=False, info=self._info) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction that commits at the end, or leaves no trace if anything is raised."""
        async with (
            AsyncSession(self._writer, expire_on_commit=False, info=self._info) as session,
            session.begin(),
        ):
            yield session

    async def dispose(self) -> None:
        await self.engine.dispose()


class SyncDatabase:
    """The same for processes without an event loop: the import, the command line, migrations."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = create_engine(_url(settings, asynchronous=False))
        _configure(self.engine)
        self._info = {"timezone": settings.timezone}
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, info=self._info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self._writer, expire_on_commit=False, info=self._info) as session, session.begin():
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


class DatabaseAway(Exception):  # noqa: N818 - reads as what happened
    """The database cannot be reached or opened; the text says why."""


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema and its derived columns to the set rule; safe to run twice at
    once, and all of it or nothing. Raises DatabaseAway."""
    # here, since most processes use the database without ever migrating it
    from alembic import command
    from alembic.config import Config

    from otrs_web.tickets.rules import apply_rules

    if (database := make_url(settings.database_url).database) and "sqlite" in settings.database_url:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    db = SyncDatabase(settings)
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    try:
        with db.write() as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            apply_rules(session, settings.open_by)
    except OperationalError as error:
        address = make_url(settings.database_url).render_as_string(hide_password=True)
        reason = " ".join(str(error.orig).split())
        raise DatabaseAway(f"The database {address} cannot be used: {reason}") from error
    finally:
        db.dispose()
