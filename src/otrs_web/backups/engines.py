"""What the two kinds of database do in ways of their own: hand out a consistent dump while others write,
stand up a dump as a database of its own, and take over the contents of such a one in a single transaction."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from sqlalchemy import Connection, String, column, func, inspect, make_url, select, table

from otrs_web.backups.archive import Backend
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings

_REVISION = "alembic_version"


class Dump(NamedTuple):
    """A stream to be read once to its end, and what is in it."""

    stream: BinaryIO
    contents: "Contents"


class Contents(NamedTuple):
    """The schema's revision, empty where there is none, and the rows of each table."""

    revision: str
    rows: dict[str, int]


class Replacing(NamedTuple):
    """A transaction that keeps other writers out and readers in; `copy` exchanges all rows in it."""

    connection: Connection
    copy: Callable[[], None]


class Engine(Protocol):
    def dump(self, settings: Settings, scratch: Path) -> AbstractContextManager[Dump]:
        """The database as it is at one instant. Raises BackupError."""

    def standing(
        self, settings: Settings, dump: Path, scratch: Path
    ) -> AbstractContextManager[Settings | None]:
        """The settings of a database that was made from the dump and is gone afterwards; None for a dump that
        no database can be made from."""

    def replacing(
        self, live: SyncDatabase, restored: Settings, tables: Sequence[str]
    ) -> AbstractContextManager[Replacing]:
        """A transaction in which the rows of these tables, parents before children, can be exchanged for
        those of another database of the same schema."""


def backend(settings: Settings) -> Backend:
    return "sqlite" if make_url(settings.database_url).get_backend_name() == "sqlite" else "postgresql"


def engine(settings: Settings) -> Engine:
    # here, since both build on what this module defines
    from otrs_web.backups.postgres import PostgresEngine
    from otrs_web.backups.sqlite import SqliteEngine

    return SqliteEngine() if backend(settings) == "sqlite" else PostgresEngine()


def contents(connection: Connection) -> Contents:
    """What is in a database, in the caller's transaction."""
    names = sorted(inspect(connection).get_table_names())
    rows = {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in names
        if name != _REVISION
    }
    revision = select(column("version_num", String)).select_from(table(_REVISION))
    return Contents(str(connection.scalar(revision) or "") if _REVISION in names else "", rows)
