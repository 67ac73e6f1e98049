"""Where the table begins. Above the names there may be a title line, blank lines, a banner or a second row
of merged group names, so every row near the top is read as a header and the first that names a ticket and
its creation wins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from otrs_web.imports.columns import Mapping, is_known, map_columns
from otrs_web.imports.reading.datecolumn import Cell

SEARCHED_ROWS = 100
MAX_COLUMNS = 1000
"""OTRS can give about sixty columns, dynamic fields a few hundred; a sheet with thousands is no ticket
list."""


@dataclass(frozen=True)
class Header:
    """The mapping, the index of the last header row in the table, its line, and the rows above it."""

    mapping: Mapping
    index: int
    line: int
    above: tuple[tuple[str, ...], ...]

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Complete headers first, then those with a number, then the ones with more known names."""
        fields = self.mapping.fields
        number = "ticket_number" in fields or self.mapping.weak_number is not None
        return number and "created_date" in fields, "ticket_number" in fields, len(fields)

    def with_number(self, column: int) -> "Header":
        """The same header with this unmapped column as the ticket number."""
        old = self.mapping
        name = next(name for index, name in old.others if index == column)
        mapping = Mapping(
            {**old.fields, "ticket_number": column},
            {**old.names, "ticket_number": name},
            tuple(other for other in old.others if other[0] != column),
            old.nameless,
        )
        return replace(self, mapping=mapping)


def find_header(head: Sequence[tuple[int, Sequence[Cell]]]) -> Header | None:
    """The best header among the first rows of a table; None if no row has two known names."""
    best: Header | None = None
    rows = [(line, _texts(cells)) for line, cells in head]
    for index, (line, names) in enumerate(rows):
        found = Header(map_columns(names), index, line, _above(rows, index))
        if index and any(rows[index - 1][1]):
            both = _two_rows(rows[index - 1][1], names)
            merged = Header(map_columns(both), index, line, _above(rows, index - 1))
            found = max(found, merged, key=lambda header: header.rank)  # of equals the single row
        if _known(found) >= 2 and (best is None or found.rank > best.rank):
            best = found
        if best is not None and best.rank[0]:
            return best
    return best


def _above(rows: Sequence[tuple[int, list[str]]], index: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(texts) for _, texts in rows[:index])


def _known(header: Header) -> int:
    return len(header.mapping.fields) + (header.mapping.weak_number is not None)


def _texts(cells: Sequence[Cell]) -> list[str]:
    """Only text can be a name; what lies beyond any real list is not even looked at."""
    return [cell if isinstance(cell, str) else "" for cell in cells[:MAX_COLUMNS]]


def _two_rows(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Merged heads: a name below its group, beside names that stand in the upper row alone."""
    width = max(len(upper), len(lower))
    tops = [*upper, *[""] * (width - len(upper))]
    names = []
    group = ""
    for top, name in zip(tops, [*lower, *[""] * (width - len(lower))], strict=True):
        group = top.strip() or group
        if not name.strip():
            names.append(top)
        else:
            joined = f"{group} {name}"
            names.append(joined if not is_known(name) and is_known(joined) else name)
    return names
