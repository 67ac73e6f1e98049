"""Files made to exhaust memory or time, and honest ones that are just as large: the former are refused or
done within seconds, the latter imported. Each runs in a process of its own, so that its memory can be
measured."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .reading import measured
from .workbooks import COLUMNS, HEAD, MAIN, cell, sheet, sheet_of, ticket, write_xlsx

SECONDS = 10
"""Of processor time, on a slow machine; a good one needs a third."""
MEGABYTES = 150
START = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode()
END = b"</sheetData></worksheet>"
HEADER = f'<row r="1">{"".join(cell(at, 1, name) for at, name in enumerate(COLUMNS))}</row>'


def rows(count: int, row: str) -> Iterator[bytes]:
    """A header and `count` rows; `{n}` in the row is its number."""
    yield START + HEADER.encode()
    for first in range(2, count + 2, 1000):
        yield "".join(row.replace("{n}", str(n)) for n in range(first, min(first + 1000, count + 2))).encode()
    yield END


def one_cell() -> Iterator[bytes]:
    yield START + HEADER.encode() + b'<row r="2"><c r="A2" t="inlineStr"><is><t>'
    for _ in range(300):
        yield b"x" * (1 << 20)
    yield b"</t></is></c></row>" + END


def unreferenced() -> Iterator[bytes]:
    yield START + HEADER.encode() + b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>"
    for _ in range(100):
        yield b"<row><c><v>1</v></c></row>" * 1000
    yield END


VALUES = ("2026011210000024", "2026-01-12 17:59:00", "", "open", "x" * 500)
EQUAL = "".join(["<row>", *(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in VALUES), "</row>"])
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
FAR = sheet_of(HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
HOSTILE = {
    "one cell of 300 MB": (one_cell, "unpacks_too_large"),
    "450,000 equal rows": (lambda: rows(450_000, EQUAL), "unpacks_too_large"),
    "a million blank rows": (lambda: rows(1_048_575, '<row r="{n}" s="1" customFormat="1"/>'), ""),
    "two cells far apart": (lambda: [FAR.encode()], "sheet_too_wide"),
    "a row beyond all rows": (lambda: [FAR.replace("XFD1048576", "A4000000000").encode()], "sheet_too_wide"),
    "a column beyond all columns": (lambda: [FAR.replace("XFD1048576", "ZZZZZ2").encode()], "sheet_too_wide"),
    "far apart in other quotes": (lambda: [FAR.replace('"', "'").encode()], "sheet_too_wide"),
    "far apart without references": (unreferenced, "sheet_too_wide"),
    "16,384 columns": (lambda: [sheet([[f"c{n}" for n in range(16_384)]] * 60).encode()], "no_header"),
    "entities in entities": (
        lambda: [
            sheet_of(HEADER).replace("<worksheet", ENTITIES + "<worksheet").replace("State", "&j;").encode()
        ],
        "unsafe_xml",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_or_done_within_seconds(tmp_path: Path, name: str) -> None:
    content, code = HOSTILE[name]
    result = measured(write_xlsx(tmp_path / "a.xlsx", {"S": content()}))
    assert result["code"] == code
    assert result["tickets"] == 0
    assert result["seconds"] < SECONDS
    assert result["megabytes"] < MEGABYTES


@pytest.mark.parametrize("content", [b"abc,def;", b'"abc,def', b"abcdefgh", "工单编号".encode("gb18030")])
def test_60_megabytes_without_a_line_break(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content * ((60 << 20) // len(content)))
    result = measured(path)
    assert result["code"] in ("line_too_long", "encoding_unknown")
    assert result["seconds"] < SECONDS
    assert result["megabytes"] < MEGABYTES


def test_a_quote_that_swallows_a_million_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'Ticket Number,Created\n"77,2026-01-01 00:00:00\n' + b"78,2026-01-01 00:00:00\n" * 1_000_000
    )
    result = measured(path)
    assert result["code"] == "quote_not_closed"
    assert result["megabytes"] < MEGABYTES


def test_one_ticket_in_300_000_rows(tmp_path: Path) -> None:
    """Rows that repeat a ticket are counted, not kept."""
    row = '<row r="{n}"><c r="A{n}"><v>4711</v></c><c r="B{n}" s="1"><v>46034</v></c></row>'
    result = measured(write_xlsx(tmp_path / "a.xlsx", {"S": rows(300_000, row)}))
    assert (result["code"], result["tickets"]) == ("", 1)
    assert result["seconds"] < SECONDS
    assert result["megabytes"] < MEGABYTES


def test_many_small_entries(tmp_path: Path) -> None:
    extra = {f"xl/worksheets/x{n}.xml": "" for n in range(50_000)}
    result = measured(write_xlsx(tmp_path / "a.xlsx", {"S": sheet([COLUMNS, ticket(1)])}, extra=extra))
    assert result["code"] == "unpacks_too_large"
    assert result["seconds"] < SECONDS


def test_repeats_in_an_ods(tmp_path: Path) -> None:
    """A cell that says it stands a billion times."""
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(Path(__file__).parent / "edge" / "c19_libreoffice.ods") as source:
        parts = {name: source.read(name) for name in source.namelist()}
    repeat = (
        b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="string" '
    )
    repeat += b'table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell></table:table-row>'
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table>", repeat + b"</table:table>")
    with zipfile.ZipFile(path, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    result = measured(path)
    assert result["code"] == "workbook_damaged"
    assert result["megabytes"] < MEGABYTES


def test_honest_lists_may_be_large(tmp_path: Path) -> None:
    """200,000 rows, a third of a gigabyte unpacked: much, but in proportion."""
    row = (
        '<row r="{n}">'
        + "".join(
            f'<c r="{letter}{{n}}" t="inlineStr"><is><t>{text}</t></is></c>'
            for letter, text in zip(
                "ABCDEFG",
                [
                    "2026{n}000017",
                    "2026-01-12 17:59:00",
                    "",
                    "open",
                    "3 normal",
                    "",
                    "{n} and some more words " * 20,
                ],
                strict=True,
            )
        )
        + "</row>"
    )
    result = measured(write_xlsx(tmp_path / "a.xlsx", {"S": rows(200_000, row)}))
    assert (result["code"], result["tickets"]) == ("", 200_000)
