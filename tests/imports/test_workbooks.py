"""What is special about workbooks: formulas, errors, numbers, dates, styles of XML, and damaged or foreign
files."""

import struct
import zipfile
from pathlib import Path

import pytest

from .reading import read, refusal
from .workbooks import COLUMNS, MAIN, cell, sheet, sheet_of, ticket, tickets_xlsx, write_xlsx

EDGE = Path(__file__).parent / "edge"
GOOD = EDGE / "s01_plain.xlsx"


def formula(place: str, value: str = "", kind: str = "") -> str:
    return f'<c r="{place}"{kind}><f>TODAY()</f>{value}</c>'


@pytest.mark.parametrize("blank", ["", "<v></v>", "<v/>"])
@pytest.mark.parametrize("column", ["A", "B", "C", "D"])
def test_formulas_without_value_are_no_blanks(tmp_path, column: str, blank: str) -> None:
    row = ticket(1)
    row[ord(column) - 65] = formula(f"{column}3", blank)
    reason = refusal(tickets_xlsx(tmp_path / "a.xlsx", [ticket(0), row]))
    assert (reason.code, reason.lines) == ("formulas_without_value", [3])
    assert reason.params["column"] == COLUMNS[ord(column) - 65]


def test_formulas_with_values_and_empty_texts_are_read(tmp_path) -> None:
    row = ticket(1)
    row[1] = formula("B2", "<v>46034.5</v>")
    row[2] = formula("C2", "<v></v>", ' t="str"')
    row[3] = formula("D2", "<v>open</v>", ' t="str"')
    result = read(tickets_xlsx(tmp_path / "a.xlsx", [row]))
    assert result.tickets[0]["created_date"] == "2026-01-12 12:00:00"
    assert result.tickets[0]["closed_date"] is None
    assert result.tickets[0]["state"] == "open"


def test_formulas_without_value_elsewhere_are_told(tmp_path) -> None:
    row = [*ticket(1), formula("H2")]
    result = read(tickets_xlsx(tmp_path / "a.xlsx", [row], [*COLUMNS, "Cost"]))
    assert len(result.tickets) == 1
    assert result.findings["formulas_ignored"].lines == [2]


def error(place: str, text: str = "#N/A") -> str:
    return f'<c r="{place}" t="e"><f>VLOOKUP(1,2,3)</f><v>{text}</v></c>'


def test_error_cells_are_no_blanks(tmp_path) -> None:
    rows = [ticket(n) for n in range(6)]
    rows[0][0] = error("A2")
    rows[1][1] = error("B3", "#REF!")
    rows[2][2] = error("C4", "#VALUE!")
    rows[3][3] = error("D5", "#NAME?")
    rows[4][2], rows[4][3] = error("C6"), "Frobnicated"
    result = read(tickets_xlsx(tmp_path / "a.xlsx", rows))
    assert result.findings["row_without_number"].lines == [2]
    assert result.findings["created_unreadable"].lines == [3]
    assert result.findings["closed_date_unreadable"].lines == [4]
    assert result.findings["closed_unreadable_rejected"].lines == [6]
    assert result.findings["unknown_states"].params["states"] == {"#NAME?": 1}
    assert result.findings["error_cells"].count == 5
    assert [t["ticket_number"] for t in result.tickets] == [rows[n][0] for n in (2, 3, 5)]


def test_errors_of_one_sheet_are_not_laid_on_another(tmp_path) -> None:
    other = sheet([["note", "x"], ["a", error("B2")]])
    result = read(write_xlsx(tmp_path / "a.xlsx", {"Notes": other, "List": sheet([COLUMNS, ticket(1)])}))
    assert result.tickets[0]["created_date"] == "2026-01-10 08:00:00"
    assert "error_cells" not in result.findings


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4711, "4711"),
        (2026011210000024, "2026011210000024"),
        (47.0, "47"),
        ("000123", "000123"),
        ("SR2026 ", "SR2026"),
        ("\u200b2026\u00a0", "2026"),
        ("２０２６", "2026"),
        (12.5, "12.5"),
    ],
)
def test_numbers_keep_their_digits(tmp_path, number: object, text: str) -> None:
    result = read(tickets_xlsx(tmp_path / "a.xlsx", [ticket(0, number=number)]))
    assert result.column("ticket_number") == [text]


@pytest.mark.parametrize("number", ["2.02601E+15", "2,02601E+15", "2E15", "1.0e+16"])
def test_scientific_notation_is_refused(tmp_path, number: str) -> None:
    reason = refusal(tickets_xlsx(tmp_path / "a.xlsx", [ticket(0), ticket(1, number=number)]))
    assert (reason.code, reason.lines, reason.params["value"]) == ("numbers_scientific", [3], number)


@pytest.mark.parametrize("kind", [int, str])
def test_rounded_numbers_are_refused(tmp_path, kind) -> None:
    rows = [ticket(n, number=kind(2026011210000000 + n * 10)) for n in range(4)]
    assert refusal(tickets_xlsx(tmp_path / "a.xlsx", rows)).code == "numbers_rounded"
    rows = [ticket(n, number=kind(20260112100000000000)) for n in range(4)]
    assert refusal(tickets_xlsx(tmp_path / "b.xlsx", rows)).code == "numbers_rounded"


