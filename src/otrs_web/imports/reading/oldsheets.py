"""Error values in .xls workbooks. The sheet reader gives a blank for them, as for xlsx, and a blank close
time would mean an open ticket; the records that hold errors are short and of a fixed form, so they are found
by it."""

import re
from pathlib import Path

from otrs_web.imports.reading.sheetscan import SheetFacts

_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_CODE = rb"([\x00\x07\x0f\x17\x1d\x24\x2a])"
# BOOLERR and FORMULA of [MS-XLS] 2.4.24 and 2.4.127: type, size, row, column, format, error or result
_BOOLERR = re.compile(rb"\x05\x02\x08\x00(..)(..).." + _CODE + rb"\x01", re.DOTALL)
_FORMULA = re.compile(rb"\x06\x00..(..)(..)..\x02." + _CODE + rb"...\xff\xff", re.DOTALL)


def find_errors(path: Path) -> SheetFacts | None:
    """Cells that may hold errors, in any sheet of the file; only what reads as blank there is one."""
    data = path.read_bytes()
    facts = SheetFacts()
    for pattern in (_BOOLERR, _FORMULA):
        for found in pattern.finditer(data):
            row, column = (int.from_bytes(part, "little") for part in found.groups()[:2])
            facts.errors.setdefault(row, []).append((column, _TEXTS[found[3][0]]))
    return facts if facts.errors else None
