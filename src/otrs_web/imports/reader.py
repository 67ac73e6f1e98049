"""From a stored file to its best table. The kind is read from the content, because names lie: an HTML page called
.xls and a CSV called .xlsx are both common."""

from pathlib import Path

from otrs_web.imports.delimited import open_text
from otrs_web.imports.quality import Rejected
from otrs_web.imports.sheets import open_workbook
from otrs_web.imports.tables import Table


def open_table(path: Path) -> Table:
    if path.stat().st_size == 0:
        raise Rejected("file_empty")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return open_workbook(path, "xlsx" if start[:2] == b"PK" else "xls")
    return open_text(path, "csv")