def test_a_few_round_numbers_are_only_told(tmp_path) -> None:
    rows = [ticket(0, number=2026011210000020)]
    assert "numbers_doubtful" in read(tickets_xlsx(tmp_path / "a.xlsx", rows)).attention
    rows.append(ticket(1, number=2026011210000031))
    assert "numbers_doubtful" not in read(tickets_xlsx(tmp_path / "b.xlsx", rows)).attention


def test_dates_of_all_kinds_in_one_column(tmp_path) -> None:
    made = [
        "2026-01-10 08:00:00",
        '<c r="B3" s="1"><v>46032.3333333333</v></c>',
        46032.3333333333,
        '<c r="B5" s="1"><v>46032</v></c>',
        "10.01.2026 08:00",
    ]
    rows = [ticket(n, created=value) for n, value in enumerate(made)]
    result = read(tickets_xlsx(tmp_path / "a.xlsx", rows))
    assert result.column("created_date") == [
        *["2026-01-10 08:00:00"] * 3,
        "2026-01-10 00:00:00",
        "2026-01-10 08:00:00",
    ]


def test_numbers_in_a_1904_workbook_are_1904_dates(tmp_path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {"S": sheet([COLUMNS, ticket(1, created=46034.5 - 1462)])},
        book='<workbookPr date1904="1"/>',
    )
    assert read(path).tickets[0]["created_date"] == "2026-01-12 12:00:00"


def test_an_unreadable_close_time_is_told_and_never_opens_a_ticket_in_silence(tmp_path) -> None:
    rows = [
        ticket(0, closed="soon", state="closed successful"),
        ticket(1, closed="2026-02-30", state="Strange"),
    ]
    result = read(tickets_xlsx(tmp_path / "a.xlsx", [*rows, ticket(2)]))
    assert result.column("state_type") == ["closed", "open"]
    assert result.findings["closed_date_unreadable"].params["samples"] == ["soon"]
    assert result.findings["closed_unreadable_rejected"].lines == [3]
    assert result.export.rejected_rows == 1


def test_first_responses(tmp_path) -> None:
    words = [
        "",
        "nan",
        "None",
        "NULL",
        "n/a",
        "-",
        "--",
        "NaN",
        "2026-01-10 09:00:00",
        "10.01.2026 09:00",
        "yes",
    ]
    rows = [ticket(n, response=word or None) for n, word in enumerate(words)]
    result = read(tickets_xlsx(tmp_path / "a.xlsx", rows))
    assert result.column("first_response") == [None] * 8 + ["2026-01-10 09:00:00"] * 2 + ["yes"]
    assert result.findings["first_response_unreadable"].lines == [12]


def test_times_against_states(tmp_path) -> None:
    closed = "2026-01-11 09:00:00"
    rows = [
        ticket(0, closed=closed),
        ticket(1, state="merged"),
        ticket(2, state="closed successful"),
        ticket(3, state="closed successful", closed=closed),
        ticket(4),
        ticket(5, closed="2026-01-01 00:00:00"),
    ]
    result = read(tickets_xlsx(tmp_path / "a.xlsx", rows))
    assert result.findings["open_with_close_time"].lines == [2, 7]
    assert result.findings["closed_without_close_time"].lines == [3, 4]
    assert result.findings["closed_before_created"].lines == [7]


def test_unknown_states_are_counted_and_the_sites_own_are_known(tmp_path) -> None:
    path = tickets_xlsx(
        tmp_path / "a.xlsx", [ticket(n, state=s) for n, s in enumerate(["A", "A", "B", "open"])]
    )
    assert read(path).findings["unknown_states"].params["states"] == {"A": 2, "B": 1}
    result = read(path, states={"a": "pending", "B": "closed"})
    assert "unknown_states" not in result.findings
    assert result.column("state_type") == ["pending", "pending", "closed", "open"]


@pytest.mark.parametrize(("rows", "told"), [(1999, False), (2000, True), (2001, False)])
def test_search_limit(tmp_path, rows: int, told: bool) -> None:
    path = tickets_xlsx(tmp_path / "a.xlsx", [ticket(n) for n in range(rows)])
    assert ("search_limit" in read(path).attention) is told


@pytest.mark.parametrize(
    "body",
    [
        '<x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Ticket Number</x:t></x:is></x:c>'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>Created</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2">'
        '<x:v>77</x:v></x:c><x:c r="B2" t="e"><x:v>#N/A</x:v></x:c></x:row><x:row r="3">'
        '<x:c r="A3"><x:v>78</x:v></x:c>'
        '<x:c r="B3"><x:v>46034</x:v></x:c></x:row></x:sheetData>',
    ],
)
def test_sheets_with_a_namespace_prefix(tmp_path, body: str) -> None:
    xml = f'<?xml version="1.0"?><x:worksheet xmlns:x="{MAIN}">{body}</x:worksheet>'
    result = read(write_xlsx(tmp_path / "a.xlsx", {"S": xml}))
    assert result.column("ticket_number") == ["78"]
    assert result.findings["created_unreadable"].lines == [2]


