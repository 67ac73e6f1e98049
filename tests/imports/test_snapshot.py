"""When an export was made, by its witnesses in their order."""

from datetime import datetime, timedelta

import pytest

from otrs_web.imports.reading.snapshot import from_filename, from_title

from .reading import UPLOADED, read
from .workbooks import COLUMNS, sheet, ticket, tickets_xlsx, write_xlsx

AT = datetime(2026, 1, 12, 18, 0)


@pytest.mark.parametrize(
    "name",
    [
        "ticket_search_2026-01-12_18-00.xlsx",
        "ticket_search_2026-01-12_18-00 (1).xlsx",
        "ticket_search_2026-01-12_18-00(2).csv",
        "Copy of ticket_search_2026-01-12_18-00 - final.xlsx",
        "TICKET_SEARCH_2026-01-12_18-00.XLSX",
        "List_of_tickets_Created_2026-01-12_18-00_TimeZone_Europe_Berlin.csv",
        "2026-01-12_18-00-00",
        "工单_2026-01-12_18-00.xlsx",
        "tickets 2026-01-12 18-00.csv",
        "20260112_1800.csv",
        "2025-12-01_00-00_to_2026-01-12_18-00.csv",
    ],
)
def test_time_in_the_file_name(name: str) -> None:
    assert from_filename(name) == AT


@pytest.mark.parametrize(
    "name", ["export.xlsx", "tickets 2026-01-12.csv", "2026-13-12_18-00.csv", "2026011210000024.csv", "=cmd"]
)
def test_no_time_in_the_file_name(name: str) -> None:
    assert from_filename(name) is None


@pytest.mark.parametrize(
    "row",
    [
        ["Name: List of tickets", "Created: 2026-01-12 18:00:00"],
        ["Name: List of tickets; Created: 2026-01-12 18:00:00"],
        ["", "Erstellt: 2026-01-12 18:00:00 (Europe/Berlin)"],
        ["创建时间：2026-01-12 18:00:00"],
        ["Créé: 12.01.2026 18:00"],
    ],
)
def test_time_in_a_title_line(row: list[str]) -> None:
    assert from_title([["banner"], row]) == AT


@pytest.mark.parametrize(
    "row", [["Closed: 2026-01-12 18:00:00"], ["Created"], ["Created: yesterday"], ["2026-01-12 18:00"]]
)
def test_no_time_in_a_title_line(row: list[str]) -> None:
    assert from_title([row]) is None


def listed(tmp_path, **values):
    return tickets_xlsx(tmp_path / "a.xlsx", [ticket(1, **values)])


def test_witnesses_in_their_order(tmp_path) -> None:
    title = [["Name: x", "Created: 2026-01-14 07:00:00"]]
    path = write_xlsx(tmp_path / "a.xlsx", {"S": sheet([*title, COLUMNS, ticket(1)])})
    name = "ticket_search_2026-01-12_18-00.xlsx"
    found = read(path, name, as_of=datetime(2026, 1, 15, 9, 30, 7)).export.snapshot
    assert (found.source, found.at) == ("user", datetime(2026, 1, 15, 9, 30, 7))
    found = read(path, name).export.snapshot
    assert (found.source, found.at) == ("filename", AT)
    found = read(path, "a.xlsx").export.snapshot
    assert (found.source, found.at) == ("title", datetime(2026, 1, 14, 7, 0))


@pytest.mark.parametrize(
    ("values", "latest"),
    [
        ({}, "2026-01-10 08:00:00"),
        ({"closed": "2026-01-11 09:00:00"}, "2026-01-11 09:00:00"),
        ({"closed": "2031-01-01 00:00:00"}, "2026-01-10 08:00:00"),
        ({"age": "2 d 10 h "}, "2026-01-12 18:00:00"),
        ({"age": "2 d 10 h ", "state": "closed successful"}, "2026-01-10 08:00:00"),
        ({"age": "2 d 10 h ", "state": "Strange"}, "2026-01-12 18:00:00"),
        ({"age": "2 d 10 h ", "state": "Strange", "closed": "2026-01-11 09:00:00"}, "2026-01-11 09:00:00"),
        ({"age": "9999 d 0 h "}, "2026-01-10 08:00:00"),
    ],
)
def test_latest_event_in_the_data(tmp_path, values: dict[str, str], latest: str) -> None:
    row = ticket(1, **{name: value for name, value in values.items() if name != "age"})
    path = tickets_xlsx(tmp_path / "a.xlsx", [[*row, values.get("age")]], [*COLUMNS, "Age"])
    snapshot = read(path).export.snapshot
    assert (snapshot.source, str(snapshot.at)) == ("data", latest)


def test_never_later_than_the_upload(tmp_path) -> None:
    early = datetime(2026, 1, 11, 12, 0)
    name = "ticket_search_2026-01-11_18-00.xlsx"
    assert read(listed(tmp_path), name, uploaded_at=early).export.snapshot.at == early
    assert read(listed(tmp_path), as_of=UPLOADED + timedelta(days=3)).export.snapshot.at == UPLOADED
    far = read(listed(tmp_path), "ticket_search_2027-01-11_18-00.xlsx").export.snapshot
    assert (far.source, str(far.at)) == ("data", "2026-01-10 08:00:00")


def test_no_witness_at_all_is_told(tmp_path) -> None:
    result = read(tickets_xlsx(tmp_path / "a.xlsx", []))
    assert (result.export.snapshot.source, result.export.snapshot.at) == ("upload", UPLOADED)
    assert {"snapshot", "no_tickets"} <= result.attention


def test_a_file_names_whole_minute_reaches_to_the_latest_event_in_it(tmp_path) -> None:
    path = listed(tmp_path, created="2026-01-12 18:00:41")
    assert str(read(path, "ticket_search_2026-01-12_18-00.xlsx").export.snapshot.at) == "2026-01-12 18:00:41"


def test_what_lies_after_the_export_is_told(tmp_path) -> None:
    path = listed(tmp_path, created="2026-03-01 00:00:00")
    assert "future_dates" in read(path, "ticket_search_2026-01-12_18-00.xlsx").attention
    assert "future_dates" not in read(path).attention
