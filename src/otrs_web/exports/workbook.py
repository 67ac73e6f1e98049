"""Excel workbooks of any length in flat memory. XlsxWriter makes an empty workbook with styles, head and
widths; its sheets are then filled while the rows are read and sent on compressed, so the download begins at
once and nothing waits on a disk. Every text is an inline string: nothing becomes a formula or a link."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from otrs_web.exports.cells import on_the_wall

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: a sheet may have 1,048,576 rows, but not more than 2 GB of text in a plain (not ZIP64) archive
SHEET_ROWS = 500_000
CELL_CHARACTERS = 32_767
SLICE_ROWS = 50
_EPOCH = datetime(1899, 12, 30)
_FIRST_TRUE_DAY = datetime(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that never was
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x")


@dataclass(frozen=True)
class Table:
    """What to write: column names with widths in characters, which of them hold times, and how many rows
    there will be."""

    columns: Sequence[str]
    widths: Sequence[int]
    times: frozenset[str]
    rows: int
    timezone: ZoneInfo


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


async def xlsx_stream(
    table: Table, batches: AsyncIterator[Sequence[Sequence[object]]]
) -> AsyncIterator[bytes]:
    """The bytes of a workbook with all rows of `batches`, on as many sheets as they need."""
    pipe, rows = _Pipe(), _Rows(batches)
    with (
        zipfile.ZipFile(io.BytesIO(_empty_workbook(table))) as empty,
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
    ):
        for name in empty.namelist():
            if not _SHEET.fullmatch(name):
                archive.writestr(name, empty.read(name))
                continue
            with archive.open(name, "w") as sheet:
                async for xml in _sheet(empty.read(name).decode(), table, _number(name), rows):
                    sheet.write(xml.encode())
                    if octets := pipe.taken():
                        yield octets
                    await asyncio.sleep(0)
    yield pipe.taken()


async def _sheet(xml: str, table: Table, number: int, rows: "_Rows") -> AsyncIterator[str]:
    """The text of one sheet in pieces."""
    expected = min(SHEET_ROWS, table.rows - number * SHEET_ROWS)
    head, tail, time_style = _split_sheet(xml, expected, len(table.columns))
    names = [xl_col_to_name(at) for at in range(len(table.columns))]
    at = 2
    yield head
    async for piece in rows.slices(SHEET_ROWS):
        yield "".join(
            _row(at + offset, values, names, time_style, table.timezone)
            for offset, values in enumerate(piece)
        )
        at += len(piece)
    yield tail


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name)) - 1


def _empty_workbook(table: Table) -> bytes:
    """A workbook with the head of every sheet and no rows."""
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for number in range(max(1, -(-table.rows // SHEET_ROWS))):
            sheet = book.add_worksheet()
            for at, (name, width) in enumerate(zip(table.columns, table.widths, strict=True)):
                sheet.set_column(at, at, width, moment if name in table.times else None)
                sheet.write_string(0, at, name, bold)
            sheet.freeze_panes(1, 1)
            rows = min(SHEET_ROWS, table.rows - number * SHEET_ROWS)
            sheet.autofilter(0, 0, rows, len(table.columns) - 1)
    return target.getvalue()


def _split_sheet(xml: str, rows: int, columns: int) -> tuple[str, str, str]:
    """The sheet before and after its rows, and the number of the style of times."""
    whole = f"A1:{xl_col_to_name(columns - 1)}{rows + 1}"
    xml = re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="{whole}"/>', xml)
    style = re.search(r'<col [^>]*style="(\d+)"', xml)
    head, end, tail = xml.partition("</sheetData>")
    return head, end + tail, style[1] if style else "0"


class _Rows:
    """Hands out the rows of all batches in slices, and says when a sheet is full."""

    def __init__(self, batches: AsyncIterator[Sequence[Sequence[object]]]) -> None:
        self._batches = batches
        self._kept: Sequence[Sequence[object]] = ()

    async def slices(self, limit: int) -> AsyncIterator[Sequence[Sequence[object]]]:
        """Up to `limit` rows in all; the next call goes on behind them."""
        while limit > 0:
            if not self._kept:
                try:
                    self._kept = await self._batches.__anext__()
                except StopAsyncIteration:
                    return
            size = min(SLICE_ROWS, limit)
            yield self._kept[:size]
            limit -= len(self._kept[:size])
            self._kept = self._kept[size:]


def _row(number: int, values: Sequence[object], names: Sequence[str], time_style: str, zone: ZoneInfo) -> str:
    cells = "".join(
        _cell(f"{name}{number}", value, time_style, zone)
        for name, value in zip(names, values, strict=True)
        if value is not None and value != ""
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: object, time_style: str, zone: ZoneInfo) -> str:
    if isinstance(value, str):
        return _text(place, value)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if isinstance(value, datetime):
        moment = on_the_wall(value, zone)
        if moment >= _FIRST_TRUE_DAY:
            days = (moment - _EPOCH).total_seconds() / 86_400
            return f'<c r="{place}" s="{time_style}"><v>{days!r}</v></c>'
        return _text(place, moment.isoformat(" ", "seconds"))
    return _text(place, str(value))


def _text(place: str, text: str) -> str:
    if len(text) > CELL_CHARACTERS:
        text = text[: CELL_CHARACTERS - 1] + "…"
    if _SPECIAL.search(text):
        text = escape(_UNPRINTABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
