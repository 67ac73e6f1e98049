"""What every kind of file becomes before its tickets are read: rows of cells with the line numbers that a
person sees in the spreadsheet or the text editor, readable more than once, in chunks, without keeping
them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from otrs_web.imports.quality import Findings
from otrs_web.imports.reading.datecolumn import Cell

Row = Sequence[Cell]
Chunk = tuple[Sequence[int], list[list[Cell]]]


@dataclass
class Table(ABC):
    """One list of rows. `first_column` is the sheet column of a row's first cell; `lines_total` may be an
    estimate."""

    kind: str
    lines_total: int | None = None
    sheet: str | None = None
    first_column: int = 0
    epoch_1904: bool = False
    encoding: str | None = None
    separator: str | None = None
    other_sheets: list[str] = field(default_factory=list)

    @abstractmethod
    def chunks(self, skip: int, size: int) -> Iterator[Chunk]:
        """All rows after the first `skip`, `size` at a time, with their line numbers."""

    def head(self, count: int) -> list[tuple[int, list[Cell]]]:
        """The first rows with their lines."""
        for lines, rows in self.chunks(0, count):
            return list(zip(lines, rows, strict=True))
        return []

    def formulas_without_value(self, column: int) -> list[int]:
        """Lines of the cells in a column that hold a formula whose result was never computed."""
        del column
        return []

    def describe(self, findings: Findings) -> None:
        """Add what only this kind of file can tell, after the last row."""
        del findings


def column_letter(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
