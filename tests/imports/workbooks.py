"""Files written byte by byte, so that a test can have in them what no library would write."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from otrs_web.imports.reading.tables import column_letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
DATE_STYLE = 1
COLUMNS = ("Ticket Number", "Created", "Closed", "State", "Priority", "FirstResponse", "Responsible")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def cell(column: int, row: int, value: object) -> str:
    """One cell: text inline, numbers as numbers, None left out, ready XML (it begins with `<c`) as it is."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith("<c"):
        return value
    place = f"{column_letter(column)}{row}"
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escaped(str(value))}</t></is></c>'


def sheet(rows: Iterable[Sequence[object]]) -> str:
    """Sheet XML of rows from the first on."""
    body = "".join(
        f'<row r="{number}">{"".join(cell(at, number, value) for at, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return sheet_of(body)


def sheet_of(body: str) -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def write_xlsx(
    path: Path,
    sheets: dict[str, str | Iterable[bytes]],
    *,
    book: str = "",
    extra: dict[str, str | bytes] | None = None,
) -> Path:
    """A workbook of ready sheet XML; `book` is XML before the sheets, `extra` further or replaced parts."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{TYPES}"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{book}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{links}'
        f'<Relationship Id="rIdS" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for number, content in enumerate(sheets.values(), 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                for block in [content.encode()] if isinstance(content, str) else content:
                    part.write(block)
    return path


def tickets_xlsx(path: Path, rows: Iterable[Sequence[object]], head: Sequence[str] = COLUMNS) -> Path:
    return write_xlsx(path, {"Sheet1": sheet([head, *rows])})


def ticket(index: int, **values: object) -> list[object]:
    """A row in `COLUMNS` order: an open ticket unless told otherwise."""
    row = {
        "number": f"20260112{10_000_000 + index}7",
        "created": "2026-01-10 08:00:00",
        "closed": None,
        "state": "open",
        "priority": "3 normal",
        "response": None,
        "responsible": "anna",
        **values,
    }
    return list(row.values())
