"""One date column, chunk by chunk. Nearly every export writes `2026-01-12 17:59:00`, which costs one check
for the whole chunk; all other forms go value by value through memories of the days and clock times already
read. A value that can be read day first or month first is decided for its whole column, which the caller
looks through once for it."""

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Sequence

from otrs_web.imports.reading import dates

Cell = str | float | bool | dt.date | dt.time | dt.timedelta

_MEMORY = 200_000
_fromiso = dt.datetime.fromisoformat


class _Days(dict[str, dict[str, str]]):
    def __missing__(self, text: str) -> dict[str, str]:
        if len(self) > _MEMORY:
            self.clear()
        found = self[text] = dates.day_readings(text)
        return found


class _Clocks(dict[str, str]):
    """'' for a time that is none, or that ends on another day: such texts are read in full."""

    def __missing__(self, text: str) -> str:
        if len(self) > _MEMORY:
            self.clear()
        time = dates.clock_reading(text.casefold())
        found = self[text] = time[0] if time and not time[1] else ""
        return found


class _Others(dict[str, tuple[dict[str, str], str]]):
    """Texts in none of the common forms: words, mostly, and those repeat."""

    def __missing__(self, text: str) -> tuple[dict[str, str], str]:
        if len(self) > _MEMORY:
            self.clear()
        found = self[text] = dates.readings(text)
        return found


class DateColumn:
    """Reads the cells of one column as ISO text.

    `order` is asked for at the first ambiguous value; `epoch_1904` is the workbook's. `zones`, `ambiguous`
    and `zeros` tell afterwards which time zones the texts named, how often the order mattered and how many
    texts were a date of zeros, which databases write for none.
    """

    def __init__(self, order: Callable[[], str], *, epoch_1904: bool = False) -> None:
        self._order = order
        self._epoch_1904 = epoch_1904
        self._days, self._clocks, self._others = _Days(), _Clocks(), _Others()
        self.zones: Counter[str] = Counter()
        self.ambiguous = 0
        self.zeros = 0

    def read(self, cells: Sequence[Cell]) -> tuple[list[str | None], list[int]]:
        """(ISO text or None for blank, indexes of cells that hold something unreadable)."""
        given = [cell for cell in cells if cell]
        if _all_iso(given):
            return [cell or None for cell in cells], []  # type: ignore[misc]
        values: list[str | None] = []
        bad = []
        for index, cell in enumerate(cells):
            value = self._one(cell) if cell != "" else ""
            if value is None or (value and not dates.EARLIEST <= value < dates.LATEST):
                bad.append(index)
                value = None
            values.append(value or None)
        return values, bad

    def _one(self, cell: Cell) -> str | None:
        """ISO text, '' for blank, None for unreadable."""
        if isinstance(cell, str):
            return self._text(cell)
        if isinstance(cell, dt.date):
            return dates.from_cell(cell)
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return dates.from_serial(cell, epoch_1904=self._epoch_1904)
        return None

    def _text(self, text: str) -> str | None:
        day, blank, clock = text.partition(" ")
        days = self._days[day]
        time = self._clocks[clock] if blank else "00:00:00"
        if days and time:
            return f"{self._choose(days)} {time}"
        if dates.is_blank(text):
            self.zeros += "0" in text
            return ""
        found, zone = self._others[text]
        if zone:
            self.zones[zone] += 1
        return self._choose(found) if found else None

    def _choose(self, found: dict[str, str]) -> str:
        if len(found) == 1:
            return next(iter(found.values()))
        self.ambiguous += 1
        return found.get(self._order()) or next(iter(found.values()))


def _all_iso(given: Sequence[Cell]) -> bool:
    """Whether every cell is exactly `YYYY-MM-DD HH:MM:SS`, a day that exists and a plausible year."""
    if not given:
        return True
    try:
        shape = "".join(given).encode("ascii").translate(None, b"0123456789")  # type: ignore[arg-type]
        if shape != dates.ISO_SHAPE * len(given):
            return False
        deque(map(_fromiso, given), maxlen=0)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return min(given) >= dates.EARLIEST and max(given) < dates.LATEST  # type: ignore
