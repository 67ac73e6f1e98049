"""What the files of an analysis consist of, whatever their format. Figures are those of the `Dashboard` that
pages show, and the tickets behind one are those of its own filter: a file says what the screen says."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.exports.about import Definition
from otrs_web.exports.tables import Batch, Column, Table
from otrs_web.exports.width import display_width
from otrs_web.i18n import N_
from otrs_web.stats.cards import TOTALS, Totals
from otrs_web.stats.dashboard import Dashboard
from otrs_web.stats.distributions import AGE_LABELS
from otrs_web.stats.report import Count, Report, columns_of
from otrs_web.stats.wording import STATE_TYPE_WORDS
from otrs_web.tickets.filter import NONE
from otrs_web.tickets.listing import stream_tickets

#: age segments as the original's files call them: in the name of a sheet, and in a text
AGE_NAMES: Mapping[str, tuple[str, str]] = {
    "24h": ("24h", "≤24 hours"),
    "24_48h": ("24-48h", "24-48 hours"),
    "48_72h": ("48-72h", "48-72 hours"),
    "72h": ("72h", ">72 hours"),
    NONE: ("unknown", "Age unknown"),
}
#: fields of the distributions as the original's files call them
FIELD_NAMES: Mapping[str, str] = {"customer_id": "Customer"}
OLDEST_FIRST = "created_date"
BATCH_ROWS = 500
#: so many rows say how wide a column of a sheet is
_LOOKED_AT = 1000
_WIDTHS = (14, 60)
#: what the values of some columns mean
_WORDS: Mapping[str, Mapping[str, str]] = {"state_type": STATE_TYPE_WORDS}
AGE_WORDS: Mapping[str, Mapping[str, str]] = {"value": AGE_LABELS}


class Detail(NamedTuple):
    """The tickets behind a figure: what their list is called as a sheet and, in capitals, in a text."""

    sheet: str
    heading: str
    tickets: Count


def details(board: Dashboard) -> Iterator[Detail]:
    """The lists of an analysis: open tickets by age, and those that nobody has answered."""
    for row in board.ages.rows:
        name, label = AGE_NAMES[row.value]
        yield Detail(f"Age {name} Details", f"{label.upper()} DETAILS", row.tickets)
    unanswered = board.totals.empty_first_response
    yield Detail("Empty FirstResponse Details", "EMPTY FIRSTRESPONSE DETAILS", unanswered)


def definitions(board: Dashboard) -> Iterator[Definition]:
    """Of every figure of the analysis."""
    series = [board.daily] if board.over_time is board.daily else [board.daily, board.over_time]
    reports = [*series, *board.distributions.values(), board.ages, board.empty_first_response]
    shown = [(TOTALS.title, columns_of(Totals)), *((report.title, report.columns) for report in reports)]
    for title, columns in shown:
        for column in columns:
            if column.definition:
                yield Definition(title, column.title, column.definition)


def distributions(board: Dashboard) -> Iterator[tuple[str, Report[Any]]]:
    """Each with its English name."""
    for field, report in board.distributions.items():
        yield f"{FIELD_NAMES.get(field, field.title())} Distribution", report


def report_table(
    name: str,
    report: Report[Any],
    gettext: Callable[[str], str],
    words: Mapping[str, Mapping[str, str]] = _WORDS,
    *,
    shares: bool = False,
) -> Table:
    """A statistic as a table, with `shares` of its total if they are wanted. `words` are message ids for the
    values of a column."""
    rows, whole = report.rows, report.total if shares else None
    names = [column.name for column in report.columns]

    def cells(row: Any) -> list[object]:
        values = [_cell(getattr(row, name), words.get(name, {}), gettext) for name in names]
        if whole is not None:
            values.append(values[1] / whole if whole else 0)  # type: ignore[operator]
        return values

    async def batches() -> AsyncIterator[Batch]:
        for start in range(0, len(rows), BATCH_ROWS):
            yield [cells(row) for row in rows[start : start + BATCH_ROWS]]

    looked_at = [cells(row) for row in rows[:_LOOKED_AT]]
    columns = [
        _column(gettext(column.title), [values[at] for values in looked_at])
        for at, column in enumerate(report.columns)
    ]
    if shares:
        columns.append(Column(gettext(N_("Share")), "share"))
    return Table(name, columns, len(rows), batches)


def _cell(value: object, words: Mapping[str, str], gettext: Callable[[str], str]) -> object:
    if isinstance(value, Count):
        return value.value
    if value is None:
        return gettext(NONE)
    return gettext(words[value]) if isinstance(value, str) and value in words else value


def _column(title: str, values: Sequence[object]) -> Column:
    first = values[0] if values else ""
    if isinstance(first, int):
        return Column(title, "number")
    if isinstance(first, date):
        return Column(title, "day")
    least, most = _WIDTHS
    widest = max(display_width(str(text)) for text in (title, *values))
    return Column(title, "text", min(max(widest + 2, least), most))


def tickets_table(
    session: AsyncSession,
    name: str,
    count: Count,
    columns: Sequence[Column],
    fields: Sequence[str],
    cells: Callable[[Any], Sequence[object]] | None = None,
) -> Table:
    """The tickets that `count` counts, the oldest first. `cells` makes the values of `columns` of a ticket
    with the attributes `fields`, where these are not just them."""
    chosen = count.filter

    async def batches() -> AsyncIterator[Batch]:
        if chosen is None:
            return
        async for batch in stream_tickets(session, chosen, OLDEST_FIRST, fields):
            yield batch if cells is None else [cells(ticket) for ticket in batch]

    return Table(name, columns, count.value, batches)
