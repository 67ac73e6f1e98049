"""Workbooks. calamine reads them all and fast, but trusts them; so a zip's directory and its sheets' extents
are checked before, its checksums beside the reading, and the rarer formats are tried out in a process that
may die."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from otrs_web.imports.quality import Findings, Rejected
from otrs_web.imports.reading.datecolumn import Cell
from otrs_web.imports.reading.header import SEARCHED_ROWS, find_header
from otrs_web.imports.reading.oldsheets import find_errors
from otrs_web.imports.reading.package import Package
from otrs_web.imports.reading.sheetscan import SheetFacts, check_extent, find_special
from otrs_web.imports.reading.tables import Chunk, Table
from otrs_web.imports.reading.workbook import WorkbookParts

SUFFIXES = {"xlsx": {".xlsx", ".xlsm"}, "xls": {".xls"}, "xlsb": {".xlsb"}, "ods": {".ods"}}
TRIAL_MEMORY = 2 << 30
TRIAL_SECONDS = 60
_TRIAL = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({TRIAL_MEMORY}, {TRIAL_MEMORY}))
resource.setrlimit(resource.RLIMIT_CPU, ({TRIAL_SECONDS}, {TRIAL_SECONDS}))
from python_calamine import CalamineError, CalamineWorkbook
try:
    with open(sys.argv[1], "rb") as file:
        book = CalamineWorkbook.from_filelike(file)
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
except CalamineError:
    sys.exit(3)
"""


@dataclass
class SheetTable(Table):
    """A worksheet that calamine holds, from the sheet's first row on; `marked` are the error cells met."""

    source: CalamineSheet | None = None
    special: SheetFacts | None = None
    marked: set[tuple[int, int]] = field(default_factory=set)

    def chunks(self, skip: int, size: int) -> Iterator[Chunk]:
        if self.source is None:
            return
        rows: Iterator[list[Any]] = islice(self.source.iter_rows(), skip, None)
        line = skip + 1
        while chunk := list(islice(rows, size)):
            lines = range(line, line + len(chunk))
            if self.special is not None and self.special.errors:
                self._mark_errors(lines, chunk, self.special.errors)
            yield lines, chunk
            line += len(chunk)

    def _mark_errors(
        self, lines: range, rows: list[list[Cell]], errors: dict[int, list[tuple[int, str]]]
    ) -> None:
        for line, row in zip(lines, rows, strict=True):
            for column, text in errors.get(line - 1, ()):
                index = column - self.first_column
                if 0 <= index < len(row) and row[index] == "":
                    row[index] = text
                    self.marked.add((line, index))

    def formulas_without_value(self, column: int) -> list[int]:
        if self.special is None:
            return []
        wanted = column + self.first_column
        return sorted(row + 1 for row, columns in self.special.unvalued.items() if wanted in columns)

    def describe(self, findings: Findings) -> None:
        if self.marked:
            lines = sorted({line for line, _ in self.marked})
            findings.say("error_cells", "attention", len(self.marked), lines)
        if self.special is not None and self.special.unvalued:
            lines = sorted(row + 1 for row in self.special.unvalued)
            findings.say("formulas_ignored", "notice", sum(map(len, self.special.unvalued.values())), lines)


def open_workbook(path: Path, kind: str) -> Table:
    """The sheet with the best ticket header; raises Rejected if there is none, or the file is not sound."""
    if kind != "xlsx":
        if kind != "xls":
            _verify(Package(path))
        _try_out(path)
        table = _best_sheet(_open(path, kind), kind)
        table.special = find_errors(path) if kind == "xls" else None
        return table
    package = Package(path)
    with ThreadPoolExecutor(1, "workbook") as pool:
        extents = pool.submit(_check_extents, package)
        with _preferring(extents):
            book = _open(path, kind)
        extents.result()
        facts = pool.submit(_verify, package)
        with _preferring(facts):
            table = _best_sheet(book, kind)
        parts = WorkbookParts(package)
        table.special = facts.result().get(parts.part_of(table.sheet or ""))
        table.epoch_1904 = parts.epoch_1904
    return table


@contextmanager
def _preferring(judgement: "Future[Any]") -> Iterator[None]:
    """Where reading fails, what the look at the bytes has found is the better reason."""
    try:
        yield
    except Rejected:
        judgement.result()
        raise


def _check_extents(package: Package) -> None:
    for name in package.parts:
        if name.lower().endswith((".xml", ".rels")):
            check_extent(package, name)


def _verify(package: Package) -> dict[str, SheetFacts]:
    """Checksums of all parts, and the special cells of those that are sheets."""
    found = {}
    for name in package.parts:
        if name.lower().endswith((".xml", ".rels", ".bin")):
            facts = find_special(package, name)
            if facts is not None:
                found[name.lower()] = facts
    return found


def _try_out(path: Path) -> None:
    """Reads the file in a process with bounded memory and time; formats without our own checks may ask for
    any."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own text, the stored file's path
            [sys.executable, "-I", "-c", _TRIAL, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Rejected("workbook_damaged") from error
    if done.returncode not in {0, 3}:
        raise Rejected("workbook_damaged")


def _open(path: Path, kind: str) -> CalamineWorkbook:
    with _calamine_errors():
        if path.suffix.lower() in SUFFIXES[kind]:
            return CalamineWorkbook.from_path(path)
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)


@contextmanager
def _calamine_errors() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise Rejected("password_protected") from error
    except CalamineError as error:
        raise Rejected("workbook_damaged") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how the reader's own bugs arrive
            raise Rejected("workbook_damaged") from error
        raise


def _best_sheet(book: CalamineWorkbook, kind: str) -> SheetTable:
    best: tuple[tuple[bool | int, ...], SheetTable] | None = None
    first: SheetTable | None = None
    lists = []
    for name in book.sheet_names:
        with _calamine_errors():
            sheet = book.get_sheet_by_name(name)
        if sheet.start is None or sheet.end is None:
            continue
        table = SheetTable(kind, sheet.end[0] + 1, name, first_column=sheet.start[1], source=sheet)
        first = first or table
        header = find_header(table.head(SEARCHED_ROWS))
        if header is None:
            continue
        if header.rank[0]:
            lists.append(name)
        rank = (*header.rank[:1], sheet.end[0] + 1 > header.line, *header.rank[1:])
        if best is None or rank > best[0]:
            best = rank, table
    if first is None:
        raise Rejected("nothing_in_it")
    table = best[1] if best else first
    table.other_sheets = [name for name in lists if name != table.sheet]
    return table
