"""The database log as a file: the columns of the table, the details in the reader's language."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from otrs_web.database import Database
from otrs_web.database_log import reading
from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.reading import COLUMNS
from otrs_web.database_log.wording import Voice
from otrs_web.exports.delimited import csv_stream
from otrs_web.exports.structured import json_stream
from otrs_web.exports.tables import Batch, Column, Table
from otrs_web.exports.workbook import xlsx_stream

_KINDS = {"id": "plain", "operation_time": "moment", "records_affected": "number"}
_WIDTHS = {
    "id": 8,
    "operation_time": 19,
    "operation_type": 18,
    "table_name": 16,
    "operation_details": 70,
    "user_info": 50,
    "filename": 40,
}
_DETAILS = COLUMNS.index("operation_details")


async def log_csv(db: Database, chosen: LogFilter, voice: Voice) -> AsyncIterator[bytes]:
    async with db.read() as session:
        where = await reading.conditions(session, chosen, voice.gettext)
        batches = _said(reading.stream(session, where), voice)
        async for octets in csv_stream(COLUMNS, batches, db.settings.timezone):
            yield octets


async def log_xlsx(db: Database, chosen: LogFilter, voice: Voice) -> AsyncIterator[bytes]:
    async with db.read() as session:
        where = await reading.conditions(session, chosen, voice.gettext)
        table = Table(
            name="Database log",
            columns=[Column(name, _KINDS.get(name, "text"), _WIDTHS.get(name, 14)) for name in COLUMNS],
            rows=await reading.count(session, where),
            batches=lambda: _said(reading.stream(session, where), voice),
        )
        async for octets in xlsx_stream([table], db.settings.timezone):
            yield octets


async def log_json(
    db: Database, chosen: LogFilter, voice: Voice, page: tuple[int, int] | None
) -> AsyncIterator[bytes]:
    """All entries, or a `page` of them: its limit and offset."""

    async def one_batch(rows: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
        yield rows

    async with db.read() as session:
        where = await reading.conditions(session, chosen, voice.gettext)
        members: dict[str, Any] = {"success": True, "total": await reading.count(session, where)}
        if page:
            batches = one_batch(await reading.read_slice(session, where, *page))
        else:
            batches = reading.stream(session, where)
        members["limit"], members["offset"] = page or (None, 0)
        async for octets in json_stream(members, "entries", COLUMNS, _said(batches, voice)):
            yield octets


async def _said(batches: AsyncIterator[Sequence[Any]], voice: Voice) -> AsyncIterator[Batch]:
    """Rows of COLUMNS from rows that end with the message."""
    async for batch in batches:
        yield [_row(*row, voice=voice) for row in batch]


def _row(*values: Any, voice: Voice) -> list[object]:
    *row, message = values
    row[_DETAILS] = voice.details(message, row[_DETAILS])
    return row
