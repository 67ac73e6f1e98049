"""The made-up help desk must look like a real one: complete, consistent in time, and worth showing."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from otrs_web.database.faults import is_full
from otrs_web.demo import DAYS, write_demo

TODAY = datetime(2026, 11, 20, 16, 30)  # a Friday
STAMP = "%Y-%m-%d %H:%M:%S"
OPEN = {"new", "open", "pending reminder", "pending auto close+", "pending auto close-"}


def read(path: Path) -> list[dict[str, str]]:
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [{str(name): str(value) for name, value in zip(header, row, strict=True)} for row in rows]


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("demo") / "demo.xlsx"
    write_demo(path, TODAY)
    return read(path)


def test_same_day_same_file(tmp_path: Path) -> None:
    write_demo(tmp_path / "one.xlsx", TODAY, 300)
    write_demo(tmp_path / "two.xlsx", TODAY, 300)
    write_demo(tmp_path / "other.xlsx", TODAY + timedelta(days=1), 300)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert read(tmp_path / "one.xlsx") != read(tmp_path / "other.xlsx")


def test_every_ticket_has_its_own_number(tickets: list[dict[str, str]]) -> None:
    assert len({t["Ticket Number"] for t in tickets}) == len(tickets) == 5000


@pytest.mark.parametrize("today", [TODAY, datetime(2026, 3, 1, 0, 0, 5), datetime(2028, 2, 29, 23, 59)])
def test_times_are_in_order_and_not_in_the_future(tmp_path: Path, today: datetime) -> None:
    write_demo(tmp_path / "demo.xlsx", today, 1500)
    first = (today - timedelta(days=DAYS)).strftime(STAMP)
    created = [t["Created"] for t in read(tmp_path / "demo.xlsx")]
    assert created == sorted(created, reverse=True)
    assert first < created[-1]
    assert created[0] <= today.strftime(STAMP)
    for ticket in read(tmp_path / "demo.xlsx"):
        for name in ("Closed", "FirstResponse"):
            assert not ticket[name] or ticket["Created"] <= ticket[name] <= today.strftime(STAMP)


def test_age_is_what_otrs_prints(tickets: list[dict[str, str]]) -> None:
    for ticket in tickets:
        age = TODAY - datetime.strptime(ticket["Created"], STAMP)
        hours, minutes = age.seconds // 3600, age.seconds // 60 % 60
        if age.days:
            assert ticket["Age"] == f"{age.days} d {hours} h "
        else:
            assert ticket["Age"] == (f"{hours} h {minutes} m" if hours else f"{minutes} m")


def test_states_of_all_types_and_reopened_ones(tickets: list[dict[str, str]]) -> None:
    states = Counter(t["State"] for t in tickets)
    assert set(states) == OPEN | {"closed successful", "closed unsuccessful", "merged", "removed"}
    assert all(not t["Closed"] for t in tickets if t["State"] in {"merged", "removed"})
    assert all(t["Closed"] for t in tickets if t["State"].startswith("closed"))
    opened = [t for t in tickets if t["State"] in OPEN]
    assert 60 <= len(opened) <= 200
    assert 3 <= sum(bool(t["Closed"]) for t in opened) <= 20
    assert any(not t["FirstResponse"] for t in opened)


def test_weekends_are_quiet(tickets: list[dict[str, str]]) -> None:
    days = Counter(datetime.strptime(t["Created"], STAMP).weekday() for t in tickets)
    assert 0 < days[5] + days[6] < days[0] / 2


def test_the_backlog_builds_up_and_recovers(tickets: list[dict[str, str]]) -> None:
    def backlog(share: float) -> int:
        moment = (TODAY - timedelta(days=DAYS * (1 - share))).strftime(STAMP)
        waiting = [t for t in tickets if t["Created"] <= moment and t["State"] not in {"merged", "removed"}]
        return sum(t["State"] in OPEN or t["Closed"] > moment for t in waiting)

    before, peak, after = backlog(0.5), backlog(0.66), backlog(0.8)
    assert peak > 1.8 * before
    assert after < 1.4 * before


def test_people_queues_and_titles_in_two_scripts(tickets: list[dict[str, str]]) -> None:
    people = {t["Responsible"] for t in tickets}
    assert len(people) == 12
    assert len({t["Queue"] for t in tickets}) == 8
    assert all("::" in t["Queue"] or t["Queue"] == "Accounts and Access" for t in tickets)
    for texts in (people, {t["Title"] for t in tickets}, {t["Queue"] for t in tickets}):
        assert {text.isascii() for text in texts} == {True, False}
    assert not any("{" in t["Title"] for t in tickets)


def test_a_full_disk_is_told_by_the_disk_itself():
    with pytest.raises(OSError, match="No space left") as raised:
        write_demo(Path("/dev/full"), TODAY, 300)
    assert is_full(raised.value)
