"""Writers for the two formats: CSV as OTRS quotes it, and xlsx with shared strings as its Excel module has.

The xlsx is put together here rather than by a library, since none both streams rows and shares strings, and a
benchmark must read the very structure that a real export has."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from .dialects import Dialect

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACK = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _overrides() -> str:
    parts = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "styles": "styles"}
    parts["sharedStrings"] = "sharedStrings"
    return "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>'
        for name, kind in parts.items()
    )


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{RELS}/{kind}" Target="{target}"/>'


PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACK}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>{_overrides()}</Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACK}/relationships">'
    f"{_relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACK}/relationships">'
    f"{_relation(1, 'worksheet', 'worksheets/sheet1.xml')}{_relation(2, 'styles', 'styles.xml')}"
    f"{_relation(3, 'sharedStrings', 'sharedStrings.xml')}</Relationships>",
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/>'
    '</font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write_csv(path: Path, dialect: Dialect, lines: Iterable[Sequence[str | None]]) -> None:
    """Every value quoted, a missing one not, as OTRS does; UTF-8 without a mark."""
    with path.open("w", encoding="utf-8", newline="") as out:
        for line in lines:
            quoted = ("" if text is None else '"' + text.replace('"', '""') + '"' for text in line)
            out.write(dialect.separator.join(quoted) + "\n")


def write_xlsx(path: Path, _dialect: Dialect, lines: Iterable[Sequence[str | None]]) -> None:
    """One sheet of text cells; a missing value is a missing cell."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for at, line in enumerate(lines, 1):
                sheet.write(_row(at, line, strings).encode())
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as out:
            out.write(f'{HEAD}<sst xmlns="{MAIN}" uniqueCount="{len(strings)}">'.encode())
            for text in strings:
                out.write(f'<si><t xml:space="preserve">{escape(text)}</t></si>'.encode())
            out.write(b"</sst>")
        for name, text in PARTS.items():
            book.writestr(name, HEAD + text)


def _row(at: int, line: Sequence[str | None], strings: dict[str, int]) -> str:
    cells = "".join(
        f'<c r="{_letters(column)}{at}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
        for column, text in enumerate(line)
        if text is not None
    )
    return f'<row r="{at}">{cells}</row>'


def _letters(column: int) -> str:
    """A, B, … Z, AA, …; no export here has more than 26 × 27 columns."""
    first, last = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
