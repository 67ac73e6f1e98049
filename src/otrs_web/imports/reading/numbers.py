"""Ticket numbers. They are names made of digits, so they stay text with every digit; a spreadsheet that took
them for quantities has rounded them, and a file in which that happened names tickets that do not exist and
must be refused."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from otrs_web.imports.quality import MAX_LINES, Rejected
from otrs_web.imports.reading.datecolumn import Cell
from otrs_web.imports.reading.rows import cell_text

_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d{1,2}$", re.MULTILINE)
EXACT_DIGITS = 15
"""A spreadsheet keeps this many digits of a number and writes zeros for the rest."""
EXACT_BELOW = 2.0**53
"""Whole numbers from here on have no digit of their own for every place."""
SUSPICIOUS = 3
_WORDS = "nan none null n/a #n/a #ref! #name? #value! #div/0! #null! #num! #spill! #calc! #getting_data"
NO_NUMBERS = frozenset(
    {form for word in _WORDS.split() for form in (word, word.upper(), word.title())} | {"NaN", "-", "--"}
)


class Numbers:
    """Reads the number column chunk by chunk; `finish()` refuses files whose numbers have lost their last
    digits."""

    def __init__(self) -> None:
        self._long = 0
        self._all_rounded = True
        self._from_numbers = False
        self._first_lines: list[int] = []

    def read(self, cells: Sequence[Cell], lines: Sequence[int]) -> list[str]:
        """The numbers as text, '' for a blank cell. Scientific notation is refused at once."""
        if set(map(type, cells)) <= {str}:
            numbers = [cell.strip() for cell in cells]  # type: ignore[union-attr]
        else:
            self._from_numbers = True
            beyond = [
                n for n, c in zip(lines, cells, strict=True) if isinstance(c, float) and c >= EXACT_BELOW
            ]
            if beyond:
                raise Rejected("numbers_rounded", lines=beyond)
            numbers = [cell_text(cell).strip() for cell in cells]
        together = "\n".join(numbers)
        if not together.isascii():
            numbers = [number if number.isascii() else clean(number) for number in numbers]
        if not NO_NUMBERS.isdisjoint(numbers):
            numbers = ["" if number in NO_NUMBERS else number for number in numbers]
        together = "\n".join(numbers)
        found = _SCIENTIFIC.search(together) if "E" in together or "e" in together else None
        if found:
            line = lines[together.count("\n", 0, found.start())]
            raise Rejected("numbers_scientific", lines=[line], value=found[0])
        if self._all_rounded:
            self._look_for_rounding(numbers, lines)
        return numbers

    def _look_for_rounding(self, numbers: Sequence[str], lines: Sequence[int]) -> None:
        for number, line in zip(numbers, lines, strict=True):
            if len(number) > EXACT_DIGITS and number.isdecimal():
                if number[-1] != "0":
                    self._all_rounded = False
                    return
                self._long += 1
                if self._long <= MAX_LINES:
                    self._first_lines.append(line)
            elif number:
                self._all_rounded = False
                return

    def finish(self) -> list[int]:
        """Lines of numbers that may have been rounded, too few to be sure; more of them refuse the file."""
        if not self._all_rounded or not self._long:
            return []
        if self._long >= SUSPICIOUS:
            raise Rejected("numbers_rounded", lines=self._first_lines, count=self._long)
        return self._first_lines if self._from_numbers else []


def clean(number: str) -> str:
    """A number in plain characters, without those that nobody sees."""
    plain = unicodedata.normalize("NFKC", number)
    return "".join(c for c in plain if unicodedata.category(c) not in {"Cf", "Cc"}).strip()


def is_counter(cells: Sequence[Cell]) -> bool:
    """Whether the values only number the rows: 1, 2, 3 … or upwards by one from anywhere."""
    values = [cell_text(cell).strip() for cell in cells if cell != ""]
    if not values or not all(value.isdecimal() for value in values):
        return False
    numbers = [int(value) for value in values]
    steps = {after - before for before, after in pairwise(numbers)}
    return steps == {1} or (not steps and numbers[0] <= 1) or (steps == {-1} and numbers[-1] <= 1)
