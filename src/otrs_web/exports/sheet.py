"""The rows of a sheet as SpreadsheetML, row by row. Every text is an inline string: nothing becomes a
formula or a link, and no table of strings has to be held."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from xlsxwriter.utility import xl_col_to_name

from otrs_web.exports.cells import on_the_wall
from otrs_web.exports.tables import Batch

CELL_CHARACTERS = 32_767
SLICE_ROWS = 50
_EPOCH = datetime(1899, 12, 30)
_FIRST_TRUE_DAY = datetime(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that never was
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x")
_COLUMN = re.compile(r'<col min="(\d+)" max="(\d+)"(?: width="[^"]*")?(?: style="(\d+)")?')


class Rows:
    """Hands out the rows of all batches in slices, and says when a sheet is full."""

    def __init__(self, batches: AsyncIterator[Batch]) -> None:
        self._batches = batches
        self._kept: Batch = ()

    async def slices(self, limit: int) -> AsyncIterator[Batch]:
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


async def fill_sheet(
    empty: str, columns: int, expected: int, slices: AsyncIterator[Batch], timezone: ZoneInfo
) -> AsyncIterator[str]:
    """The text of a sheet in pieces: the `empty` one, which has a head of one row and says how its columns
    are formatted, and between its rows and its end all rows of `slices`."""
    whole = f"A1:{xl_col_to_name(columns - 1)}{expected + 1}"
    head, end, tail = re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="{whole}"/>', empty).partition(
        "</sheetData>"
    )
    names, styles = [xl_col_to_name(at) for at in range(columns)], _styles(head, columns)
    number = 2
    yield head
    async for piece in slices:
        yield "".join(
            _row(number + offset, values, names, styles, timezone) for offset, values in enumerate(piece)
        )
        number += len(piece)
    yield end + tail


def _styles(xml: str, columns: int) -> Sequence[str]:
    """The attribute of a cell with the number format of its column, by column."""
    found = [""] * columns
    for first, last, style in _COLUMN.findall(xml):
        if style:
            found[int(first) - 1 : int(last)] = [f' s="{style}"'] * (int(last) - int(first) + 1)
    return found


def _row(
    number: int, values: Sequence[object], names: Sequence[str], styles: Sequence[str], zone: ZoneInfo
) -> str:
    cells = "".join(
        _cell(f"{name}{number}", value, style, zone)
        for name, value, style in zip(names, values, styles, strict=True)
        if value is not None and value != ""
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: object, style: str, zone: ZoneInfo) -> str:
    if isinstance(value, str):
        return _text(place, value)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"{style}><v>{value!r}</v></c>'
    if isinstance(value, datetime):
        moment = on_the_wall(value, zone)
        return _moment(place, moment, style, moment.isoformat(" ", "seconds"))
    if isinstance(value, date):
        return _moment(place, datetime.combine(value, time()), style, value.isoformat())
    return _text(place, str(value))


def _moment(place: str, moment: datetime, style: str, text: str) -> str:
    """A real time as far back as Excel counts, else `text`."""
    if moment < _FIRST_TRUE_DAY:
        return _text(place, text)
    return f'<c r="{place}"{style}><v>{(moment - _EPOCH).total_seconds() / 86_400!r}</v></c>'


def shortened(name: str, units: int) -> str:
    """As much of a name as Excel counts to be `units` long: characters beyond U+FFFF count twice."""
    octets = name.encode("utf-16-le", "surrogatepass")[: 2 * units]
    return octets.decode("utf-16-le", "ignore")


def cut(text: str) -> str:
    """A text no longer than a cell may be; where it would be, it ends with an ellipsis."""
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def _text(place: str, text: str) -> str:
    text = cut(text)
    if _SPECIAL.search(text):
        text = escape(_UNPRINTABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
