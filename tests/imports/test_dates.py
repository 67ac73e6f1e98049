"""Dates in every form that exports arrive in, against writers that share no code with the reader."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.imports.reading.datecolumn import DateColumn
from otrs_web.imports.reading.dates import from_serial, readings
from otrs_web.imports.reading.dayorder import DayEvidence, decide_order

MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2089, 12, 31)).map(lambda at: at.replace(microsecond=0))
CERTAIN = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S.000",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y, %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S"[:6] + " %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%d %B %Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%a, %d %b %Y %H:%M:%S +0100",
    "%Y-%m-%d %H:%M:%S (Europe/Berlin)",
    " %Y-%m-%d %H:%M:%S ",
    "%Y-%m-%d  %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S Uhr",
]
ORDERED = {
    "dmy": ["%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%y %H:%M:%S"],
    "mdy": ["%m/%d/%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %H:%M:%S"],
}


def column(order: str = "dmy") -> DateColumn:
    return DateColumn(lambda: order)


def decided(cells: list[str], number: str, others: list[str], latest: str) -> tuple[str, str]:
    own, other = DayEvidence(), DayEvidence()
    own.see(cells, [number] * len(cells))
    other.see(others, [""] * len(others))
    return decide_order(own, [other], latest)


def one(text: object, order: str = "dmy") -> str | None:
    """The reading of one cell; an AssertionError if it is called unreadable."""
    values, bad = column(order).read([text])
    assert not bad, f"{text!r} cannot be read"
    return values[0]


@given(MOMENTS, st.sampled_from(CERTAIN))
def test_certain_forms(at: datetime, form: str) -> None:
    assert one(at.strftime(form)) == str(at)


@given(MOMENTS, st.sampled_from([(order, form) for order, forms in ORDERED.items() for form in forms]))
def test_forms_that_need_an_order(at: datetime, how: tuple[str, str]) -> None:
    order, form = how
    if "%y" in form and not 1995 <= at.year < 2070:
        at = at.replace(year=2026, day=min(at.day, 28))
    assert one(at.strftime(form), order) == str(at)


@given(MOMENTS)
def test_cells_and_serials(at: datetime) -> None:
    assert one(at) == str(at)
    assert one(at.date()) == f"{at.date()} 00:00:00"
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)
    assert one(serial) == str(at)
    assert one(f"{serial:.10f}") == str(at)
    assert DateColumn(lambda: "dmy", epoch_1904=True).read([serial - 1462])[0] == [str(at)]


@given(st.text(max_size=40))
def test_anything_is_read_or_refused_without_a_crash(text: str) -> None:
    values, bad = column().read([text])
    assert len(values) == 1
    assert not (values[0] and bad)
    if values[0]:
        datetime.fromisoformat(values[0])


@given(
    st.lists(
        st.one_of(st.just(""), MOMENTS.map(str), st.sampled_from(["x", "nan", "0000-00-00", "1.2.2026"]))
    )
)
def test_fast_and_slow_path_agree(cells: list[str]) -> None:
    together, bad = column().read(cells)
    assert together == [column().read([cell])[0][0] for cell in cells]
    assert bad == [index for index, cell in enumerate(cells) if cell == "x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-12", "2026-01-12 00:00:00"),
        ("2026-01-12 17:59", "2026-01-12 17:59:00"),
        ("2026-1-2 3:04", "2026-01-02 03:04:00"),
        ("12.1.26", "2026-01-12 00:00:00"),
        ("12/01/98 08:00", "1998-01-12 08:00:00"),
        ("2026-01-12 23:59:59.7", "2026-01-13 00:00:00"),
        ("2026-01-12 24:00:00", "2026-01-13 00:00:00"),
        ("2026/1/12 下午 5:59:00", "2026-01-12 17:59:00"),
        ("2026年1月12日 上午12:05", "2026-01-12 00:05:00"),
        ("2026年1月12日17时59分", "2026-01-12 17:59:00"),
        ("１２.０１.２０２６ １７:５９", "2026-01-12 17:59:00"),
        ("12 janvier 2026 à 17:59", "2026-01-12 17:59:00"),
        ("12 de enero de 2026 17:59", "2026-01-12 17:59:00"),
        ("12. Januar 2026 17:59 Uhr", "2026-01-12 17:59:00"),
        ("12 января 2026 17:59", "2026-01-12 17:59:00"),
        ("12/01/2026 05:59 p. m.", "2026-01-12 17:59:00"),
        ("2026-01-12T17:59:00+08:00", "2026-01-12 17:59:00"),
        ("'2026-01-12 17:59:00", "2026-01-12 17:59:00"),
        ("2026-01-12\u00a017:59:00", "2026-01-12 17:59:00"),
        ("46034,7493", "2026-01-12 17:59:00"),
    ],
)
def test_more_forms(text: str, expected: str) -> None:
    assert one(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 10:00:00",
        "20226-01-01 10:00:00",
        "2026-13-01",
        "31.04.2026",
        "1970-01-01 00:00:00",
        "5",
        "17:59",
        "x",
        "2026-01-12 25:00:00",
        "2026-01-12 10:61",
        "1768240800",
        "12/2026",
        "Jan 2026",
        "32/01/2026",
        "99999",
        "#N/A",
        "open",
        "2026-01-12 17:59:00 open",
        "1899-12-31 00:00:00",
        "9999-12-31 24:00:00",
        datetime(9999, 12, 31, 23, 59, 59, 999_999),
        True,
        12.5,
        timedelta(hours=3),
    ],
)
def test_unreadable_is_said_never_blank(text: object) -> None:
    assert column().read([text]) == ([None], [0])


@pytest.mark.parametrize(
    "text", ["", " ", "nan", "NaN", "None", "NULL", "n/a", "-", "--", "0000-00-00 00:00:00", "0000-00-00"]
)
def test_words_for_no_date(text: str) -> None:
    assert column().read([text]) == ([None], [])


def test_zero_dates_and_zones_are_counted() -> None:
    dates = column()
    dates.read(["0000-00-00 00:00:00", "nan", "2026-01-12 17:59:00 (Europe/Berlin)", "2026-01-12T17:59:00Z"])
    assert dates.zeros == 1
    assert dates.zones == {"Europe/Berlin": 1, "Z": 1}


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2026, 12, 31)), min_size=1),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
)
def test_a_decided_order_is_the_right_one(days: list[date], form: str) -> None:
    order, why = decided([day.strftime(form) for day in days], "", [], "2026-12-31 00:00:00")
    if any(day.day > 12 for day in days):
        assert (order, why) == ("dmy" if form.startswith("%d") else "mdy", "values")
    elif why:
        assert why == "later"


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y"]))
def test_ticket_numbers_decide(day: date, form: str) -> None:
    order, why = decided([day.strftime(form) + " 08:00"], f"SR{day:%Y%m%d}10000017", [], "2030-01-01")
    if day.day <= 12 and day.day != day.month and "%y" not in form:
        assert (order, why) == ("dmy" if form.startswith("%d") else "mdy", "numbers")


@pytest.mark.parametrize(
    ("cells", "others", "expected"),
    [
        (["01/02/2026", "13/02/2026"], [], ("dmy", "values")),
        (["01/02/2026", "02/13/2026"], [], ("mdy", "values")),
        (["01/02/2026"], [], ("dmy", "")),
        (["01/02/2026 5:59 PM"], [], ("mdy", "")),
        (["01/02/2026"], ["02/13/2026 10:00"], ("mdy", "columns")),
        (["03/12/2026"], [], ("mdy", "later")),
        (["13/02/2026", "02/13/2026", "01/02/2026"], [], ("dmy", "")),
    ],
)
def test_what_decides(cells: list[str], others: list[str], expected: tuple[str, str]) -> None:
    assert decided(cells, "4711", others, "2026-11-23 12:00:00") == expected


def test_readings_of_an_ambiguous_date() -> None:
    assert readings("01/02/2026 08:00")[0] == {"dmy": "2026-02-01 08:00:00", "mdy": "2026-01-02 08:00:00"}
    assert readings("05/05/2026")[0] == {"": "2026-05-05 00:00:00"}


def test_serials_out_of_range() -> None:
    assert from_serial(0) is None
    assert from_serial(1e9) is None
