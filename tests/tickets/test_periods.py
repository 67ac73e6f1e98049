from datetime import datetime

import pytest

from otrs_web.tickets.periods import format_instant, parse_instant, parse_span, week_span


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-02-28", "2026-02-28", "2026-03-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2026-W07", "2026-02-09", "2026-02-16"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("第2026-07周", "2026-02-16", "2026-02-23"),
    ],
)
def test_a_span_is_half_open(text, start, end):
    assert parse_span(text) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(
    "text",
    ["", "2026", "9999-12-31", "0001-01-01", "2026-13", "2026-02-30", "2026-W54", "20260228", "2026-W7", "x"],
)
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_span(text)


def test_a_week_in_the_original_form_begins_on_the_monday_of_strftime():
    # Monday-based %W: in 2026 week 1 begins with 5 January, its first Monday
    assert week_span("2026-01").start == datetime(2026, 1, 5)
    assert week_span("2026-W02") == week_span("2026-01")


def test_a_bare_day_as_instant_is_its_last_second():
    assert parse_instant("2026-05-31") == datetime(2026, 5, 31, 23, 59, 59)
    assert parse_instant("2026-05-31T23:59") == datetime(2026, 5, 31, 23, 59)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "9999-12-31T23:59", "2026-05-31T23:59Z", "2026-05-31T23:59+02:00", "31.05.2026", "now"],
)
def test_an_instant_has_no_zone(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["2026-05-31T23:59", "2026-05-31T23:59:59"])
def test_an_instant_is_written_as_it_was_read(text):
    assert format_instant(parse_instant(text)) == text
