"""Every file of edge/: what must come of it stands in expected.json; some get a closer look here."""

import json
from pathlib import Path

import pytest

from otrs_web.imports.quality import Rejected, message

from .reading import read, refusal

EDGE = Path(__file__).parent / "edge"
EXPECTED = json.loads((EDGE / "expected.json").read_text())
FILES = EXPECTED["files"]
BOTH = {name for name, wanted in FILES.items() if wanted.get("or_import") or wanted.get("or_reject")}
IMPORTED = {name for name, wanted in FILES.items() if wanted["outcome"] != "reject"}
IMPORTED |= {"c03_csv_named.xlsx", "c04_xlsx_named.csv", "c05_xlsx_named.xls", "c19_libreoffice.ods"}
WARNED = {name for name, wanted in FILES.items() if wanted["outcome"] == "warn"}


def test_every_file_is_there() -> None:
    files = {path.name for path in EDGE.iterdir()} - {"expected.json"}
    assert files == FILES.keys()


@pytest.mark.parametrize("name", sorted(IMPORTED))
def test_imported_as_expected(name: str) -> None:
    wanted = FILES[name]
    result = read(EDGE / name)
    numbers = result.column("ticket_number")
    assert len(numbers) == len(set(numbers)) == wanted.get("tickets", 6)
    rejected = wanted.get("rows_rejected", 0)
    assert result.export.rejected_rows == rejected
    assert result.export.rows_read == wanted.get("rows", 6) + rejected
    if len(numbers) == 6:
        assert numbers == EXPECTED["numbers"]
    unclosed = [ticket for ticket in result.tickets if ticket["closed_date"] is None]
    if "open_no_close_date" in wanted:
        assert len(unclosed) == wanted["open_no_close_date"]
        silent = [ticket for ticket in unclosed if ticket["first_response"] is None]
        assert len(silent) == wanted["empty_first_response_open"]
    if "as_of" in wanted:
        assert str(result.export.snapshot.at) == wanted["as_of"]
    if "created" in wanted:
        assert result.column("created_date") == wanted["created"]
    if "titles" in wanted:
        assert result.column("title") == wanted["titles"]


@pytest.mark.parametrize("name", sorted(FILES.keys() - IMPORTED))
def test_refused_with_a_sentence(name: str) -> None:
    reason = refusal(EDGE / name)
    sentence = message(reason, str)
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert sentence.count(".") >= 2, "one sentence on what happened, one on what to do"


@pytest.mark.parametrize("name", sorted(WARNED))
def test_warned_about_something(name: str) -> None:
    levels = {finding.level for finding in read(EDGE / name).export.findings}
    assert levels & {"attention", "notice"}


@pytest.mark.parametrize("name", sorted(IMPORTED))
def test_same_file_same_result(name: str) -> None:
    first, second = read(EDGE / name), read(EDGE / name)
    assert first.tickets == second.tickets
    assert [f.to_json() for f in first.export.findings] == [f.to_json() for f in second.export.findings]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("s14_missing_ticket_number.xlsx", "columns_missing"),
        ("s15_missing_created.xlsx", "columns_missing"),
        ("s18_empty_sheet.xlsx", "nothing_in_it"),
        ("s19_zero_bytes.xlsx", "file_empty"),
        ("s20_zero_bytes.csv", "file_empty"),
        ("s21_only_blanks.csv", "nothing_in_it"),
        ("h14_renamed_hook.csv", "columns_missing"),
        ("v03_resaved_by_excel.csv", "numbers_scientific"),
        ("v13_formulas_not_cached.xlsx", "formulas_without_value"),
        ("c01_html_named.xlsx", "web_page"),
        ("c02_html_named.xls", "web_page"),
        ("c09_ole_garbage.xls", "workbook_damaged"),
        ("c10_truncated.xlsx", "workbook_damaged"),
        ("c11_bad_checksum.xlsx", "workbook_damaged"),
        ("c12_zip_but_no_workbook.xlsx", "not_a_spreadsheet"),
        ("c15_external_entity.xlsx", "unsafe_xml"),
        ("c18_xml2003.xls", "xml_spreadsheet"),
        ("c20_pdf_named.xlsx", "not_a_spreadsheet"),
    ],
)
def test_refused_for_the_right_reason(name: str, code: str) -> None:
    assert refusal(EDGE / name).code == code


def test_refusals_name_what_is_missing_and_what_was_found() -> None:
    reason = refusal(EDGE / "h14_renamed_hook.csv")
    assert reason.params["missing"] == ["ticket_number"]
    assert {"Call#", "Created"} <= set(reason.params["found"])
    assert "Call#" in message(reason, str)


def test_sheet_with_the_list_is_named() -> None:
    result = read(EDGE / "s08_data_on_second_sheet.xlsx")
    assert result.export.sheet == "Tickets"
    assert result.findings["read_sheet"].params["sheet"] == "Tickets"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("s01_plain.xlsx", 1),
        ("s02_blank_row_above.xlsx", 2),
        ("s04_title_line_above.csv", 2),
        ("s07_merged_header.xlsx", 2),
    ],
)
def test_header_line_is_the_one_a_person_sees(name: str, line: int) -> None:
    assert read(EDGE / name).export.header_line == line


