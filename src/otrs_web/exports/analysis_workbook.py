"""The analysis of a filter as a workbook: what it is about, the figures and charts of the page, and the
tickets behind them. Sheets have the original application's names in every language: scripts look for them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database
from otrs_web.exports.about import About, draw_about
from otrs_web.exports.analysis import (
    AGE_WORDS,
    definitions,
    details,
    distributions,
    report_table,
    tickets_table,
)
from otrs_web.exports.charts import SHOWN, Canvas
from otrs_web.exports.tables import Column, Edition, Table, table_of
from otrs_web.exports.workbook import Drawn, Sheet, xlsx_stream
from otrs_web.i18n import N_
from otrs_web.stats.dashboard import Dashboard, dashboard
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.stats.records import Records
from otrs_web.stats.report import Report
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.rows import AGE_TEXT

DAILY, WEEKLY, AGES = "Daily Statistics", "Weekly Statistics", "Age Segments"
UNANSWERED = "Empty FirstResponse by Priority"
#: the columns of a list of tickets, the original's first
_DETAILS = (
    ("ticket_number", N_("Ticket number"), "text", 20),
    (AGE_TEXT, N_("Age"), "text", 12),
    ("created_date", N_("Created at"), "moment", 19),
    ("priority", N_("Priority"), "text", 16),
    ("state", N_("State"), "text", 20),
    ("queue", N_("Queue"), "text", 24),
    ("responsible", N_("Responsible"), "text", 20),
    ("owner", N_("Owner"), "text", 20),
    ("customer_id", N_("Customer"), "text", 20),
    ("title", N_("Title"), "text", 60),
)
_NEW_CLOSED = N_("New and closed tickets")
_CHARTED = ("Priority Distribution", "State Distribution", "Queue Distribution")


async def analysis_xlsx(
    db: Database, ticket_filter: TicketFilter, edition: Edition, records: Records
) -> AsyncIterator[bytes]:
    """The bytes of the workbook."""
    async with db.read() as session:
        board = await dashboard(session, ticket_filter)
        sheets = list(_sheets(session, board, edition))
        async for octets in xlsx_stream(sheets, edition.timezone):
            yield octets
    records.add("export_excel", board.totals.total.value, figures=board.figures)


def _sheets(session: AsyncSession, board: Dashboard, edition: Edition) -> Iterator[Sheet]:
    _ = edition.gettext
    yield Drawn("About", lambda book, sheet: draw_about(book, sheet, _about(board), edition))
    yield _summary(board, edition)
    yield Drawn("Charts", lambda book, sheet: _charts(Canvas(book, sheet, _), board, edition))
    yield report_table(DAILY, newest_first(board.daily), _)
    if board.over_time is not board.daily:
        yield report_table(WEEKLY, newest_first(board.over_time), _)
    for name, report in distributions(board):
        yield report_table(name, report, _, shares=True)
    yield report_table(AGES, board.ages, _, AGE_WORDS, shares=True)
    yield report_table(UNANSWERED, board.empty_first_response, _, shares=True)
    columns = [Column(_(title), kind, width) for _name, title, kind, width in _DETAILS]
    fields = [name for name, *_rest in _DETAILS]
    for detail in details(board):
        yield tickets_table(session, detail.sheet, detail.tickets, columns, fields)


def _about(board: Dashboard) -> About:
    facts = [(N_("Tickets"), board.totals.total.value)]
    return About(N_("Ticket analysis"), board.as_of, board.filter, facts, definitions(board))


def newest_first(report: Report[Any]) -> Report[Any]:
    return replace(report, rows=report.rows[::-1])


def _summary(board: Dashboard, edition: Edition) -> Table:
    """The figures on top of the page, under the names that the original gave them."""
    totals, _ = board.totals, edition.gettext
    rows = [
        ("Total Records", totals.total.value),
        ("Current Open Tickets", totals.open.value),
        ("Empty FirstResponse", totals.empty_first_response.value),
        ("Reopened Tickets", totals.reopened.value),
        ("Undated Open Tickets", totals.undated.value),
        ("Data Sources", board.sources),
    ]
    return table_of("Summary", [Column("Metric", width=26), Column("Value", "number")], rows)


def _charts(canvas: Canvas, board: Dashboard, edition: Edition) -> None:
    over_time = DAILY if board.over_time is board.daily else WEEKLY
    canvas.series(over_time, board.over_time, _NEW_CLOSED, "column", ("new", "closed"))
    canvas.series(over_time, board.over_time, N_("Backlog"), "line", ("backlog",))
    canvas.bars(
        AGES, board.ages, [edition.gettext(AGE_LABELS[row.value]) for row in board.ages.rows], "backlog"
    )
    for name, report in distributions(board):
        if name in _CHARTED:
            labels = [row.value or edition.gettext(NONE) for row in report.rows[:SHOWN]]
            canvas.bars(name, report, labels, "tickets")
    canvas.finish()
