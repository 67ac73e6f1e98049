"""Cells to tickets, column by column. Half a million rows pass here, so each column of a chunk is converted
by one comprehension or one memory of the values already seen, and only columns or chunks with something
unusual in them are looked at value by value."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from otrs_web.imports.reading.absence import without_absence
from otrs_web.imports.reading.ages import age_hours
from otrs_web.imports.reading.datecolumn import Cell
from otrs_web.imports.reading.dates import from_cell
from otrs_web.imports.states import state_type
from otrs_web.tickets.values import NONE

BLANKS = " \u00a0\u3000"
Texts = list[str | None]
Columned = dict[str, list[Any]]
"""Converted columns by field, all of one length."""


def cell_text(value: Cell) -> str:
    """What a person reads in a cell: whole numbers without `.0` or exponent, dates in ISO order."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, dt.datetime):
        return from_cell(value)
    return str(value)


def texts(cells: Sequence[Cell]) -> Texts:
    """Free text, kept exactly; blank is None."""
    if set(map(type, cells)) <= {str}:
        return [cell if cell and not cell.isspace() else None for cell in cells]  # type: ignore[union-attr,misc]
    return [text if text and not text.isspace() else None for text in map(cell_text, cells)]


class Words(dict[Cell, "str | None"]):
    """The values of a column without surrounding blanks; blank is None. Looking up a value that was met
    before is faster than any other way to tell that there is nothing to strip."""

    MEMORY = 100_000

    def __missing__(self, cell: Cell) -> str | None:
        if len(self) > self.MEMORY:
            self.clear()
        text = self.word(cell_text(cell).strip(BLANKS))
        # our own files write a blank value like this, and it is what filters call one
        value = self[cell] = None if text in ("", NONE) else text
        return value

    def word(self, text: str) -> str:
        """What is kept of a cell's text."""
        return text

    def read(self, cells: Sequence[Cell]) -> Texts:
        return list(map(self.__getitem__, cells))


class People(Words):
    """Names of agents without the note that OTRS puts behind those who are out of office."""

    def word(self, text: str) -> str:
        return without_absence(text)


class Ages(dict[Cell, "float | None"]):
    """Hours of each different age text; `unreadable` are those that are neither blank nor an age."""

    MEMORY = 100_000

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: set[Cell] = set()

    def __missing__(self, cell: Cell) -> float | None:
        if len(self) > self.MEMORY:
            self.clear()
        hours = cell.total_seconds() / 3600 if isinstance(cell, dt.timedelta) else age_hours(cell)
        if hours is None and cell_text(cell).strip():
            self.unreadable.add(cell)
        self[cell] = hours
        return hours


class StateTypes(dict["str | None", str]):
    """The type of each state name met, the site's own names first; `unknown` are the names that neither
    knows."""

    def __init__(self, extra: Mapping[str, str]) -> None:
        super().__init__()
        self._extra = extra
        self.unknown: set[str] = set()

    def __missing__(self, name: str | None) -> str:
        kind = self[name] = state_type(name, self._extra)
        if name and kind == "unknown":
            self.unknown.add(name)
        return kind


class RawData:
    """The columns that no field took, as one compact JSON text per row."""

    def __init__(self, columns: Sequence[tuple[int, str]]) -> None:
        self._columns = columns
        self._encode = msgspec.json.Encoder().encode

    def read(self, by_column: Sequence[Sequence[Cell]], count: int) -> Texts:
        """JSON object of the values that are not blank; None for a row without any."""
        filled = [
            (name, texts(by_column[index]))
            for index, name in self._columns
            if index < len(by_column) and any(by_column[index])
        ]
        if not filled:
            return [None] * count
        names = [name for name, _ in filled]
        encode = self._encode
        rows = (
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in zip(*(values for _, values in filled), strict=True)
        )
        return [encode(row).decode() if row else None for row in rows]
