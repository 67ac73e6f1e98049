"""The first sheet of a workbook: what it is about, of when, which tickets, and what every figure means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from otrs_web.exports.sheet import cut
from otrs_web.exports.tables import Edition
from otrs_web.i18n import N_
from otrs_web.stats.wording import in_words
from otrs_web.tickets.filter import TicketFilter

_COLUMN_WIDTHS = (58, 26, 90)
#: lines that a cell needs at most
_TALLEST = 12


class Definition(NamedTuple):
    """What a figure is, in message ids: of which statistic, its title, its meaning."""

    statistic: str
    figure: str
    meaning: str


@dataclass(frozen=True)
class About:
    """`title` and the labels of `facts` are message ids; `filter` is that of the file, at `as_of`."""

    title: str
    as_of: datetime
    filter: TicketFilter
    facts: Sequence[tuple[str, str | int]]
    definitions: Iterable[Definition]


class _Page:
    """Writes a sheet line by line."""

    def __init__(self, book: Workbook, sheet: Worksheet) -> None:
        self._sheet, self._line = sheet, 0
        look = {"valign": "top", "align": "left"}
        self._plain = book.add_format({**look, "text_wrap": True})
        self._label = book.add_format({**look, "bold": True})
        self._head = book.add_format({**look, "bold": True, "bottom": 1})
        self._title = book.add_format({**look, "bold": True, "font_size": 16})
        self._number = book.add_format({**look, "num_format": "#,##0"})
        self._moment = book.add_format({**look, "num_format": "yyyy-mm-dd hh:mm:ss"})
        for at, width in enumerate(_COLUMN_WIDTHS):
            sheet.set_column(at, at, width)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def title(self, text: str) -> None:
        self._sheet.set_row(self._line, 26)
        self._sheet.write_string(self._line, 0, text, self._title)
        self._line += 1
        self._sheet.freeze_panes(self._line, 0)

    def fact(self, label: str, value: str | int | datetime) -> None:
        self._sheet.write_string(self._line, 0, label, self._label)
        if isinstance(value, str):
            self._sheet.merge_range(self._line, 1, self._line, 2, "", self._plain)
            self._sheet.write_string(self._line, 1, cut(value), self._plain)
            self._heighten(len(value) // sum(_COLUMN_WIDTHS[1:]) + 1)
        elif isinstance(value, datetime):
            self._sheet.write_datetime(self._line, 1, value, self._moment)
        else:
            self._sheet.write_number(self._line, 1, value, self._number)
        self._line += 1

    def gap(self) -> None:
        self._line += 1

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        first = self._line
        for at, head in enumerate(heads):
            self._sheet.write_string(self._line, at, head, self._head)
        for row in rows:
            self._line += 1
            for at, text in enumerate(row):
                self._sheet.write_string(self._line, at, text, self._plain)
        self._sheet.autofilter(first, 0, self._line, len(_COLUMN_WIDTHS) - 1)
        self._line += 1

    def _heighten(self, lines: int) -> None:
        """A merged cell does not grow by itself."""
        if lines > 1:
            self._sheet.set_row(self._line, 15 * min(lines, _TALLEST))


def draw_about(book: Workbook, sheet: Worksheet, about: About, edition: Edition) -> None:
    _, page = edition.gettext, _Page(book, sheet)
    page.title(_(about.title))
    page.fact(_(N_("Data as of")), about.as_of)
    page.fact(_(N_("Generated at")), edition.made_at)
    for label, value in about.facts:
        page.fact(_(label), value)
    page.gap()
    restrictions = in_words(about.filter, _)
    page.fact(_(N_("Filter")), "" if restrictions else _(N_("none: all tickets")))
    for name, values in restrictions:
        page.fact(name, values)
    page.gap()
    heads = [_(N_("Statistic")), _(N_("Figure")), _(N_("Meaning"))]
    page.table(heads, [[_(text) for text in definition] for definition in about.definitions])