def test_single_quotes_and_line_breaks_in_the_xml(tmp_path) -> None:
    xml = (
        sheet([COLUMNS, ticket(1), [error("A3"), *ticket(2)[1:]]]).replace('"', "'").replace("<c r", "<c\n r")
    )
    result = read(write_xlsx(tmp_path / "a.xlsx", {"S": xml}))
    assert len(result.tickets) == 1
    assert result.findings["row_without_number"].lines == [3]


def test_hidden_rows_and_sheets_make_no_difference(tmp_path) -> None:
    rows = "".join(
        f'<row r="{n}" hidden="1">{"".join(cell(at, n, v) for at, v in enumerate(row))}</row>'
        for n, row in enumerate([COLUMNS, ticket(1), ticket(2)], 1)
    )
    assert len(read(write_xlsx(tmp_path / "a.xlsx", {"S": sheet_of(rows)})).tickets) == 2


def damaged(tmp_path: Path, change) -> Path:
    path = tmp_path / "a.xlsx"
    path.write_bytes(change(GOOD.read_bytes()))
    return path


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_truncated_workbooks_are_refused(tmp_path, share: float) -> None:
    assert refusal(damaged(tmp_path, lambda data: data[: int(len(data) * share)])).code == "workbook_damaged"


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_flipped_bit_in_any_part_is_found(tmp_path, part: str) -> None:
    with zipfile.ZipFile(GOOD) as archive:
        entry = archive.getinfo(part)
    at = entry.header_offset + 30 + len(part) + entry.compress_size // 2
    assert (
        refusal(damaged(tmp_path, lambda d: d[:at] + bytes([d[at] ^ 1]) + d[at + 1 :])).code
        == "workbook_damaged"
    )


def test_a_size_that_is_a_lie_is_found(tmp_path) -> None:
    def lie(data: bytes) -> bytes:
        with zipfile.ZipFile(GOOD) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        return data.replace(struct.pack("<L", size), struct.pack("<L", size - 1000))

    assert refusal(damaged(tmp_path, lie)).code == "workbook_damaged"


def rewritten(tmp_path: Path, *, drop: str = "", add: dict[str, bytes] | None = None) -> Path:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(GOOD) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if name != drop:
                target.writestr(name, source.read(name))
        for name, data in (add or {}).items():
            target.writestr(name, data)
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"])
def test_missing_parts_are_refused(tmp_path, part: str) -> None:
    assert refusal(rewritten(tmp_path, drop=part)).code in ("workbook_damaged", "nothing_in_it")


def test_two_parts_of_one_name_are_refused(tmp_path) -> None:
    twice = rewritten(tmp_path, add={"xl/Worksheets/Sheet1.xml": b"<worksheet/>"})
    assert refusal(twice).code == "workbook_damaged"


def test_pictures_and_further_parts_do_not_matter(tmp_path) -> None:
    path = rewritten(
        tmp_path, add={"xl/media/image1.png": bytes(1000), "../../evil.txt": b"x", "/etc/passwd": b"x"}
    )
    assert len(read(path).tickets) == 6


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["word/document.xml", "[Content_Types].xml"], "not_a_spreadsheet"),
        (["ppt/presentation.xml"], "not_a_spreadsheet"),
        (["export.xlsx"], "not_a_spreadsheet"),
        (["a.jpg"], "zip_without_workbook"),
        ([], "zip_without_workbook"),
    ],
)
def test_other_zips(tmp_path, names: list[str], code: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    assert refusal(path).code == code


def test_password_protected_workbooks_are_named_so(tmp_path) -> None:
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(ole)
    assert refusal(path).code == "password_protected"


def test_word_documents_and_noise_in_ole(tmp_path) -> None:
    path = tmp_path / "a.xls"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(head + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600))
    assert refusal(path).code == "not_a_spreadsheet"
    path.write_bytes(head + "Workbook".encode("utf-16-le") + b"\x91\x02\xff" * 900)
    assert refusal(path).code == "workbook_damaged"


def test_errors_in_an_old_workbook_are_no_blanks(tmp_path) -> None:
    """The close time of the second ticket becomes #N/A, with a record that means nothing to fill the gap."""
    data = (EDGE / "c07_real_dates.xls").read_bytes()
    at = data.index(struct.pack("<HHHH", 0x0203, 14, 2, 3))
    error = struct.pack("<HHHHHBB", 0x0205, 8, 2, 3, 15, 0x2A, 1) + struct.pack("<HHH", 0x082C, 2, 0)
    path = tmp_path / "a.xls"
    path.write_bytes(data[:at] + error + data[at + len(error) :])
    result = read(path)
    assert result.findings["error_cells"].lines == [3]
    assert result.findings["closed_date_unreadable"].params["samples"] == ["#N/A"]
    assert len(result.tickets) == 6


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSX", "a.xls", "a.csv", "a", "a.zip", "a.xlsm"])
def test_a_stored_workbook_is_read_under_any_name(tmp_path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD.read_bytes())
    assert len(read(path).tickets) == 6
