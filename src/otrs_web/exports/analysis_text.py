"""The analysis of a filter as plain text, with the original application's headings in every language: scripts
look for them."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database
from otrs_web.exports.aligned import aligned
from otrs_web.exports.analysis import (
    AGE_NAMES,
    BATCH_ROWS,
    definitions,
    details,
    distributions,
    tickets_table,
)
from otrs_web.exports.tables import Batch, Column, Edition, Table
from otrs_web.exports.width import one_line
from otrs_web.stats.dashboard import Dashboard, dashboard
from otrs_web.stats.records import Records
from otrs_web.stats.report import Report
from otrs_web.stats.wording import in_words
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.rows import AGE_TEXT

MEDIA_TYPE = "text/plain"
BOX, RULE = "=" * 60, "-" * 40
PIECE_CHARACTERS = 1 << 15
#: the original's columns of a list of tickets
_DETAILS = {
    "ticket_number": "Ticket Number",
    AGE_TEXT: "Age",
    "created_date": "Created",
    "priority": "Priority",
    "state": "State",
}


async def analysis_text(
    db: Database, ticket_filter: TicketFilter, edition: Edition, records: Records
) -> AsyncIterator[bytes]:
    """The bytes of the text, UTF-8."""
    waiting: list[str] = []
    async with db.read() as session:
        board = await dashboard(session, ticket_filter)
        async for text in _sections(session, board, edition):
            waiting.append(text)
            if sum(map(len, waiting)) >= PIECE_CHARACTERS:
                yield "".join(waiting).encode(errors="replace")
                waiting.clear()
    yield "".join(waiting).encode(errors="replace")
    records.add("export_txt", board.totals.total.value, figures=board.figures)


async def _sections(session: AsyncSession, board: Dashboard, edition: Edition) -> AsyncIterator[str]:
    yield _top(board, edition)
    yield _daily(board)
    for name, report in distributions(board):
        yield _heading(name.upper())
        async for lines in _distribution(report):
            yield lines
    yield _heading("AGE SEGMENTS (Open Tickets)")
    async for lines in _distribution(board.ages, {value: label for value, (_, label) in AGE_NAMES.items()}):
        yield lines
    columns = [Column(title) for title in _DETAILS.values()]
    for detail in details(board):
        if detail.tickets is board.totals.empty_first_response:
            yield _heading("EMPTY FIRSTRESPONSE (By Priority)")
            async for lines in _distribution(board.empty_first_response):
                yield lines
        yield _heading(detail.heading)
        table = tickets_table(session, detail.sheet, detail.tickets, columns, list(_DETAILS))
        async for lines in aligned(table):
            yield lines
    yield _definitions(board, edition)


def _top(board: Dashboard, edition: Edition) -> str:
    totals = board.totals
    restrictions = [
        f"  {name}: {one_line(values)}" for name, values in in_words(board.filter, edition.gettext)
    ]
    lines = [
        *(BOX, "OTRS TICKET ANALYSIS REPORT", BOX),
        f"Generated: {edition.made_at:%Y-%m-%d %H:%M:%S}",
        f"Data as of: {board.as_of:%Y-%m-%d %H:%M:%S}",
        *(["Filter:", *restrictions] if restrictions else ["Filter: none"]),
        *("", "SUMMARY", RULE),
        f"Total Records: {totals.total.value}",
        f"Current Open Tickets: {totals.open.value}",
        f"Empty FirstResponse: {totals.empty_first_response.value}",
        f"Reopened Tickets: {totals.reopened.value}",
        f"Undated Open Tickets: {totals.undated.value}",
    ]
    return "\n".join(lines) + "\n"


def _heading(text: str) -> str:
    return f"\n{text}\n{RULE}\n"


def _daily(board: Dashboard) -> str:
    """A line per day as the original wrote it, and the backlog behind."""
    lines = [
        f"{row.day}: New={row.new.value}, Closed={row.closed.value}, Open={row.backlog.value}\n"
        for row in reversed(board.daily.rows)
    ]
    return _heading("DAILY STATISTICS") + "".join(lines)


def _distribution(report: Report[Any], labels: dict[str, str] | None = None) -> AsyncIterator[str]:
    """A line per value: `3 normal:   12`."""

    async def batches() -> AsyncIterator[Batch]:
        for start in range(0, len(report.rows), BATCH_ROWS):
            yield [
                (f"{(labels or {}).get(row.value, row.value or NONE)}:", row.tickets.value)
                for row in report.rows[start : start + BATCH_ROWS]
            ]

    columns = [Column("Value"), Column("Count", "number")]
    return aligned(Table(report.slug, columns, len(report.rows), batches), head=False)


def _definitions(board: Dashboard, edition: Edition) -> str:
    _ = edition.gettext
    lines: list[str] = []
    above = ""
    for definition in definitions(board):
        if definition.statistic != above:
            above = definition.statistic
            lines.append(f"{_(above)}\n")
        lines.append(f"  {_(definition.figure)}: {_(definition.meaning)}\n")
    return _heading("DEFINITIONS") + "".join(lines)
