"""When the daily statistics are computed: on any clock, on every day once, also those that were missed."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text

from otrs_web.clock import frozen
from otrs_web.database import Database
from otrs_web.imports.service import clear
from otrs_web.models import DailyStatistics, DatabaseLog, StatisticsLog
from otrs_web.stats.daily_runs import (
    change_schedule,
    daily_schedule,
    note_failure,
    parse_time,
    run_by_hand,
    run_due,
)
from otrs_web.stats.daily_table import figures
from tests.imports.test_service import load as import_rows
from tests.support import QueryCounter, store_tickets

BERLIN = ZoneInfo("Europe/Berlin")
ROWS = [
    {"created_date": "2026-03-01 08:00:00"},
    {
        "created_date": "2026-03-02 09:00:00",
        "closed_date": "2026-03-04 10:00:00",
        "state": "closed successful",
    },
]
SNAPSHOT = datetime(2026, 3, 5, 18)


def local(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def flow(row):
    return (row.opening_balance, row.new_tickets, row.resolved_tickets, row.closing_balance)


@pytest.fixture
def desk(install):
    """Two tickets, as of 5 March 2026, 18:00."""
    settings = install(timezone=BERLIN)
    store_tickets(settings, ROWS, as_of=SNAPSHOT)
    return settings


class Desk:
    """A worker's view of the database, on a clock that tests set."""

    def __init__(self, settings):
        self.db = Database(settings)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.db.dispose()

    async def tick(self, at: datetime) -> int:
        with frozen(at):
            return await run_due(self.db)

    async def scalars(self, query):
        async with self.db.read() as session:
            return list(await session.scalars(query))

    async def logs(self):
        return [
            (str(run.statistic_date), run.occasion, run.status, run.total_open)
            for run in await self.scalars(select(StatisticsLog).order_by(StatisticsLog.id))
        ]

    async def day(self, day: str):
        (row,) = await self.scalars(
            select(DailyStatistics).where(DailyStatistics.statistic_date == date.fromisoformat(day))
        )
        return row


async def test_the_first_start_only_begins_to_count(desk):
    async with Desk(desk) as worker:
        assert await worker.tick(local("2026-03-06 10:00")) == 0
        assert await worker.tick(local("2026-03-06 23:58")) == 0
        assert await worker.tick(local("2026-03-06 23:59")) == 1
        assert await worker.tick(local("2026-03-06 23:59:59")) == 0
        assert await worker.logs() == [("2026-03-06", "schedule", "success", 1)]
        row = await worker.day("2026-03-06")
        assert (row.opening_balance, row.new_tickets, row.resolved_tickets, row.closing_balance) == (
            1,
            0,
            0,
            1,
        )
        assert (row.provisional, row.snapshot_at) == (True, SNAPSHOT)


