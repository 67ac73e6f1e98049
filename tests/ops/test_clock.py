"""The clock, and that a test can stop it."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from otrs_web import clock

NOON = datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)


def test_the_clock_goes() -> None:
    before = datetime.now(UTC)
    assert before <= clock.utc_now() <= datetime.now(UTC)


def test_site_time_is_naive_whole_seconds_on_the_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    with clock.frozen(NOON):
        assert clock.site_now(berlin) == datetime(2026, 3, 29, 1, 59, 59)
    with clock.frozen(NOON + timedelta(seconds=1)):
        assert clock.site_now(berlin) == datetime(2026, 3, 29, 3, 0, 0)


def test_frozen_time_is_the_same_in_every_thread_and_ends() -> None:
    seen: list[datetime] = []
    with clock.frozen(NOON.astimezone(timezone(timedelta(hours=8)))):
        thread = threading.Thread(target=lambda: seen.append(clock.utc_now()))
        thread.start()
        thread.join()
        with clock.frozen(NOON + timedelta(days=1)):
            assert clock.utc_now() == NOON + timedelta(days=1)
        assert clock.utc_now() == NOON
    assert seen == [NOON]
    assert clock.utc_now() > NOON + timedelta(days=1)


def test_an_instant_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 1, 1)):
        pass
