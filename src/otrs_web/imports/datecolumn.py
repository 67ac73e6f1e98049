"""One date column, chunk by chunk. Nearly every export writes `2026-01-12 17:59:00`, which costs one check
for the whole chunk; all other forms go value by value through memories of the days and clock times already
read. A value that can be read day first or month first is decided for its whole column, which the caller
looks through once for it."""

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence

from otrs_web.imports import dates

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


def decide_order(pairs: Iterable[tuple[Cell, str]], others: Iterable[Cell], latest: str) -> tuple[str, str]:
    """(order, why) for a column's ambiguous dates; why is 'values', 'numbers', 'later', 'columns' or ''
    (undecided).

    `pairs` are the column's cells with their tickets' numbers, `others` the cells of the file's other date
    columns. A value that only one order can read decides; else the day that is part of most OTRS ticket
    numbers; else that nothing can have happened after `latest`; else another column, which the same program
    has written.
    """
    seen: Counter[tuple[str, str]] = Counter()
    twelve_hours = False
    for cell, number in pairs:
        if isinstance(cell, str) and cell:
            seen[_day_of(cell), _day_in(number)] += 1
            twelve_hours = twelve_hours or cell[-1] in "mM"
    known = {text: _readings(text) for text, _ in seen}
    order = _by_values(known.values())
    if order:
        return order, "values"
    order = _by_numbers(seen, known)
    if order:
        return order, "numbers"
    order = _by_latest(known.values(), latest[:10])
    if order:
        return order, "later"
    order = _by_values(
        _readings(text) for text in {_day_of(cell) for cell in others if isinstance(cell, str)}
    )
    if order:
        return order, "columns"
    return ("mdy" if twelve_hours else "dmy"), ""


def _by_values(all_readings: Iterable[dict[str, str]]) -> str:
    orders = set(dates.ORDERS)
    for found in all_readings:
        if found and "" not in found:
            orders &= found.keys()
    return orders.pop() if len(orders) == 1 else ""


def _by_numbers(seen: Counter[tuple[str, str]], known: dict[str, dict[str, str]]) -> str:
    votes = Counter(dict.fromkeys(dates.ORDERS, 0))
    for (text, day), count in seen.items():
        for order, iso in known[text].items():
            if order and len(known[text]) > 1 and iso == day:
                votes[order] += count
    (best, most), (_, second) = votes.most_common(2)
    return best if most and most > 5 * second else ""


def _by_latest(all_readings: Iterable[dict[str, str]], latest: str) -> str:
    later = Counter(dict.fromkeys(dates.ORDERS, 0))
    possible: set[str] = set()
    for found in all_readings:
        if len(found) > 1:
            possible |= found.keys()
            later.update(order for order, iso in found.items() if iso > latest)
    kept = [order for order in possible if not later[order]]
    return kept[0] if len(kept) == 1 and len(possible) > 1 else ""


def _readings(text: str) -> dict[str, str]:
    return dates.day_readings(text) or {order: iso[:10] for order, iso in dates.readings(text)[0].items()}


def _day_of(text: str) -> str:
    return text.strip().partition(" ")[0]


def _day_in(number: str) -> str:
    """The day in a ticket number of the date generators, `2026-01-12` of `SR2026011210000024`."""
    digits = "".join(c for c in number if c.isdecimal())[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits[:2] in {"19", "20"} else ""
