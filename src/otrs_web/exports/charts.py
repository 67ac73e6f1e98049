"""Charts of an analysis as Excel's own: they refer to the cells of the other sheets, so they follow when
somebody changes or filters those. New, closed and backlog have the colours that they have on the pages."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from otrs_web.i18n import N_
from otrs_web.stats.report import Report

#: static/tokens.css: --series-new, --series-closed, --series-backlog; and for all tickets, sky blue
COLOURS = {"new": "#0072b2", "closed": "#009e73", "backlog": "#d55e00", "tickets": "#56b4e9"}
#: so many values a chart shows at most
SHOWN = 10
_WIDE, _HALF, _HEIGHT, _BAR = 1000, 490, 300, 28
_A4 = 9
#: more days than this are told apart by month, and their columns leave no gap
_FEW_DAYS = 62
_GRID = {"visible": True, "line": {"color": "#d9d9d9", "width": 0.75}}
_LINE = {"color": "#8c8c8c"}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_EPOCH = date(1899, 12, 30)

Gettext = Callable[[str], str]
Chart = Any


class Part(NamedTuple):
    """One colour of a stacked bar: the column of its numbers, and what they are in the rows of the chart."""

    column: int
    title: str
    colour: str
    values: Sequence[int]


class Canvas:
    """A sheet that charts are put on, row by row."""

    def __init__(self, book: Workbook, sheet: Worksheet, gettext: Gettext) -> None:
        self._book, self._sheet, self._gettext = book, sheet, gettext
        self._y = 10
        self._left: int | None = None
        sheet.hide_gridlines(2)
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 1)

    def series(self, name: str, report: Report[Any], title: str, kind: str, fields: Sequence[str]) -> None:
        """Columns or a line over time. The rows of the sheet `name` are those of the report, the newest
        first."""
        if not report.rows:
            return
        chart = self._book.add_chart({"type": kind})
        columns, rows = [column.name for column in report.columns], report.rows[::-1]
        times = [getattr(row, columns[0]) for row in rows]
        for field in fields:
            at = columns.index(field)
            values = [getattr(row, field).value for row in rows]
            label = self._gettext(report.columns[at].title)
            chart.add_series(_series(name, at, times, values, COLOURS[field], label, kind))
        chart.set_x_axis(_time_axis(times))
        chart.set_y_axis(_number_axis())
        chart.set_legend({"position": "bottom"} if len(fields) > 1 else {"none": True})
        self._put(chart, self._gettext(title), _WIDE, _HEIGHT)

    def bars(self, name: str, report: Report[Any], labels: Sequence[str], colour: str) -> None:
        """Horizontal bars of the first rows of a distribution, which the sheet `name` has in this order.
        `labels` are what stands in its first column, in the second are the numbers."""
        if not report.total:
            return
        chart = self._book.add_chart({"type": "bar"})
        values = [row.tickets.value for row in report.rows[:SHOWN]]
        chart.add_series(_series(name, 1, labels[:SHOWN], values, COLOURS[colour], "", "bar"))
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart.set_y_axis({"reverse": True, "line": _LINE, "major_tick_mark": "none"})
        chart.set_legend({"none": True})
        title = self._gettext(report.title)
        if len(report.rows) > SHOWN:
            title = self._gettext(N_("{title}: {shown} of {all} values")).format(
                title=title, shown=SHOWN, all=len(report.rows)
            )
        self._put(chart, title, _HALF, 110 + _BAR * max(4, len(values)))

    def stacked(self, name: str, title: str, labels: Sequence[str], parts: Sequence[Part]) -> None:
        """A bar per row of the sheet `name`, made of `parts`."""
        if not labels:
            return
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        for part in parts:
            series = _series(name, part.column, labels, part.values, part.colour, part.title, "bar")
            chart.add_series({**series, "data_labels": {}, "gap": 40, "overlap": 100})
        chart.set_x_axis(_number_axis())
        chart.set_y_axis({"reverse": True, "line": _LINE, "major_tick_mark": "none"})
        chart.set_legend({"position": "bottom"})
        self._put(chart, self._gettext(title), _WIDE, 150 + _BAR * max(4, len(labels)))

    def finish(self) -> None:
        """Says so where there is nothing to draw."""
        if self._y == 10 and self._left is None:
            self._sheet.write_string(0, 0, self._gettext(N_("No tickets to count here.")))

    def _put(self, chart: Chart, title: str, width: int, height: int) -> None:
        """Wide ones below each other, the others in pairs."""
        x, below = 10, height
        if width == _HALF and self._left is None:
            self._left, below = height, 0
        elif width == _HALF:
            x, below = 10 + _WIDE - _HALF, max(self._left or 0, height)
            self._left = None
        font = {"size": 12, "bold": True, "color": "#404040"}
        chart.set_title({"name": title, "name_font": font, "overlay": False})
        chart.set_size({"width": width, "height": height})
        chart.set_chartarea({"border": {"color": "#d9d9d9"}})
        placed = {"x_offset": x, "y_offset": self._y, "object_position": 3, "description": title}
        self._sheet.insert_chart(0, 0, chart, placed)
        self._y += below + 15 if below else 0


def _series(
    name: str, at: int, times: Sequence[Any], values: Sequence[int], colour: str, title: str, kind: str
) -> Mapping[str, Any]:
    """A series of the cells below the head of a sheet, with what stands in them for programs that show a
    workbook without reading its cells."""
    last = len(values)
    plain = [(time - _EPOCH).days if isinstance(time, date) else _plain(str(time)) for time in times]
    look: Mapping[str, Any] = {"line": {"color": colour, "width": 2}}
    if kind != "line":
        look = {"fill": {"color": colour}, "border": {"none": True}}
        look = {**look, "gap": _gap(kind, last)}
    if kind == "bar":
        look = {**look, "data_labels": {"value": True, "num_format": "#,##0"}}
    return {
        "name": title,
        "categories": [name, 1, 0, last, 0],
        "values": [name, 1, at, last, at],
        "categories_data": plain,
        "values_data": list(values),
        **look,
    }


def _gap(kind: str, number: int) -> int:
    """Between columns or bars, in percent of their thickness: a single bar must not fill its chart."""
    if kind == "column":
        return 40 if number <= _FEW_DAYS else 0
    return max(40, 560 // number - 100)


def _plain(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)


def _time_axis(times: Sequence[Any]) -> Mapping[str, Any]:
    """Days on a scale of days, whatever their order in the sheet; weeks turned round."""
    look = {"line": _LINE, "major_tick_mark": "outside", "label_position": "low"}
    if not isinstance(times[0], date):
        return {**look, "major_tick_mark": "none", "reverse": True, "crossing": "max"}
    if len(times) <= _FEW_DAYS:
        return {**look, "date_axis": True, "num_format": "yyyy-mm-dd"}
    return {**look, "date_axis": True, "num_format": "yyyy-mm", "major_unit": 1, "major_unit_type": "months"}


def _number_axis() -> Mapping[str, Any]:
    return {"num_format": "#,##0", "major_gridlines": _GRID, "line": {"none": True}, "min": 0}