async def test_missed_days_are_caught_up_one_by_one(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        assert await worker.tick(local("2026-03-10 08:00")) == 4
        assert await worker.logs() == [(f"2026-03-{day:02}", "missed", "success", 1) for day in (6, 7, 8, 9)]
        assert await worker.tick(local("2026-03-10 23:59")) == 1


async def test_a_clock_that_was_days_ahead_leaves_the_day_that_is_due(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-04T12:00"))
        assert await worker.tick(local("2026-04-01T00:30")) > 0
        assert await worker.tick(local("2026-03-06T00:30")) == 1
        assert await worker.tick(local("2026-03-06T00:31")) == 0


async def test_a_missed_day_is_the_same_as_one_that_was_not(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        await worker.tick(local("2026-03-06 23:59"))
        on_time = await worker.day("2026-03-06")
        async with worker.db.write() as session:
            await session.execute(DailyStatistics.__table__.delete())
        await worker.tick(local("2026-03-08 12:00"))
        late = await worker.day("2026-03-06")
        names = [
            c.name for c in DailyStatistics.__table__.columns if not c.name.endswith("_at") and c.name != "id"
        ]
        assert [getattr(late, name) for name in names] == [getattr(on_time, name) for name in names]


async def test_a_change_takes_effect_at_once(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        with frozen(local("2026-03-06 15:00")):
            schedule = await change_schedule(worker.db, time(15, 30), True, "IP: 192.0.2.1")
        assert schedule.next_due == local("2026-03-06 15:30")
        assert await worker.tick(local("2026-03-06 15:29")) == 0
        assert await worker.tick(local("2026-03-06 15:30")) == 1
        assert await worker.tick(local("2026-03-06 23:59")) == 0
        # to a time that is over for today: from tomorrow on
        with frozen(local("2026-03-06 16:00")):
            await change_schedule(worker.db, time(9, 0), True, "IP: 192.0.2.1")
        assert await worker.tick(local("2026-03-06 16:01")) == 0
        assert await worker.tick(local("2026-03-07 09:00")) == 1
        assert [day for day, *_ in await worker.logs()] == ["2026-03-06", "2026-03-07"]
        entries = await worker.scalars(select(DatabaseLog).where(DatabaseLog.operation_type == "schedule"))
        assert [entry.operation_details for entry in entries] == [
            "Daily statistics at 15:30.",
            "Daily statistics at 09:00.",
        ]
        assert entries[0].user_info == "IP: 192.0.2.1"


async def test_a_change_computes_what_is_due_first_and_loses_no_day(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        # saved between the time itself and the worker's look at it
        with frozen(local("2026-03-06 23:59:02")):
            await change_schedule(worker.db, time(23, 59), True, "admin")
        assert await worker.tick(local("2026-03-06 23:59:30")) == 0
        # nobody was there for two days; somebody saves before the worker has caught up
        with frozen(local("2026-03-09 12:00")):
            await change_schedule(worker.db, time(22, 0), True, "admin")
        # to a time that is over for today, on a day that was not computed yet: at once
        with frozen(local("2026-03-09 18:00")):
            await change_schedule(worker.db, time(8, 0), True, "admin")
        assert await worker.tick(local("2026-03-09 18:01")) == 1
        assert await worker.tick(local("2026-03-10 07:59")) == 0
        assert await worker.tick(local("2026-03-10 08:00")) == 1
        days = [(day, occasion) for day, occasion, *_ in await worker.logs()]
        assert days == [
            ("2026-03-06", "schedule"),
            ("2026-03-07", "missed"),
            ("2026-03-08", "missed"),
            ("2026-03-09", "missed"),
            ("2026-03-10", "schedule"),
        ]
        # switched off, it still computes what is due
        with frozen(local("2026-03-12 09:00")):
            await change_schedule(worker.db, time(8, 0), False, "admin")
        assert [day for day, *_ in (await worker.logs())[5:]] == ["2026-03-11", "2026-03-12"]


async def test_a_run_on_a_day_that_was_computed_by_an_earlier_time(desk):
    """Whoever sets a later time wants figures of then."""
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-05 10:00"))
        with frozen(local("2026-03-06 07:00")):
            await change_schedule(worker.db, time(8, 0), True, "admin")
        assert await worker.tick(local("2026-03-06 08:00")) == 1
        with frozen(local("2026-03-06 09:00")):
            await change_schedule(worker.db, time(10, 0), True, "admin")
        assert await worker.tick(local("2026-03-06 10:00")) == 1


async def test_switched_off_and_on_again(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        with frozen(local("2026-03-06 11:00")):
            off = await change_schedule(worker.db, time(23, 59), False, "admin")
        assert off.next_due is None
        assert await worker.tick(local("2026-03-08 12:00")) == 0
        with frozen(local("2026-03-09 11:00")):
            await change_schedule(worker.db, time(23, 59), True, "admin")
        # what was not wanted while it was off is not caught up
        assert await worker.tick(local("2026-03-09 12:00")) == 0
        assert await worker.tick(local("2026-03-10 00:05")) == 1
        assert [day for day, *_ in await worker.logs()] == ["2026-03-09"]


DST = [
    ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29 03:00"),
    ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25 02:30"),
    ("America/New_York", "2026-03-08", "02:30", "2026-03-08 03:00"),
    ("America/New_York", "2026-11-01", "01:30", "2026-11-01 01:30"),
    ("Asia/Shanghai", "2026-03-29", "02:30", "2026-03-29 02:30"),
]


@pytest.mark.parametrize(("zone", "day", "at", "runs_at"), DST)
async def test_once_on_the_days_on_which_the_clocks_change(install, zone, day, at, runs_at):
    zone = ZoneInfo(zone)
    settings = install(timezone=zone)
    store_tickets(settings, ROWS, as_of=SNAPSHOT)
    changed = date.fromisoformat(day)
    ran: list[datetime] = []
    async with Desk(settings) as worker:
        now = datetime.combine(changed - timedelta(days=1), time(), zone).astimezone(UTC)
        with frozen(now - timedelta(hours=1)):
            await change_schedule(worker.db, time.fromisoformat(at), True, "admin")
        for _ in range(3 * 24 * 4):
            if await worker.tick(now):
                ran.append(now)
            now += timedelta(minutes=15)
        days = [day for day, *_ in await worker.logs()]
    assert days == [str(changed + timedelta(days=n)) for n in (-1, 0, 1)]
    assert ran[1] == datetime.fromisoformat(runs_at).replace(tzinfo=zone).astimezone(UTC)


async def test_many_workers_run_it_once(desk):
    workers = [Desk(desk) for _ in range(5)]
    for day in range(6, 12):
        with frozen(local(f"2026-03-{day:02} 23:59:20")):
            ran = await asyncio.gather(*(run_due(worker.db) for worker in workers))
        assert sorted(ran) == [0, 0, 0, 0, 0 if day == 6 else 1]
    logs = await workers[0].logs()
    assert [day for day, *_ in logs] == [f"2026-03-{day:02}" for day in range(7, 12)]
    for worker in workers:
        await worker.db.dispose()


def test_an_import_that_covers_a_day_computes_it_again(install):
    settings = install(timezone=BERLIN)
    first = "A1,2026-01-05 09:00:00,,open,3 normal,,anna,Printer,North"
    import_rows(settings, first, as_of="2026-01-06 18:00", mode="replace")

    async def ticks():
        async with Desk(settings) as worker:
            await worker.tick(local("2026-01-06 10:00"))
            await worker.tick(local("2026-01-08 23:59"))
            return [await worker.day(f"2026-01-{day:02}") for day in (5, 6, 7, 8)]

    days = asyncio.run(ticks())
    assert [day.provisional for day in days] == [False, True, True, True]
    assert [day.closing_balance for day in days] == [1, 1, 1, 1]
    closed = "A1,2026-01-05 09:00:00,2026-01-06 20:00:00,closed successful,3 normal,,anna,Printer,North"
    later = "B2,2026-01-07 12:00:00,,open,3 normal,,anna,VPN,"
    import_rows(settings, closed, later, as_of="2026-01-08 09:00", mode="replace")

    async def read():
        async with Desk(settings) as worker:
            return [await worker.day(f"2026-01-{day:02}") for day in (5, 6, 7, 8)]

    days = asyncio.run(read())
    assert [day.provisional for day in days] == [False, False, False, True]
    assert [flow(day) for day in days] == [(0, 1, 0, 1), (1, 0, 1, 0), (0, 1, 0, 1), (1, 0, 0, 1)]
    assert {day.snapshot_at for day in days} == {datetime(2026, 1, 8, 9)}


async def test_what_fails_is_logged_with_its_reason_and_done_the_next_day(tmp_path, desk):
    if desk.database_url.startswith("postgresql"):
        refuse = (
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$ "
            "LANGUAGE plpgsql",
            "CREATE TRIGGER refuse BEFORE INSERT ON daily_statistics FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        allow = "DROP TRIGGER refuse ON daily_statistics"
    else:
        refuse = (
            "CREATE TRIGGER refuse BEFORE INSERT ON daily_statistics "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        allow = "DROP TRIGGER refuse"
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        async with worker.db.write() as session:
            for statement in refuse:
                await session.execute(text(statement))
        with frozen(local("2026-03-06 23:59:05")):
            with pytest.raises(Exception, match="the disk is full") as failed:
                await run_due(worker.db)
            await note_failure(worker.db, failed.value)
            assert await run_due(worker.db) == 0
            with pytest.raises(Exception, match="the disk is full"):
                await run_by_hand(worker.db, date(2026, 3, 6), date(2026, 3, 6), occasion="manual", who="me")
        runs = await worker.scalars(select(StatisticsLog).order_by(StatisticsLog.id))
        assert [(run.status, run.occasion) for run in runs] == [("error", "schedule"), ("error", "manual")]
        assert all(run.error_message.startswith("the disk is full") for run in runs)
        async with worker.db.write() as session:
            await session.execute(text(allow))
        assert await worker.tick(local("2026-03-07 23:59")) == 1
        assert (await worker.day("2026-03-06")).closing_balance == 1


async def test_without_any_ticket_a_day_is_zero_and_provisional(install):
    settings = install(timezone=BERLIN)
    async with Desk(settings) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        assert await worker.tick(local("2026-03-07 23:59")) == 2
        row = await worker.day("2026-03-07")
        assert (row.closing_balance, row.provisional, row.snapshot_at) == (0, True, None)
        assert await worker.tick(local("2026-03-08 23:59")) == 1


async def test_deleting_all_tickets_deletes_their_days(desk):
    async with Desk(desk) as worker:
        assert len(await worker.scalars(select(DailyStatistics))) == 5
        await clear(worker.db, address="", user_agent="")
        assert await worker.scalars(select(DailyStatistics)) == []


def test_days_that_were_taken_over_stay_without_links(install):
    """The original knew days of which no ticket is left; their figures stay, before those of the tickets."""
    settings = install(timezone=BERLIN)

    async def rows():
        async with Desk(settings) as worker:
            days = await worker.scalars(select(DailyStatistics).order_by(DailyStatistics.statistic_date))
            return figures(days).rows

    async def take_over():
        async with Desk(settings) as worker, worker.db.write() as session:
            old = {"closing_balance": 40, "opening_balance": 38, "new_tickets": 5, "resolved_tickets": 3}
            days = (date(2025, 12, 31), date(2026, 1, 5))
            values = [{"statistic_date": day, "provisional": False, **old} for day in days]
            await session.execute(insert(DailyStatistics), values)

    asyncio.run(take_over())
    import_rows(
        settings, "A1,2026-01-05 09:00:00,,open,3 normal,,anna,Printer,North", as_of="2026-01-06 18:00"
    )
    before, first, *_ = asyncio.run(rows())
    assert (before.period, before.closing.value, before.closing.filter) == ("2025-12-31", 40, None)
    assert (first.period, first.closing.value) == ("2026-01-05", 1)
    assert first.closing.filter is not None

    async def delete_all():
        async with Desk(settings) as worker:
            await clear(worker.db, address="", user_agent="")

    asyncio.run(delete_all())
    assert [row.period for row in asyncio.run(rows())] == ["2025-12-31"]


async def test_a_run_by_hand_counts_the_days_that_there_are(desk):
    async with Desk(desk) as worker:
        with frozen(local("2026-03-07 12:00")):
            count = await run_by_hand(
                worker.db, date(2026, 2, 1), date(2026, 3, 7), occasion="manual", who="IP: 192.0.2.1"
            )
        assert count == 7
        (run,) = await worker.scalars(select(StatisticsLog))
        assert (run.days, str(run.statistic_date), run.occasion, run.total_open) == (
            7,
            "2026-03-07",
            "manual",
            1,
        )
        (entry,) = await worker.scalars(select(DatabaseLog))
        assert (entry.operation_type, entry.records_affected) == ("daily_statistics", 7)


async def test_a_tick_that_is_not_due_costs_two_queries(desk):
    async with Desk(desk) as worker:
        await worker.tick(local("2026-03-06 10:00"))
        with QueryCounter(worker.db) as queries:
            await worker.tick(local("2026-03-06 10:01"))
    assert len(queries.statements) <= 3


async def test_the_schedule_of_a_new_installation(install):
    settings = install(timezone=BERLIN)
    async with Desk(settings) as worker:
        with frozen(local("2026-03-06 10:00")):
            async with worker.db.read() as session:
                schedule = await daily_schedule(session)
    assert (schedule.schedule_time, schedule.enabled) == ("23:59", True)
    assert schedule.next_due == local("2026-03-06 23:59")


@pytest.mark.parametrize("given", ["", "24:00", "9", "12:60", "ab:cd", "12:5", "١٢:٠٠", "12:00:00", " 12:00"])
def test_times_that_are_none(given):
    with pytest.raises(ValueError, match=r".*"):
        parse_time(given)


@pytest.mark.parametrize(
    ("given", "read"), [("23:59", time(23, 59)), ("7:05", time(7, 5)), ("00:00", time())]
)
def test_times(given, read):
    assert parse_time(given) == read


async def test_a_history_of_two_years_is_filled_in_bulk(install):
    settings = install(timezone=BERLIN)
    begin = datetime(2024, 3, 6)
    rows = [{"created_date": str(begin + timedelta(hours=9 * n))} for n in range(1900)]
    store_tickets(settings, rows, as_of=SNAPSHOT)
    async with Desk(settings) as worker:
        days = await worker.scalars(select(DailyStatistics).order_by(DailyStatistics.statistic_date))
        assert len(days) == 712 + 18
        assert days[0].statistic_date == date(2024, 3, 6)
        with QueryCounter(worker.db) as queries:
            await run_by_hand(worker.db, date(2024, 1, 1), date(2026, 3, 6), occasion="manual", who="me")
    assert len(queries.statements) <= 8
