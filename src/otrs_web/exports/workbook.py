"""Excel workbooks of any length in flat memory. XlsxWriter makes the workbook with styles, charts, and of
every table its head and widths; the tables are then filled while their rows are read and sent on compressed,
so the download begins at once and nothing waits on a disk."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from otrs_web.exports.sheet import Rows, fill_sheet, shortened
from otrs_web.exports.tables import Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: a sheet may have 1,048,576 rows, but not more than 2 GB of text in a plain (not ZIP64) archive
SHEET_ROWS = 500_000
#: and a name of 31 characters
NAME_CHARACTERS = 31
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_FORMATS = {
    "number": "#,##0",
    "decimal": "#,##0.0",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
}


@dataclass(frozen=True)
class Drawn:
    """A sheet of few cells, or of charts, that XlsxWriter fills."""

    name: str
    draw: Callable[[Workbook, Worksheet], None]


Sheet = Table | Drawn


@dataclass(frozen=True)
class _Part:
    """The rows of a table that are on one sheet; `rows` goes on where the sheet before ended."""

    name: str
    table: Table
    expected: int
    rows: Rows


class _Pipe(io.RawIOBase):
    """Takes what the archive writes until it is sent on; it cannot seek, so sizes follow behind the data."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._waiting += data
        return len(data)

    def taken(self) -> bytes:
        octets = bytes(self._waiting)
        self._waiting.clear()
        return octets


async def xlsx_stream(sheets: Sequence[Sheet], timezone: ZoneInfo) -> AsyncIterator[bytes]:
    """The bytes of a workbook. A table has as many sheets as its rows need."""
    pipe = _Pipe()
    parts = [part for sheet in sheets for part in _parts(sheet)]
    skeleton = await asyncio.to_thread(_skeleton, parts)
    with (
        zipfile.ZipFile(io.BytesIO(skeleton)) as empty,
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
    ):
        for name in empty.namelist():
            match = _SHEET.fullmatch(name)
            part = parts[int(match[1]) - 1] if match else None
            if not isinstance(part, _Part):
                archive.writestr(name, empty.read(name))
                continue
            with archive.open(name, "w") as sheet:
                async for xml in _filled(empty.read(name).decode(), part, timezone):
                    sheet.write(xml.encode())
                    if octets := pipe.taken():
                        yield octets
                    await asyncio.sleep(0)
    yield pipe.taken()


def _parts(sheet: Sheet) -> Iterator[_Part | Drawn]:
    if isinstance(sheet, Drawn):
        yield sheet
        return
    rows = Rows(sheet.batches())
    for number in range(max(1, -(-sheet.rows // SHEET_ROWS))):
        ending = f" ({number + 1})" if number else ""
        name = shortened(sheet.name, NAME_CHARACTERS - len(ending)) + ending
        yield _Part(name, sheet, min(SHEET_ROWS, sheet.rows - number * SHEET_ROWS), rows)


def _filled(empty: str, part: _Part, timezone: ZoneInfo) -> AsyncIterator[str]:
    slices = part.rows.slices(SHEET_ROWS)
    return fill_sheet(empty, len(part.table.columns), part.expected, slices, timezone)


def _skeleton(parts: Sequence[_Part | Drawn]) -> bytes:
    """The workbook with its drawn sheets, and of the tables the heads alone."""
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        made = [(book.add_worksheet(part.name), part) for part in parts]
        for sheet, part in made:
            if isinstance(part, Drawn):
                part.draw(book, sheet)
            else:
                _head(sheet, part, head, formats)
    return target.getvalue()


def _head(sheet: Worksheet, part: _Part, head: Format, formats: Mapping[str, Format]) -> None:
    columns = part.table.columns
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width, formats.get(column.kind))
        sheet.write_string(0, at, column.title, head)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, part.expected, len(columns) - 1)
