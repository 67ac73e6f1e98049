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
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from otrs_web.database.faults import in_one_line
from otrs_web.settings import Settings
from otrs_web.unusable import Unusable

#: how long a writer waits for another one: an import of a million tickets holds the lock for some 20 s
BUSY_TIMEOUT_MS = 60_000
MIGRATION_LOCK = 0x0752_0001
#: a server that nobody hears of is given up after so many seconds, unless the address says else
_CONNECTING = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
#: how long a page waits for a connection of its process to become free
_POOL_TIMEOUT_S = 10


def _url(settings: Settings, *, asynchronous: bool) -> URL:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+aiosqlite" if asynchronous else "sqlite+pysqlite")
    return url.set(drivername="postgresql+psycopg")


def _connecting(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {}
    return {name: value for name, value in _CONNECTING.items() if name not in url.query}


def _asynchronous_engine(url: URL) -> AsyncEngine:
    """Connections to a server are tried before each use: it may have been started anew since the last one,
    and the first reader to come after that shall not be the one who finds out."""
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() != "sqlite":
        from otrs_web.database.patience import PatientConnection

        connecting = _connecting(url) | {"async_creator_fn": PatientConnection.connect}
        options |= {"connect_args": connecting, "pool_pre_ping": True, "pool_timeout": _POOL_TIMEOUT_S}
    return create_async_engine(url, **options)


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
        self.engine = _asynchronous_engine(_url(settings, asynchronous=True))
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
        # errors are logged, and what a statement was given are tickets
        url = _url(settings, asynchronous=False)
        self.engine = create_engine(url, hide_parameters=True, connect_args=_connecting(url))
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


class DatabaseAway(Unusable):
    """The database cannot be reached or opened; the text says why."""


def away(settings: Settings, error: DBAPIError) -> DatabaseAway:
    """What the driver says, without the password of the address."""
    address = make_url(settings.database_url).render_as_string(hide_password=True)
    return DatabaseAway(f"The database {address} cannot be used: {in_one_line(error)}")


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema and its derived columns to the set rule; safe to run twice at
    once, and all of it or nothing. Raises DatabaseAway, or SchemaNewer."""
    # here, since most processes use the database without ever migrating it
    from alembic import command

    from otrs_web.database.schema import migrations, refuse_newer
    from otrs_web.tickets.rules import apply_rules

    if (database := make_url(settings.database_url).database) and "sqlite" in settings.database_url:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    db = SyncDatabase(settings)
    config = migrations()
    try:
        with db.write() as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            refuse_newer(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            apply_rules(session, settings.open_by)
    except OperationalError as error:
        raise away(settings, error) from error
    finally:
        db.dispose()
