"""Which language a reader gets, and how numbers and times look in it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from otrs_web.clock import frozen
from otrs_web.i18n import Formats, choose_language

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("chosen", "accepted", "default", "language"),
    [
        ("en", "zh-CN,zh;q=0.9", "zh-CN", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", None, "zh-CN"),
        (None, "de-DE,de;q=0.9,en;q=0.5", None, "en"),
        (None, "en;q=0.3, zh-TW;q=0.7", None, "zh-CN"),
        (None, "EN-us", None, "en"),
        (None, "fr", "en", "en"),
        (None, "fr", None, "zh-CN"),
        (None, "en;q=0, zh", None, "zh-CN"),
        (None, "en;q=nonsense, zh;q=0.1", None, "zh-CN"),
        (None, None, None, "zh-CN"),
        ("xx", "en", None, "en"),
    ],
)
def test_language(chosen: str | None, accepted: str | None, default: str | None, language: str) -> None:
    assert choose_language(chosen, accepted, default) == language


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1908, "1,908"), (1234567, "1,234,567"), (None, "–"), (-12, "-12")],
)
def test_numbers(value: int | None, text: str) -> None:
    assert Formats("en", SHANGHAI).number(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(1, 3, "33.3%"), (3, 3, "100.0%"), (0, 3, "0.0%"), (0, 0, "–")]
)
def test_shares(part: int, whole: int, text: str) -> None:
    assert Formats("en", SHANGHAI).percent(part, whole) == text


def test_a_system_time_is_shown_on_the_wall_clock_of_the_site() -> None:
    formats = Formats("en", SHANGHAI)
    assert formats.moment(datetime(2026, 6, 30, 6, 5, tzinfo=UTC)) == "2026-06-30 14:05"
    assert formats.moment(datetime(2026, 6, 30, 14, 5)) == "2026-06-30 14:05"
    assert formats.moment(None) == "–"


def test_how_long_ago_is_the_same_for_both_kinds_of_time() -> None:
    with frozen(datetime(2026, 6, 30, 9, 5, tzinfo=UTC)):
        for value in (datetime(2026, 6, 30, 6, 5, tzinfo=UTC), datetime(2026, 6, 30, 14, 5)):
            assert Formats("en", SHANGHAI).ago(value) == "3 hours ago"
            assert Formats("zh-CN", SHANGHAI).ago(value) == "3小时前"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (80, "1 min 20 s", "1 分 20 秒"),
        (7500, "2 h 5 min", "2 小时 5 分"),
        (-3, "0 s", "0 秒"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    assert Formats("en", SHANGHAI).duration(seconds) == english
    assert Formats("zh-CN", SHANGHAI).duration(seconds) == chinese


@pytest.mark.parametrize(
    ("octets", "text"), [(0, "0 kB"), (1, "1 kB"), (834_000, "834 kB"), (9_759_376, "9.8 MB"), (None, "–")]
)
def test_sizes(octets: int | None, text: str) -> None:
    assert Formats("en", SHANGHAI).size(octets) == text
