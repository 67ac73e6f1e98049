"""What the sheet reader does not tell, and must not be trusted with. It lays a sheet out as a full
rectangle, so two cells far apart would ask for all memory there is; and it gives a blank for a formula
without value and for an error, which would turn into an open ticket. Ordinary sheets are cleared by
searching their bytes; only a sheet with something unusual in it is parsed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from otrs_web.imports.quality import Rejected
from otrs_web.imports.reading.package import Package

MAX_TEXT = 4 << 20
"""A spreadsheet's cell holds 32,767 characters."""
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
SAFE_AREA = 10_000_000
"""Grid positions that are laid out without a question: 300 MB."""
MAX_AREA = 70_000_000
MIN_BYTES = 2
"""Bytes of XML per grid position in larger sheets; a list has ten and more."""
MAX_SPECIAL = 100_000
_MARK = 8
_SPECIAL = re.compile(rb"<f[ />]")
_LAST_ROW = re.compile(rb'<row r="(\d{1,7})"')
_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_SEAM = 64
"""More bytes than a cell's tag has before its reference ends: what the end of a block may cut."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class SheetFacts:
    """Upper bounds of a sheet's extent, and the cells (row, column, both from 0) that would look blank but
    are not."""

    rows: int = 0
    columns: int = 0
    errors: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    unvalued: dict[int, list[int]] = field(default_factory=dict)


def check_extent(package: Package, name: str) -> None:
    """Raises Rejected if the part is a sheet whose rectangle is out of all proportion to what it contains.

    Whether a part is a sheet is told by its first bytes, whatever its name: the reader goes where the
    workbook points. Document types are refused in every part; no workbook has any, and entities come with
    them.
    """
    first = next((block for block in package.blocks(name) if block), b"")
    if b"<!DOCTYPE" in first or b"\0" in first:
        raise Rejected("unsafe_xml", part=name)
    if b"worksheet" not in first:
        return
    bounds = (_ordinary_extent(package, name) if b"<worksheet" in first else None) or _parse(package, name)
    area = bounds.rows * bounds.columns
    size = package.parts[name].file_size
    if bounds.rows > MAX_ROWS or bounds.columns > MAX_COLUMNS or area > MAX_AREA:
        raise Rejected("sheet_too_wide", rows=bounds.rows, columns=bounds.columns)
    if area > SAFE_AREA and size < area * MIN_BYTES:
        raise Rejected("sheet_too_wide", rows=bounds.rows, columns=bounds.columns)


def find_special(package: Package, name: str) -> SheetFacts | None:
    """The cells with errors or formulas without value; None if there are none. Verifies the part's
    checksum."""
    special = sheet = False
    seam = b""
    for index, block in enumerate(package.blocks(name)):
        if index == 0:
            sheet = b"worksheet" in block
            special = sheet and b"<worksheet" not in block
        if sheet and not special:
            pieces = (seam + block[:_MARK], block)
            special = any(b't="e"' in piece or _SPECIAL.search(piece) is not None for piece in pieces)
            seam = block[-_MARK:]
    return _parse(package, name) if special else None


def _ordinary_extent(package: Package, name: str) -> SheetFacts | None:
    """Bounds of a sheet in which every cell begins with its reference, as all usual writers have it; else
    None."""
    bounds = SheetFacts(1, 1)
    odd_cell = _odd_cell(bounds)
    seam, text = b"", 0
    for block in package.blocks(name):
        text = _text_length(block, text)
        last = _LAST_ROW.match(block[block.rfind(b"<row ") :][:64])
        if last and int(last[1]) > bounds.rows:
            bounds.rows = int(last[1])
            odd_cell = _odd_cell(bounds)
        for piece, end in ((seam + block[:_SEAM], len(seam)), (block, len(block) - _SEAM)):
            start = 0
            while (found := odd_cell(piece, start)) and found.start() < end:
                start = found.start()
                reference = _REFERENCE.match(piece, start)
                if not reference or not _widen(bounds, _column(reference[1].decode()), int(reference[2])):
                    return None
                if bounds.rows > MAX_ROWS or bounds.columns > MAX_COLUMNS:
                    return bounds
                odd_cell = _odd_cell(bounds)
        seam = (seam + block)[-_SEAM:] if len(block) < _SEAM else block[-_SEAM:]
    return bounds if not odd_cell(seam, 0) else None


def _widen(bounds: SheetFacts, column: int, row: int) -> bool:
    """Take a cell into the bounds; False if it was within, and is odd for another reason (row 0, leading
    zeros)."""
    wider = column > bounds.columns or row > bounds.rows
    bounds.columns, bounds.rows = max(bounds.columns, column), max(bounds.rows, row)
    return wider


def _text_length(block: bytes, before: int) -> int:
    """Bytes since the last tag; raises Rejected where no cell can be that long."""
    first, last = block.find(b"<"), block.rfind(b"<")
    length = before + (first if first >= 0 else len(block))
    if length > MAX_TEXT:
        raise Rejected("cell_too_long", limit=MAX_TEXT)
    return len(block) - last if last >= 0 else length


def _odd_cell(bounds: SheetFacts) -> Callable[[bytes, int], re.Match[bytes] | None]:
    """Searches for a cell that is not surely within the bounds, which are first rounded up to be tested
    cheaply."""
    digits = str(bounds.rows)
    if len(digits) < 7:
        bounds.rows = (int(digits[0]) + 1) * 10 ** (len(digits) - 1) - 1
        lower = f"\\d{{1,{len(digits) - 1}}}|" if len(digits) > 1 else ""
        rows = f"(?:{lower}[1-{digits[0]}]\\d{{{len(digits) - 1}}})"
    else:
        bounds.rows = max(bounds.rows, MAX_ROWS)
        rows = r"(?:\d{1,6}|10[0-4]\d{4})"
    last = bounds.columns - 1
    if last < 26:
        columns = f"[A-{_LETTERS[last]}]"
    elif last < 702:
        bounds.columns = (last // 26) * 26 + 26
        columns = f"(?:[A-Z]|[A-{_LETTERS[last // 26 - 1]}][A-Z])"
    else:
        bounds.columns = max(bounds.columns, MAX_COLUMNS)
        columns = "(?:[A-Z]{1,2}|[A-W][A-Z]{2}|X[A-E][A-Z]|XF[A-D])"
    return re.compile(f'<c(?! r="{columns}{rows}")[\\s>/]'.encode()).search


def _column(letters: str) -> int:
    """A -> 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class _Parser:
    """Counts a sheet's extent exactly and collects special cells."""

    def __init__(self) -> None:
        self.facts = SheetFacts()
        self._row = self._column = -1
        self._kind, self._formula, self._valued, self._text = "", False, False, ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, *_: object) -> None:
        raise Rejected("unsafe_xml")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._column += 1
            self._place(attributes.get("r", ""))
            self._kind, self._formula, self._valued, self._text = attributes.get("t", ""), False, False, ""
        elif local == "row":
            number = attributes.get("r", "")
            self._row, self._column = int(number) - 1 if number.isdecimal() else self._row + 1, -1
        elif local == "f":
            self._formula = True
        elif local in {"v", "t"}:
            self._valued = True
            self.parser.CharacterDataHandler = self._data

    def _place(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        if letters and letters != reference:
            self._row, self._column = int(reference[len(letters) :]) - 1, _column(letters.upper()) - 1
        self.facts.rows = max(self.facts.rows, self._row + 1)
        self.facts.columns = max(self.facts.columns, self._column + 1)

    def _data(self, text: str) -> None:
        if len(self._text) < 100:
            self._text += text

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in {"v", "t"}:
            self.parser.CharacterDataHandler = None
        elif local == "c":
            if self._kind == "e":
                self.facts.errors.setdefault(self._row, []).append((self._column, self._text or "#N/A"))
            elif self._formula and not self._text and not (self._kind == "str" and self._valued):
                self.facts.unvalued.setdefault(self._row, []).append(self._column)
            if len(self.facts.errors) + len(self.facts.unvalued) > MAX_SPECIAL:
                raise Rejected("too_many_errors", limit=MAX_SPECIAL)


def _parse(package: Package, name: str) -> SheetFacts:
    sheet = _Parser()
    try:
        for block in package.blocks(name):
            sheet.parser.Parse(block)
        sheet.parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Rejected("workbook_damaged", part=name) from error
    return sheet.facts
