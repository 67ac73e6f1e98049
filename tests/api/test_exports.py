"""Cells and workbooks: whatever stands in a ticket leaves as text that no spreadsheet program acts upon."""

import csv
import io
import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.exports import workbook
from otrs_web.exports.cells import csv_cell
from otrs_web.exports.delimited import csv_stream
from otrs_web.exports.tables import Column, Table, table_of
from otrs_web.exports.workbook import Drawn, xlsx_stream

BERLIN = ZoneInfo("Europe/Berlin")
DANGEROUS = [
    "=1+1",
    "+49 30 1234",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\x01x",
    "  =1",
    "\xa0=1",
    "＝1+1",
    '=HYPERLINK("http://evil.test")',
    "-",
]
HARMLESS = ["", "a=1", "1-2", "http://site.test/a", "工单", "é", "(none)", "'quoted", "a\tb", "2026-01-01"]


async def batches(rows, size=3):
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


async def as_csv(rows, columns):
    return b"".join([piece async for piece in csv_stream(columns, batches(rows), BERLIN)])


def table(columns, rows, size=3):
    return Table("Tickets", columns, len(rows), lambda: batches(rows, size))


async def as_xlsx(rows, columns, times=()):
    described = [Column(name, "moment" if name in times else "plain", 10) for name in columns]
    return b"".join([piece async for piece in xlsx_stream([table(described, rows)], BERLIN)])


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_a_spreadsheet_might_act_upon_gets_an_apostrophe(text):
    assert csv_cell(text, BERLIN) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text):
    assert csv_cell(text, BERLIN) == text


async def test_negative_numbers_stay_numbers():
    assert csv_cell(-1.5, BERLIN) == "-1.5"
    content = await as_xlsx([(-1.5,)], ["n"])
    assert openpyxl.load_workbook(io.BytesIO(content)).active["A2"].value == -1.5


async def test_lines_quotes_and_separators_in_text_do_not_break_the_lines():
    text = 'a,"b"\r\nc;d'
    content = await as_csv([(text, None), ("x", True)], ["one", "two"])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["one", "two"], [text, ""], ["x", "true"]]


@pytest.mark.parametrize(
    "text", [*DANGEROUS, *HARMLESS[1:], "<b>&amp;</b>", "_x0041_", "line\nbreak", " blank "]
)
async def test_a_workbook_keeps_every_text_as_text(text):
    content = await as_xlsx([(text,)], ["title"])
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = book.active["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1] == [text]
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
async def test_any_text_goes_through_both_formats(texts):
    content = await as_xlsx([(text,) for text in texts], ["title"])
    sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    read = [row[0] for row in sheet.to_python()[1:]]
    assert read == texts[: len(read)]
    assert not any(texts[len(read) :])
    lines = csv.reader(
        io.StringIO((await as_csv([(t, "end") for t in texts], ["a", "b"])).decode("utf-8-sig"), newline="")
    )
    assert [line[0].removeprefix("'") for line in list(lines)[1:]] == [t.removeprefix("'") for t in texts]


async def test_a_text_longer_than_a_cell_may_be_is_cut_and_says_so():
    content = await as_xlsx([("x" * 40_000,)], ["title"])
    value = openpyxl.load_workbook(io.BytesIO(content)).active["A2"].value
    assert (len(value), value[-1]) == (32_767, "…")


async def test_times_are_real_times_as_far_back_as_excel_counts():
    rows = [(datetime(2026, 1, 5, 9, 0, 30),), (datetime(1899, 5, 1),), (datetime(1900, 3, 1),), (None,)]
    content = await as_xlsx(rows, ["at"], ["at"])
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2)]
    assert cells[0].value == datetime(2026, 1, 5, 9, 0, 30)
    assert cells[0].number_format == "yyyy-mm-dd hh:mm:ss"
    assert cells[1].value == "1899-05-01 00:00:00"
    assert cells[2].value == datetime(1900, 3, 1)


async def test_more_rows_than_a_sheet_takes_go_on_on_the_next(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 7)
    content = await as_xlsx([(number,) for number in range(20)], ["n"])
    book = openpyxl.load_workbook(io.BytesIO(content))
    read = [[row[0] for row in sheet.values] for sheet in book]
    assert read == [["n", *range(7)], ["n", *range(7, 14)], ["n", *range(14, 20)]]
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:A8", "A1:A8", "A1:A7"]


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_workbook_says_how_large_it_is(read_only):
    content = await as_xlsx([("a", 1), ("b", 2)], ["x", "y"])
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=read_only).active
    assert sheet.calculate_dimension() == "A1:B3"
    assert sheet.freeze_panes == "B2" if not read_only else True


async def test_fewer_rows_than_announced_are_no_harm():
    short = Table("Tickets", [Column("n")], 5, lambda: batches([(1,), (2,)]))
    content = b"".join([piece async for piece in xlsx_stream([short], BERLIN)])
    assert [row[0] for row in openpyxl.load_workbook(io.BytesIO(content)).active.values][:3] == ["n", 1, 2]


async def test_a_long_table_is_sent_while_it_is_read_and_held_nowhere():
    pieces = []

    async def rows():
        for _ in range(40):
            yield [("x" * 500, number) for number in range(500)]
            sent.append(sum(map(len, pieces)))

    sent: list[int] = []
    long = Table("Tickets", [Column("a"), Column("b")], 20_000, rows)
    async for piece in xlsx_stream([long], BERLIN):
        pieces.append(piece)  # noqa: PERF401 - `rows` looks at it meanwhile
    assert sent[20] > sent[5] > 0
    assert max(map(len, pieces)) < 200_000


async def test_every_table_has_its_own_sheets_and_formats(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 2)
    numbers = table_of("A name of thirty-one characters", [Column("n", "number")], [(1,), (2,), (3,)])
    kinds = ("number", "decimal", "share", "day", "moment", "text")
    values = (1234, 1.25, 0.5, date(2026, 1, 5), datetime(2026, 1, 5, 9), "=1")
    mixed = table_of("Mixed", [Column(kind, kind) for kind in kinds], [values])
    drawn = Drawn("Drawn", lambda book, sheet: sheet.write_string(0, 0, "here"))
    content = b"".join([piece async for piece in xlsx_stream([numbers, drawn, mixed], BERLIN)])
    book = openpyxl.load_workbook(io.BytesIO(content))
    first, second = "A name of thirty-one characters", "A name of thirty-one charac (2)"
    assert book.sheetnames == [first, second, "Drawn", "Mixed"]
    assert [[row[0] for row in book[name].values] for name in (first, second)] == [["n", 1, 2], ["n", 3]]
    assert book["Drawn"]["A1"].value == "here"
    cells = book["Mixed"][2]
    assert [cell.number_format for cell in cells] == [
        "#,##0",
        "#,##0.0",
        "0.0%",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
        "General",
    ]
    assert [cell.value for cell in cells] == [*values[:3], datetime(2026, 1, 5), *values[4:]]
    assert cells[-1].data_type == "s"
