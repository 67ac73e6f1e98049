"""Workbooks through calamine."""

from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from otrs_web.imports.header import SEARCHED_ROWS, find_header
from otrs_web.imports.quality import Rejected
from otrs_web.imports.tables import SheetTable, Table


def open_workbook(path: Path, kind: str) -> Table:
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
    except CalamineError as error:
        raise Rejected("workbook_damaged", detail=str(error)) from error
    best = None
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is None:
            continue
        table = SheetTable(kind, sheet.end[0] + 1, name, first_column=sheet.start[1], source=sheet)
        header = find_header(table.head(SEARCHED_ROWS))
        if header and (best is None or header.rank > best[0]):
            best = (header.rank, table)
    if best is None:
        raise Rejected("no_header")
    return best[1]
