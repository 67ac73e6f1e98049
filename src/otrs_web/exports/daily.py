"""The daily statistics and the log of their runs as files."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from otrs_web.database import Database
from otrs_web.exports.delimited import csv_stream
from otrs_web.exports.tables import Batch, Column, Table, table_of
from otrs_web.exports.workbook import xlsx_stream
from otrs_web.models import DailyStatistics, StatisticsLog
from otrs_web.stats.daily_table import count_runs, runs_in_batches, stored_days

_DAY_COLUMNS = {
    "statistic_date": Column("Date", "day", 12),
    "opening_balance": Column("Opening Balance", "number", 16),
    "new_tickets": Column("New Tickets", "number"),
    "resolved_tickets": Column("Resolved Tickets", "number", 16),
    "closing_balance": Column("Closing Balance", "number", 16),
    "age_lt_24h": Column("Age <24h", "number"),
    "age_24_48h": Column("24-48h", "number"),
    "age_48_72h": Column("48-72h", "number"),
    "age_72_96h": Column("72-96h", "number"),
    "age_gt_96h": Column(">=96h", "number"),
    "provisional": Column("Provisional", "text"),
    "snapshot_at": Column("Data As Of", "moment", 19),
    "updated_at": Column("Computed At", "moment", 19),
}
_RUN_COLUMNS = {
    "execution_time": Column("Execution Time", "moment", 19),
    "statistic_date": Column("Statistic Date", "day", 14),
    "age_24h": Column("Age <24h", "number"),
    "age_24_48h": Column("24-48h", "number"),
    "age_48_72h": Column("48-72h", "number"),
    "age_72_96h": Column("72-96h", "number"),
    "total_open": Column("Total Open", "number"),
    "status": Column("Status", "text", 10),
    "error_message": Column("Error Message", "text", 60),
    "created_at": Column("Created At", "moment", 19),
    "occasion": Column("Occasion", "text", 12),
    "days": Column("Days", "number", 8),
    "age_gt_96h": Column(">=96h", "number"),
    "opening_balance": Column("Opening Balance", "number", 16),
    "new_tickets": Column("New Tickets", "number"),
    "resolved_tickets": Column("Resolved Tickets", "number", 16),
}


async def days_csv(db: Database, first: date | None, last: date | None) -> AsyncIterator[bytes]:
    """The stored days, both included, the newest first, under the original's titles."""
    table = await _days(db, first, last)
    async for octets in csv_stream(
        [column.title for column in table.columns], table.batches(), db.settings.timezone
    ):
        yield octets


async def days_xlsx(db: Database, first: date | None, last: date | None) -> AsyncIterator[bytes]:
    """The same as a workbook."""
    async for octets in xlsx_stream([await _days(db, first, last)], db.settings.timezone):
        yield octets


async def runs_xlsx(db: Database) -> AsyncIterator[bytes]:
    """All runs, the newest first, with all their columns."""
    async with db.read() as session:

        async def batches() -> AsyncIterator[Batch]:
            async for runs in runs_in_batches(session):
                yield [_cells(run, _RUN_COLUMNS) for run in runs]

        table = Table("Execution Logs", [*_RUN_COLUMNS.values()], await count_runs(session), batches)
        async for octets in xlsx_stream([table], db.settings.timezone):
            yield octets


async def _days(db: Database, first: date | None, last: date | None) -> Table:
    async with db.read() as session:
        rows = [_cells(day, _DAY_COLUMNS) for day in reversed(await stored_days(session, first, last))]
    return table_of("Daily Statistics", [*_DAY_COLUMNS.values()], rows)


def _cells(row: DailyStatistics | StatisticsLog, columns: dict[str, Column]) -> Sequence[object]:
    values = (getattr(row, name) for name in columns)
    return [("yes" if value else "no") if isinstance(value, bool) else value for value in values]
