"""When a daily job is due, in zones whose clocks are set forward and back."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.database import Database
from otrs_web.schedule import days_between, due_on, is_taken, last_due, latest_due, next_due, take

BERLIN, NEW_YORK, SHANGHAI = map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Shanghai"))
ZONES = [BERLIN, NEW_YORK, SHANGHAI, *map(ZoneInfo, ("UTC", "Australia/Lord_Howe", "America/St_Johns"))]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        (BERLIN, "2026-01-10", "23:59", "2026-01-10T22:59"),
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:00"),  # skipped: at the first moment after, 03:00
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30"),  # twice: the first time
        (BERLIN, "2026-10-25", "23:59", "2026-10-25T22:59"),
        (NEW_YORK, "2026-03-08", "02:30", "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01", "01:30", "2026-11-01T05:30"),
        (SHANGHAI, "2026-03-29", "02:30", "2026-03-28T18:30"),
    ],
)
def test_when_a_day_is_due(zone, day, at, instant):
    assert due_on(date.fromisoformat(day), time.fromisoformat(at), zone) == utc(instant)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:00", "02:30", "03:00", "23:59"])
def test_a_clock_that_ticks_every_minute_finds_each_day_once(zone, at):
    """Around both changes of the clocks of each zone, and in between, day by day."""
    at = time.fromisoformat(at)
    now, end, taken = utc("2026-01-01T00:00"), utc("2027-01-01T00:00"), []
    last = latest_due(at, zone, now)
    while now < end:
        due = latest_due(at, zone, now)
        taken += days_between(last, due, zone)
        last = due
        now += timedelta(minutes=23)
    assert taken == [taken[0] + timedelta(days=n) for n in range(len(taken))]
    assert len(taken) >= 364


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC)),
)
def test_now_lies_between_two_due_instants_of_neighbouring_days(zone, at, now):
    before, after = latest_due(at, zone, now), next_due(at, zone, now)
    assert before <= now < after
    assert len(list(days_between(before, after, zone))) == 1


def test_a_due_instant_is_taken_once(install):
    settings = install()

    async def race() -> list[int]:
        databases = [Database(settings) for _ in range(5)]
        wins = []
        for day in range(10):
            due = utc("2026-05-01T21:59") + timedelta(days=day)

            async def one(db: Database, due: datetime = due) -> bool:
                async with db.read() as session:
                    before = await last_due(session, "job")
                if before is not None and before >= due:
                    return False
                async with db.write() as session:
                    return await take(session, "job", before, due)

            wins.append(sum(await asyncio.gather(*(one(db) for db in databases))))
        for db in databases:
            await db.dispose()
        return wins

    assert asyncio.run(race()) == [1] * 10


def test_a_clock_that_was_set_back_finds_what_was_done_and_one_that_was_wrong_leaves_nothing_behind():
    due = datetime(2026, 3, 4, 22, 59, tzinfo=UTC)
    assert not is_taken(None, due)
    assert not is_taken(due - timedelta(days=1), due)
    assert is_taken(due, due)
    assert is_taken(due + timedelta(days=1), due)
    assert not is_taken(due + timedelta(days=400), due)
