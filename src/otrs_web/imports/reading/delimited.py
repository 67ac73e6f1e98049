"""CSV and its kin. OTRS, Excel and the people between them choose encoding, separator, quoting and line ends
freely; the encoding is found first, then the separator under which the file has a header and rows of its
width."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from otrs_web.imports.quality import Findings, Rejected
from otrs_web.imports.reading import charset
from otrs_web.imports.reading.datecolumn import Cell
from otrs_web.imports.reading.header import find_header
from otrs_web.imports.reading.tables import Chunk, Table

SEPARATORS = (";", ",", "\t", "|", ":")
MAX_LINE = 8 << 20
"""Characters in one line or one field: whole mail threads fit, a file without line breaks does not."""
MAX_FIELDS = 100_000
MANY_LINES = 10_000
"""No field has so many lines: a quote that opened it was never closed."""
_SNIFFED_ROWS = 200
_END = "\x1a end of file \x1a"
csv.field_size_limit(MAX_LINE)


@dataclass
class TextTable(Table):
    """A text file, read anew for every pass; `nuls` are the NUL characters dropped so far."""

    path: Path = field(default_factory=Path)
    errors: str = "strict"
    sure: bool = True
    nuls: int = 0

    def chunks(self, skip: int, size: int) -> Iterator[Chunk]:
        """Rows of records; a record's line is the one that it begins on. Raises Rejected for endless
        lines."""
        lines: list[int] = []
        rows: list[list[Cell]] = []
        for line, row in islice(self._records(), skip, None):
            lines.append(line)
            rows.append(row)
            if len(rows) >= size:
                yield lines, rows
                lines, rows = [], []
        if rows:
            yield lines, rows

    def head(self, count: int) -> list[tuple[int, list[Cell]]]:
        """The first records, as far as they can be read; what stops them is met again when all are read."""
        rows: list[tuple[int, list[Cell]]] = []
        try:
            rows.extend(islice(self._records(), count))
        except Rejected:
            if not rows:
                raise
        return rows

    def describe(self, findings: Findings) -> None:
        if self.nuls:
            findings.say("nul_bytes", "attention", self.nuls)
        if not self.sure:
            findings.say("encoding_guessed", "attention", encoding=self.encoding)
        elif self.encoding and not self.encoding.startswith("utf"):
            findings.say("encoding_legacy", "notice", encoding=self.encoding)

    def _records(self) -> Iterator[tuple[int, list[Cell]]]:
        reader = csv.reader(self._lines(), delimiter=self.separator or ",")
        line = 1
        try:
            for row in reader:
                if row and row[-1].endswith(_END):
                    if row != [_END]:
                        raise Rejected("quote_not_closed", lines=[line])
                    return
                yield line, row  # type: ignore[misc]
                line = reader.line_num + 1
        except csv.Error as error:
            swallowed = reader.line_num - line > MANY_LINES
            raise Rejected(
                "quote_not_closed" if swallowed else "field_too_long", lines=[line], limit=MAX_LINE
            ) from error

    def _lines(self) -> Iterator[str]:
        """The lines, then a mark that only an unclosed quote can swallow."""
        self.nuls = 0
        with self.path.open(encoding=self.encoding, errors=self.errors, newline="") as file:
            while line := file.readline(MAX_LINE):
                if len(line) >= MAX_LINE or line.count(self.separator or ",") > MAX_FIELDS:
                    raise Rejected("line_too_long", limit=MAX_LINE)
                if "\0" in line:
                    self.nuls += line.count("\0")
                    line = line.replace("\0", "")
                yield line
        yield _END


def open_text(path: Path) -> TextTable:
    """Find encoding and separator. Raises Rejected for files that are not text or have no line breaks."""
    _refuse_at_first_sight(path)
    found = charset.detect(path)
    table = TextTable(
        "text", found.lines or None, encoding=found.name, path=path, errors=found.errors, sure=found.sure
    )
    table.separator = _separator(table)
    return table


def _refuse_at_first_sight(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(MAX_LINE)
    if len(start) == MAX_LINE and b"\n" not in start and b"\r" not in start:
        raise Rejected("line_too_long", limit=MAX_LINE)
    start = start[: 1 << 16]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    odd = sum(start.count(code) for code in range(1, 32) if code not in {9, 10, 12, 13, 26, 27})
    if odd > len(start) * 0.02:
        raise Rejected("not_a_spreadsheet", kind="binary")


def _separator(table: TextTable) -> str:
    """The separator whose header knows most names and whose rows are as wide as their header."""
    ranks: dict[str, tuple[object, ...]] = {}
    refusals = []
    for separator in SEPARATORS:
        table.separator = separator
        try:
            ranks[separator] = _rank(table.head(_SNIFFED_ROWS))
        except Rejected as refusal:
            refusals.append(refusal)
    if not ranks:
        raise refusals[0]
    return max(ranks, key=lambda separator: ranks[separator])


def _rank(head: list[tuple[int, list[Cell]]]) -> tuple[object, ...]:
    header = find_header(head)
    if header is None:
        return (False, False, 0), 0.0, max((len(row) for _, row in head), default=0)
    width = len(head[header.index][1])
    body = [row for _, row in head[header.index + 1 :] if any(row)]
    even = sum(len(row) == width for row in body) / len(body) if body else 1.0
    return header.rank, even, width
