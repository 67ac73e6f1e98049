"""CSV and its kin: encodings, separators, quoting, line ends, and files that only look like text."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otrs_web.imports.reading.charset import detect
from otrs_web.imports.reading.delimited import MAX_LINE

from .reading import read, refusal

HEAD = ["Ticket Number", "Created", "Closed", "State", "Priority", "Title", "Owner"]
HEADS = {
    "de": ["Ticketnummer", "Erstellt", "Geschlossen", "Status", "Priorität", "Titel", "Besitzer"],
    "zh": ["工单编号", "创建时间", "已关闭", "状态", "优先级", "标题", "所有者"],
    "tw": ["工單編號", "建立時間", "已關閉", "狀態", "優先級", "標題", "擁有者"],
    "ru": ["Номер заявки", "Создан/а", "Закрытые", "Состояние", "Приоритет", "Название", "Владелец"],
    "fr": ["Numéro de ticket", "Créé", "Fermés", "État", "Priorité", "Titre", "Propriétaire"],
    "ja": HEAD,
    "pl": HEAD,
    "en": HEAD,
    "ko": HEAD,
}
TITLES = {
    "de": ["Drucker druckt keine Umlaute wie äöü", "Größe prüfen – Übermaß", "Straße gesperrt"],
    "zh": ["无法登录系统，请协助处理", "账单金额错误，客户要求退款", "打印机故障，请尽快处理"],
    "tw": ["無法登入系統，請協助處理", "帳單金額錯誤，客戶要求退款", "印表機故障，請儘快處理"],
    "ru": ["Не работает телефон в кабинете", "Прошу сбросить пароль", "Сервер недоступен с утра"],
    "fr": ["L'imprimante n'imprime plus à l'étage", "Créer un accès pour un élève", "Où est la clé ?"],
    "ja": ["プリンターが動かない", "パスワードをリセットしてください", "ネットワークに接続できません"],
    "pl": ["Drukarka nie działa, proszę o pomoc", "Zażółć gęślą jaźń", "Łącze źle działa"],
    "ko": ["프린터가 작동하지 않습니다", "비밀번호를 재설정해 주세요", "네트워크에 연결할 수 없습니다"],
}
TITLES["en"] = TITLES["de"]
ENCODINGS = [
    ("de", "utf-8"),
    ("zh", "utf-8-sig"),
    ("ru", "utf-16"),
    ("zh", "utf-16-le"),
    ("de", "utf-16-be"),
    ("en", "utf-32"),
    ("de", "cp1252"),
    ("fr", "cp1252"),
    ("en", "cp1252"),
    ("de", "mac_roman"),
    ("fr", "cp850"),
    ("zh", "gb18030"),
    ("zh", "gbk"),
    ("tw", "big5"),
    ("ru", "cp1251"),
    ("ru", "koi8_r"),
    ("ru", "cp866"),
    ("ja", "shift_jis"),
    ("ja", "euc_jp"),
    ("ko", "euc_kr"),
    ("pl", "cp1250"),
]
SEPARATORS = [",", ";", "\t", "|", ":"]


def rows_of(language: str) -> list[list[str]]:
    return [
        [
            f"2026011210{n:05}7",
            "2026-01-10 08:00:00",
            "2026-01-11 09:00:00" if n % 2 else "",
            "closed successful" if n % 2 else "open",
            "3 normal",
            TITLES[language][n % 3],
            f"agent{n}",
        ]
        for n in range(9)
    ]


def text_of(rows: list[list[str]], **options: object) -> str:
    out = io.StringIO()
    csv.writer(out, **{"lineterminator": "\n", **options}).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_encodings(tmp_path, language: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_of([HEADS[language], *rows_of(language)], delimiter=";").encode(encoding))
    result = read(path)
    assert result.column("title") == [row[5] for row in rows_of(language)]
    assert result.export.fields >= {"closed_date", "state", "priority", "title", "owner"}


def test_legacy_encodings_are_told(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_of([HEADS["ru"], *rows_of("ru")]).encode("cp1251"))
    assert read(path).findings["encoding_legacy"].params["encoding"] == "cp1251"


def test_single_western_bytes_in_utf8_are_mended_and_told(tmp_path) -> None:
    text = text_of([HEADS["de"], *rows_of("de") * 5]).encode()
    path = tmp_path / "a.csv"
    path.write_bytes(text.replace("Straße".encode(), b"Stra\xdfe", 1))
    result = read(path)
    assert result.tickets[2]["title"] == "Straße gesperrt"
    assert "encoding_guessed" in result.attention


def test_truncated_utf16_is_refused(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_of([HEAD, *rows_of("en")]).encode("utf-16")[:-1])
    assert refusal(path).code == "text_damaged"


def test_an_encoding_that_cannot_be_told_is_asked_for(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Ticket Number;Created;Title\n1;2026-01-01;המדפסת אינה עובדת\n".encode("cp1255"))
    assert refusal(path).code == "encoding_unknown"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\x1a"), max_size=50))
def test_utf8_is_never_taken_for_anything_else(tmp_path_factory, title: str) -> None:
    path = tmp_path_factory.mktemp("utf8") / "a.csv"
    rows = [HEAD, *rows_of("zh"), ["x1", "2026-01-01", "", "open", "", title, ""]]
    path.write_bytes(text_of(rows, quoting=csv.QUOTE_ALL).encode())
    assert detect(path).name == "utf-8"
    assert read(path).tickets[-1]["title"] == (title if title.strip() else None)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_quoting_and_line_ends(tmp_path, separator: str, quoting: int, end: str) -> None:
    rows = rows_of("de")
    rows[0][5] = 'all , of ; them | in " one : title\t!'
    path = tmp_path / "a.csv"
    text = text_of([HEAD, *rows], delimiter=separator, quoting=quoting, lineterminator=end)
    path.write_text(text, encoding="utf-8", newline="")
    result = read(path)
    assert result.column("title") == [row[5] for row in rows]
    assert result.export.separator == separator


def test_separator_by_consistency_not_by_count(tmp_path) -> None:
    lines = [
        ";".join(HEAD[:5]),
        *(";".join(row[:4]) + f";1,5, 2,5, 3,5 {n}" for n, row in enumerate(rows_of("en"))),
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    result = read(path)
    assert result.export.separator == ";"
    assert result.tickets[0]["priority"] == "1,5, 2,5, 3,5 0"


def test_excels_separator_line_and_titles_above(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "sep=;\nName: List, all; Created: 2026-01-12 18:00:00\n\n"
        + text_of([HEAD, *rows_of("en")], delimiter=";")
    )
    result = read(path)
    assert len(result.tickets) == 9
    assert result.export.header_line == 4
    assert str(result.export.snapshot.at) == "2026-01-12 18:00:00"


def test_lines_are_those_of_the_text_file(tmp_path) -> None:
    rows = rows_of("en")
    rows[0][5] = "three\nlines\nlong"
    rows[4][1] = "not a date"
    rows[6] = [""] * 7
    rows[7][0] = rows[1][0]
    path = tmp_path / "a.csv"
    path.write_text(text_of([HEAD, *rows]))
    result = read(path)
    assert result.findings["created_unreadable"].lines == [8]
    assert result.findings["duplicates"].lines == [11]
    assert result.export.rows_read == 8


def test_short_rows_are_filled_and_long_ones_told(tmp_path) -> None:
    rows = rows_of("en")
    rows[1] = rows[1][:4]
    rows[2] = [*rows[2], "more", "and more"]
    rows[3] = [*rows[3], "", " "]
    path = tmp_path / "a.csv"
    path.write_text(text_of([HEAD, *rows]))
    result = read(path)
    assert result.findings["long_rows"].lines == [4]
    assert result.tickets[1]["title"] is None
    assert result.tickets[2]["owner"] == "agent2"


def test_nul_bytes_are_dropped_and_told(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_of([HEAD, *rows_of("en")]).replace("Umlaute", "Um\0la\0ute").encode())
    result = read(path)
    assert "Umlaute" in result.tickets[0]["title"]
    assert result.findings["nul_bytes"].count == 6


def test_a_quote_that_is_never_closed_loses_no_rows_in_silence(tmp_path) -> None:
    text = text_of([HEAD, *rows_of("en") * 3], quoting=csv.QUOTE_ALL)
    path = tmp_path / "a.csv"
    path.write_text(text[: text.rindex('"Straße') + 5])
    reason = refusal(path)
    assert (reason.code, reason.lines) == ("quote_not_closed", [28])


def test_quotes_inside_fields_are_kept(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Ticket Number;Created;Title\n1x;2026-01-01;5" disk "new"\n2x;2026-01-01;"a ""b"" c"\n')
    assert read(path).column("title") == ['5" disk "new"', 'a "b" c']


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf", "nothing_in_it"),
        (b"\n\n  \n;;;\n", "nothing_in_it"),
        (b"hello\nworld\n", "no_header"),
        (b"a;b;c\n1;2;3\n", "no_header"),
        (b"<!DOCTYPE html><html><table></table></html>", "web_page"),
        (b"\n  <TABLE border=1><tr><td>Ticket Number</td></tr></TABLE>", "web_page"),
        ("<html><body>".encode("utf-16"), "web_page"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n", "web_page"),
        (b'<?xml version="1.0"?><tickets/>', "not_a_spreadsheet"),
        (b'[{"TicketNumber": 1}]', "not_a_spreadsheet"),
        (b"{\\rtf1 hello}", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_spreadsheet"),
        (b"\x1f\x8b\x08" + bytes(100), "not_a_spreadsheet"),
        (b"%PDF-1.7\n", "not_a_spreadsheet"),
        (bytes(range(1, 256)) * 20, "not_a_spreadsheet"),
        (b"\x09\x08\x08\x00\x00\x05\x05\x00" + bytes(100), "excel_too_old"),
    ],
)
def test_what_is_no_list(tmp_path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_text_without_line_ends_is_refused(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Ticket Number,Created," + b"x" * MAX_LINE)
    assert refusal(path).code == "line_too_long"


@pytest.mark.parametrize(
    "name",
    ["=cmd.xlsx", "x" * 300 + ".csv", "工单导出🔥.csv", "export", "TICKETS.CSV", "../../x.xlsx", ".csv", ""],
)
def test_the_name_does_not_matter(name: str) -> None:
    result = read(Path(__file__).parent / "edge" / "e01_utf8_bom.csv", name)
    assert len(result.tickets) == 6
