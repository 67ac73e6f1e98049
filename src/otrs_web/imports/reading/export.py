"""An export as the rest of the program sees it: chunks of tickets, the snapshot they show, and the report on
the file they came from. No database and no web below this line."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from otrs_web.imports.quality import Finding, Findings, Rejected
from otrs_web.imports.reading import report
from otrs_web.imports.reading.datecolumn import Cell
from otrs_web.imports.reading.dayorder import DayEvidence, decide_order
from otrs_web.imports.reading.header import SEARCHED_ROWS, Header, find_header
from otrs_web.imports.reading.numbers import is_counter
from otrs_web.imports.reading.reader import open_table
from otrs_web.imports.reading.rows import cell_text
from otrs_web.imports.reading.snapshot import ZONES_APART, LatestEvent, Snapshot, known_before, settle
from otrs_web.imports.reading.tables import Table
from otrs_web.imports.reading.tickets import DATE_FIELDS, TicketReader

NO_STATES: Mapping[str, str] = MappingProxyType({})
CHUNK = 2000
"""Rows converted at a time: few enough to stay in the processor's cache."""
_DERIVED = {"state": "state_type", "age": "age_hours"}


def open_export(
    path: Path,
    filename: str,
    *,
    uploaded_at: dt.datetime,
    as_of: dt.datetime | None = None,
    states: Mapping[str, str] = NO_STATES,
) -> "Export":
    """Find the ticket list in a file; raises Rejected if there is none that can be read.

    `uploaded_at` and `as_of` are naive, in the site's wall clock. `states` are the site's own state names
    and types.
    """
    table = open_table(path)
    header = find_header(table.head(SEARCHED_ROWS))
    if header is None:
        raise report.no_header(table)
    header = _with_number(table, header)
    if header.mapping.missing:
        raise report.missing_columns(table, header)
    for field, column in header.mapping.fields.items():
        lines = [line for line in table.formulas_without_value(column) if line > header.line]
        if lines:
            raise Rejected("formulas_without_value", lines=lines, column=header.mapping.names[field])
    return Export(table, header, filename, uploaded_at.replace(microsecond=0), as_of, states)


def _with_number(table: Table, header: Header) -> Header:
    """A column `Number` or `id` is the ticket number if its values are not a running counter."""
    weak = header.mapping.weak_number
    if weak is None:
        return header
    for _, rows in table.chunks(header.index + 1, 1000):
        if is_counter([row[weak] for row in rows if weak < len(row)]):
            return header
        break
    return header.with_number(weak)


class Export:
    """One readable export. `snapshot` and `findings` are complete after the last chunk."""

    def __init__(
        self,
        table: Table,
        header: Header,
        filename: str,
        uploaded_at: dt.datetime,
        as_of: dt.datetime | None,
        states: Mapping[str, str],
    ) -> None:
        self.kind, self.sheet = table.kind, table.sheet
        self.encoding, self.separator = table.encoding, table.separator
        self.header_line = header.line
        self.fields = frozenset(
            {
                *header.mapping.fields,
                *(_DERIVED[field] for field in header.mapping.fields if field in _DERIVED),
            }
            | ({"raw_data"} if header.mapping.others else set())
        )
        self.rows_total = table.lines_total and max(table.lines_total - header.line, 0)
        self._table, self._header, self._uploaded_at = table, header, uploaded_at
        mapping = header.mapping
        self._width = len(mapping.fields) + len(mapping.others) + len(mapping.nameless)
        self._findings = Findings()
        self._known = known_before(as_of, filename, header.above, uploaded_at)
        self._latest = LatestEvent(uploaded_at)
        self._orders: dict[str, tuple[str, str]] = {}
        self._reader = TicketReader(
            header.mapping,
            states,
            self._findings,
            order=self._order,
            epoch_1904=table.epoch_1904,
            future_after=min(uploaded_at, self._known.at + ZONES_APART) if self._known else uploaded_at,
            latest=self._latest,
        )
        self._snapshot: Snapshot | None = self._known

    def chunks(self, size: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
        """Unique valid tickets in `FIELDS` order; the first valid row of a number wins. Raises Rejected."""
        for lines, rows in self._table.chunks(self._header.index + 1, size):
            if max(map(len, rows)) > self._width:
                self._report_long_rows(lines, rows)
            tickets = self._reader.read(lines, self._by_column(rows))
            if tickets:
                yield tickets
        self._finish()

    @property
    def rows_read(self) -> int:
        """Rows with anything in them that have been read so far."""
        return self._reader.rows

    @property
    def rejected_rows(self) -> int:
        return self._reader.rejected

    @property
    def duplicate_rows(self) -> int:
        return self._reader.duplicates

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot or Snapshot(self._uploaded_at, "upload")

    @property
    def findings(self) -> list[Finding]:
        return self._findings.all()

    def _report_long_rows(self, lines: Sequence[int], rows: list[list[Cell]]) -> None:
        width = self._width
        beyond = [(line, row[width:]) for line, row in zip(lines, rows, strict=True) if len(row) > width]
        long = [(line, "") for line, cells in beyond if any(cell_text(cell).strip() for cell in cells)]
        self._findings.add("long_rows", "attention", long)

    def _by_column(self, rows: list[list[Cell]]) -> list[tuple[Cell, ...]]:
        """The chunk turned into columns; short rows are filled with blanks, longer ones cut."""
        width = self._width
        widths = set(map(len, rows))
        if widths == {width}:
            return list(zip(*rows, strict=True))
        if max(widths) > width:
            rows = [row[:width] for row in rows]
        # the last one sees to it that no column is missing
        filled = zip_longest(*rows, [""] * width, fillvalue="")
        return [column[:-1] for column in filled]

    def _order(self, field: str) -> str:
        """Day or month first in a date column: decided when first asked, over all values of all such
        columns."""
        if not self._orders:
            at = self._header.mapping.fields
            evidence = {name: DayEvidence() for name in DATE_FIELDS if name in at}
            for _, rows in self._table.chunks(self._header.index + 1, CHUNK):
                by_column = self._by_column(rows)
                numbers = list(map(cell_text, by_column[at["ticket_number"]]))
                for name, days in evidence.items():
                    days.see(by_column[at[name]], numbers)
            latest = str(self._uploaded_at)
            for name, days in evidence.items():
                others = [other for other in evidence.values() if other is not days]
                self._orders[name] = decide_order(days, others, latest)
        return self._orders[field][0]

    def _finish(self) -> None:
        doubtful = self._reader.numbers.finish()
        self.rows_total = self.rows_read
        tickets = self.rows_read - self.rejected_rows - self.duplicate_rows
        if self.rows_read and not tickets:
            raise report.no_valid_row(self._findings)
        self._snapshot = settle(self._known, self._latest, self._uploaded_at)
        report.describe_file(self._findings, self._table, self._header)
        report.describe_rows(self._findings, self._reader, self._orders, doubtful)
        report.describe_snapshot(self._findings, self.snapshot)
