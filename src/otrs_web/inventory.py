"""What the database holds, and when the things that happen to it were done last: for whoever looks after the
program. Each table is counted in an index, a few milliseconds for a million rows; nothing is kept."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.answering import PATIENCE_SECONDS
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.imports.history import latest_import
from otrs_web.models import (
    Base,
    DailyStatistics,
    DatabaseLog,
    ResponsibleConfig,
    Statistic,
    StatisticsLog,
    Ticket,
    TicketChange,
    Upload,
)

TABLES: Mapping[type[Base], str] = {
    Ticket: N_("Tickets"),
    TicketChange: N_("Changes of tickets"),
    Upload: N_("Uploads"),
    Statistic: N_("Analyses"),
    DailyStatistics: N_("Days of statistics"),
    StatisticsLog: N_("Runs of the daily statistics"),
    ResponsibleConfig: N_("Selections of people"),
    DatabaseLog: N_("Entries of the change log"),
}


class Rows(NamedTuple):
    """How many rows a table has; `words` is a message id for what they are."""

    table: str
    words: str
    number: int


@dataclass(frozen=True)
class Inventory:
    """`octets` is the size on disk; the newest import that succeeded, run of the daily statistics (also one
    that failed) and backup, None where there is none."""

    octets: int
    rows: Sequence[Rows]
    last_import: Upload | None
    last_run: StatisticsLog | None
    last_backup: DatabaseLog | None


async def inventory(db: Database) -> Inventory | None:
    """Waits no longer than PATIENCE_SECONDS; None where the database does not answer until then."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), db.read() as session:
            counts = [select(func.count()).select_from(table).scalar_subquery() for table in TABLES]
            numbers = (await session.execute(select(*counts))).one()
            return Inventory(
                octets=await _octets(session),
                rows=[
                    Rows(table.__tablename__, words, number)
                    for (table, words), number in zip(TABLES.items(), numbers, strict=True)
                ],
                last_import=await latest_import(session),
                last_run=await _last_run(session),
                last_backup=await _last_backup(session),
            )
    except (SQLAlchemyError, TimeoutError):
        return None


async def _octets(session: AsyncSession) -> int:
    """Of SQLite its file, and what was written beside it and is not in it yet."""
    url = session.get_bind().engine.url
    if url.get_backend_name() == "postgresql":
        return await session.scalar(text("SELECT pg_database_size(current_database())")) or 0
    files = (Path(f"{url.database}{ending}") for ending in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


async def _last_run(session: AsyncSession) -> StatisticsLog | None:
    newest = select(StatisticsLog).order_by(StatisticsLog.execution_time.desc(), StatisticsLog.id.desc())
    found: StatisticsLog | None = await session.scalar(newest.limit(1))
    return found


async def _last_backup(session: AsyncSession) -> DatabaseLog | None:
    """As the log has it, which all machines share."""
    made = select(DatabaseLog).where(DatabaseLog.operation_type == "backup")
    found: DatabaseLog | None = await session.scalar(
        made.order_by(DatabaseLog.operation_time.desc(), DatabaseLog.id.desc()).limit(1)
    )
    return found
