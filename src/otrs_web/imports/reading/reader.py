"""From a stored file to its best table, whatever kind of file it is."""

from pathlib import Path

from otrs_web.imports.reading.delimited import open_text
from otrs_web.imports.reading.kinds import file_kind
from otrs_web.imports.reading.sheets import open_workbook
from otrs_web.imports.reading.tables import Table


def open_table(path: Path) -> Table:
    """Raises Rejected for anything that is no spreadsheet or text with rows."""
    kind = file_kind(path)
    return open_text(path) if kind == "text" else open_workbook(path, kind)
