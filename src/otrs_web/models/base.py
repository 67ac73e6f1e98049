"""Column types and the declarative base that all tables share.

Two kinds of time exist and must never be mixed: wall-clock times of the OTRS site (ticket dates, snapshots),
stored naive and to the second so that they compare as text in SQLite; and system times (uploads, logs),
stored in UTC and handed out aware.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# Microseconds are left out: '…:00' < '…:00.000000' as text, and the import's driver writes plain seconds.
_SECONDS = DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]


class WallClock(TypeDecorator[datetime]):
    """A naive time of the OTRS site, exact to the second."""

    impl = _SECONDS
    cache_ok = True


class UtcDateTime(TypeDecorator[datetime]):
    """A system time: stored as naive UTC to the second, handed out aware. A naive value is refused."""

    impl = _SECONDS
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a system time needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
