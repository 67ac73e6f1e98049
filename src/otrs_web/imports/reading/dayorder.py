"""Whether a column writes the day or the month first. `01/02/2026` alone does not tell, but a column of
dates does: through other values, through the days in the ticket numbers, through what cannot have happened
yet, or through the other columns that the same program has written."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from otrs_web.imports.reading import dates
from otrs_web.imports.reading.datecolumn import Cell

_NUMBERS_DAY = re.compile(r"\D*((?:19|20)\d\d)(\d\d)(\d\d)")
_ENOUGH = 50_000
"""Different days in a column; more of them are no days."""


class DayEvidence:
    """The different days of a date column as they are written, each with the days in its tickets' numbers."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.twelve_hours = False

    def see(self, cells: Sequence[Cell], numbers: Sequence[str]) -> None:
        """A chunk of the column; the numbers of date generators begin with the day of creation."""
        for cell, number in zip(cells, numbers, strict=True):
            if isinstance(cell, str) and cell and len(self.seen) < _ENOUGH:
                found = _NUMBERS_DAY.match(number)
                self.seen[cell.strip().partition(" ")[0], "-".join(found.groups()) if found else ""] += 1
                self.twelve_hours = self.twelve_hours or cell[-1] in "mM"

    def readings(self) -> dict[str, dict[str, str]]:
        return {text: _readings(text) for text, _ in self.seen}


def decide_order(column: DayEvidence, others: Iterable[DayEvidence], latest: str) -> tuple[str, str]:
    """(order, why) for a column's ambiguous dates; why is 'values', 'numbers', 'later', 'columns' or ''.

    A value that only one order can read decides; else the days in the ticket numbers; else that nothing can
    have happened after `latest`; else another column. Undecided, 12-hour clocks speak for the month, all
    else for the day.
    """
    known = column.readings()
    order = _by_values(known.values())
    if order:
        return order, "values"
    order = _by_numbers(column.seen, known)
    if order:
        return order, "numbers"
    order = _by_latest(known.values(), latest[:10])
    if order:
        return order, "later"
    order = _by_values(found for other in others for found in other.readings().values())
    if order:
        return order, "columns"
    return ("mdy" if column.twelve_hours else "dmy"), ""


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