def test_title_wins_over_subject_and_nothing_is_lost() -> None:
    result = read(EDGE / "s11_blank_and_duplicate_headers.xlsx")
    assert result.tickets[1]["title"] == "Spam"
    assert json.loads(result.tickets[1]["raw_data"]) == {"Subject": "Re: Spam"}
    assert result.findings["columns_nameless"].params["columns"] == ["D"]


def test_ignored_columns_are_listed_and_kept() -> None:
    result = read(EDGE / "s12_extra_unknown_columns.xlsx")
    assert result.findings["columns_kept"].count == 16
    raw = json.loads(result.tickets[0]["raw_data"])
    assert raw["EscalationTime"] == "-3 h 20 m"
    assert len(raw) == 16


def test_lines_of_ragged_rows() -> None:
    assert read(EDGE / "s24_ragged.csv").findings["long_rows"].lines == [5]


def test_counter_is_not_taken_for_the_ticket_number() -> None:
    result = read(EDGE / "h04_statistics_names.csv")
    assert result.tickets[0]["ticket_number"] == "2026011210000024"
    assert json.loads(result.tickets[0]["raw_data"]) == {"Number": "1"}
    assert result.tickets[3]["owner"] == "root@localhost"


@pytest.mark.parametrize(
    "name",
    [name for name in sorted(FILES) if name.startswith(("h06", "h07", "h09", "h1")) and name in IMPORTED],
)
def test_states_and_ages_of_all_languages_are_understood(name: str) -> None:
    result = read(EDGE / name)
    assert result.column("state_type") == ["new", "closed", "pending", "new", "open", "closed"]
    assert result.column("age_hours") == pytest.approx([1 / 60, 9.5, 66, 66, 123, 176], abs=0.001)
    assert "unknown_states" not in result.findings
    assert result.export.fields >= {"title", "queue", "owner", "responsible", "customer_id", "priority"}


def test_first_of_several_rows_wins_and_is_told() -> None:
    result = read(EDGE / "v01_duplicate_numbers.xlsx")
    assert result.export.duplicate_rows == 3
    assert result.findings["duplicates"].lines == [8, 9, 10]


def test_dates_of_the_1904_system() -> None:
    control = read(EDGE / "s01_plain.xlsx")
    for name in ("v05_dates_1904.xlsx", "v12_formulas_cached.xlsx", "c07_real_dates.xls"):
        result = read(EDGE / name)
        for field in ("created_date", "closed_date", "first_response"):
            assert result.column(field) == control.column(field), (name, field)


def test_undecidable_dates_are_told_with_the_order_taken() -> None:
    result = read(EDGE / "v07_dates_undecidable.csv")
    assert result.column("created_date") == ["2026-02-01 08:00:00", "2026-03-02 10:00:00"]
    finding = result.findings["day_month_undecided"]
    assert (finding.count, finding.params["order"]) == (2, "dmy")


def test_bad_dates_each_with_line_and_reason() -> None:
    result = read(EDGE / "v08_dates_bad.csv")
    assert result.findings["created_missing"].lines == [2, 4, 5, 6]
    assert result.findings["created_unreadable"].lines == [3, 7]
    assert result.findings["future_dates"].lines == [8]
    assert result.findings["closed_before_created"].lines == [9]


def test_formula_like_text_is_kept_as_it_is() -> None:
    result = read(EDGE / "v15_formula_like_text.csv")
    assert result.column("owner") == ["=1+1", "+boss", "-x", "@all", "\tq", "normal"]
    assert result.tickets[0]["title"] == "=cmd|' /C calc'!A0"


def test_leading_zeros_of_text_stay_and_numbers_get_no_point() -> None:
    assert read(EDGE / "v17_leading_zeros.xlsx").column("customer_id")[:4] == ["000123", "123", "123", "123"]


def test_odd_characters_are_unescaped_and_kept() -> None:
    titles = read(EDGE / "v18_odd_characters.xlsx").column("title")
    assert titles[0] == "vertical\x0btab"
    assert titles[1] == "literal _x0041_ stays"
    assert titles[3] == "👩\u200d💻🇩🇪 e\u0301"
    assert len(titles[5]) == 32_767


def test_whole_days_and_fractions_are_rounded_to_the_second() -> None:
    created = read(EDGE / "v21_whole_days_and_midnight.xlsx").column("created_date")
    assert created == ["2026-01-10 00:00:00", "2026-01-11 00:00:00", "2026-01-10 09:30:00"]


@pytest.mark.parametrize("name", [name for name in sorted(FILES) if name.startswith("e")])
def test_no_mojibake(name: str) -> None:
    result = read(EDGE / name)
    text = json.dumps(result.tickets, ensure_ascii=False)
    assert not {"\ufffd", "Ã", "\0"} & set(text)
    if name not in ("e03_gb18030.csv", "e11_cp1251_ru.csv"):
        assert result.tickets[2]["owner"] == "jürgen.groß"


def test_one_field_may_be_longer_than_pythons_limit() -> None:
    raw = [json.loads(text) for text in read(EDGE / "e14_field_over_131072.csv").column("raw_data") if text]
    assert max(len(row["ArticleTree"]) for row in raw) > 131_072


def test_refused_is_an_exception_that_can_be_stored() -> None:
    reason = refusal(EDGE / "v03_resaved_by_excel.csv")
    again = Rejected.from_json(json.loads(json.dumps(reason.to_json())))
    assert message(again, str) == message(reason, str)
    assert again.lines == [2]
