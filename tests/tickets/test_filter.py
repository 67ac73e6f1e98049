from datetime import date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.tickets.filter import STATE_TYPES, FilterError, TicketFilter

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
VALUES = st.lists(TEXTS, max_size=3, unique=True).map(tuple)

FILTERS = st.builds(
    TicketFilter,
    from_=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    to=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    state=VALUES,
    state_type=st.lists(st.sampled_from(STATE_TYPES), unique=True).map(tuple),
    priority=VALUES,
    queue=VALUES,
    open=st.none() | st.booleans(),
    age=st.lists(st.sampled_from(["24h", "24_48h", "48_72h", "72h", "(none)"]), unique=True).map(tuple),
    first_response=st.sampled_from([None, "empty", "given"]),
    reopened=st.none() | st.booleans(),
    created_on=st.sampled_from([None, "2026-02-28", "2026-W07", "2026-02"]),
    upload_id=st.none() | st.integers(0, 10**6),
    q=st.none() | TEXTS.map(str.strip).filter(bool),
    as_of=st.none()
    | st.just("now")
    | st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1)).map(lambda t: t.replace(microsecond=0)),
)


@given(FILTERS)
def test_a_filter_survives_its_query_string(chosen):
    assert TicketFilter.parse(parse_qsl(chosen.query(), keep_blank_values=True)) == chosen


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("from", "2026-02-30"),
        ("to", "yesterday"),
        ("open", "maybe"),
        ("age", "12h"),
        ("state_type", "finished"),
        ("first_response", "no"),
        ("created_on", "2026-W60"),
        ("upload_id", "-1"),
        ("upload_id", "99999999999"),
        ("as_of", "2026-05-31T23:59+02:00"),
        ("as_of", "2199-01-01"),
        ("to", "9999-12-31"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, value):
    with pytest.raises(FilterError) as caught:
        TicketFilter.parse([(name, value)])
    assert (caught.value.name, caught.value.value) == (name, value)


def test_two_different_values_of_a_single_name_are_refused():
    with pytest.raises(FilterError):
        TicketFilter.parse([("open", "true"), ("open", "false")])


def test_blank_values_do_not_count_and_repeated_names_mean_any():
    chosen = TicketFilter.parse([("queue", "Raw"), ("queue", "Junk"), ("queue", "Raw"), ("open", " ")])
    assert chosen == TicketFilter(queue=("Raw", "Junk"))


def test_json_means_the_same_as_a_query_string():
    body = {"open": True, "queue": ["Raw", "Junk"], "upload_id": 3, "q": None}
    assert TicketFilter.from_json(body) == TicketFilter(open=True, queue=("Raw", "Junk"), upload_id=3)
    with pytest.raises(FilterError):
        TicketFilter.from_json({"queue": {"name": "Raw"}})


def test_narrowing_finds_contradictions():
    chosen = TicketFilter(open=False, age=("24h",), queue=("Raw",))
    assert chosen.narrowed(open=True) is None
    assert chosen.narrowed(age=("72h",)) is None
    assert chosen.narrowed(age=("24h",), first_response="empty") == chosen.replace(first_response="empty")


def test_a_chip_takes_one_restriction_away():
    chosen = TicketFilter(queue=("Raw", "Junk"), from_=date(2026, 1, 1))
    assert chosen.without("queue", "Raw") == TicketFilter(queue=("Junk",), from_=date(2026, 1, 1))
    assert chosen.without("from") == TicketFilter(queue=("Raw", "Junk"))
