"""The backup of every day, with a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from otrs_web.backups import daily, folder
from otrs_web.backups.restore import restore
from otrs_web.backups.task import task
from otrs_web.clock import frozen
from otrs_web.database import Database
from otrs_web.database_log import SCHEDULE
from otrs_web.settings import Settings
from tests.backups.support import filled, litter, logged, made

Start = Callable[..., Database]
#: 02:00 in Berlin in winter
DUE = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
async def start(install: Callable[..., Settings]) -> AsyncIterator[Start]:
    """A worker's database; the first look, a day earlier, only notes when the next backup is due."""
    opened: list[Database] = []

    def make(**values: object) -> Database:
        opened.append(Database(filled(install, **values)))
        return opened[-1]

    yield make
    for db in opened:
        await db.dispose()


async def look(db: Database, at: datetime) -> bool:
    with frozen(at):
        return await daily.run(db)


def kinds(db: Database) -> list[str]:
    return [backup.manifest.kind for backup in folder.listing(db.settings)]


async def state(db: Database, at: datetime) -> daily.Daily:
    with frozen(at):
        async with db.read() as session:
            return await daily.state(session, db.settings, folder.listing(db.settings))


async def test_once_a_day_at_its_time(start):
    db = start()
    assert await look(db, DUE - timedelta(hours=11)) is False  # new, and the night of today is over
    assert (await state(db, DUE - MINUTE)).next == DUE
    made_at = [at for n in range(-3, 60) if await look(db, at := DUE + n * MINUTE)]
    assert made_at == [DUE]
    assert kinds(db) == ["daily"]
    assert await look(db, DUE + DAY + MINUTE) is True
    now = await state(db, DUE + DAY + 2 * MINUTE)
    assert now.last == daily.Last(DUE + DAY + MINUTE, None)
    assert (now.next, now.is_late) == (DUE + 2 * DAY, False)


async def test_one_backup_for_many_missed_nights(start):
    db = start()
    await look(db, DUE - DAY)
    later = DUE + 9 * DAY + timedelta(hours=7)
    assert (await state(db, later)).is_late
    assert await look(db, later) is True
    assert await look(db, later + MINUTE) is False
    assert len(folder.listing(db.settings)) == 1


async def test_the_time_is_a_setting(start):
    db = start(backup_time=time(12, 30))
    await look(db, DUE)
    noon = DUE + timedelta(hours=10, minutes=30)
    assert await look(db, noon - MINUTE) is False
    assert await look(db, noon) is True


async def test_switched_off_nothing_is_made(start):
    db = start(backup_time=None)
    for n in range(5):
        assert await look(db, DUE + n * DAY) is False
    assert folder.listing(db.settings) == []
    assert (await state(db, DUE)).next is None


async def test_several_workers_make_one(start):
    first = start()
    await look(first, DUE - DAY)
    others = [Database(first.settings) for _ in range(3)]
    with frozen(DUE):
        made_by = await asyncio.gather(*(daily.run(db) for db in (first, *others)))
    for db in others:
        await db.dispose()
    assert sorted(made_by) == [False, False, False, True]
    assert len(folder.listing(first.settings)) == 1


async def test_a_failed_one_is_seen_and_tried_again_within_the_hour(start):
    db = start()
    await look(db, DUE - DAY)
    blocked = db.settings.backups_dir
    blocked.write_text("a file where the folder must be")
    attempts = [at for n in range(45) if not await look(db, at := DUE + n * MINUTE)]
    assert len(attempts) == 45
    failed = [entry for entry in logged(db.settings) if entry.operation_type == "backup_failed"]
    assert [entry.operation_time for entry in failed] == [DUE, DUE + daily.RETRY]
    assert {entry.user_info for entry in failed} == {SCHEDULE}
    now = await state(db, DUE + 40 * MINUTE)
    assert (now.is_late, now.next) == (True, DUE + 2 * daily.RETRY)
    assert now.last.at == DUE + daily.RETRY
    assert "The disk does not do its work" in str(now.last.fault)
    blocked.unlink()
    made_at = [at for n in range(45, 70) if await look(db, at := DUE + n * MINUTE)]
    assert made_at == [DUE + 2 * daily.RETRY]
    assert not (await state(db, DUE + 65 * MINUTE)).is_late


async def test_one_that_was_killed_is_tried_again(start, monkeypatch):
    db = start()
    await look(db, DUE - DAY)

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patched:
        patched.setattr("otrs_web.backups.service._onto_disk", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            await look(db, DUE)
    assert await look(db, DUE + MINUTE) is False
    assert await look(db, DUE + daily.RETRY) is True


async def test_while_something_else_is_done_it_waits(start):
    db = start()
    await look(db, DUE - DAY)
    with task(db.settings, "verify"):
        assert await look(db, DUE) is False
    assert await look(db, DUE + daily.RETRY) is True


async def test_afterwards_old_ones_are_deleted(start):
    db = start(backup_keep_days=10, backup_keep_at_least=2)
    await look(db, DUE - DAY)
    for days in (30, 20, 5):
        with frozen(DUE - days * DAY):
            made(db.settings)
    await look(db, DUE)
    ages = [(DUE - backup.created_at).days for backup in folder.listing(db.settings)]
    assert ages == [0, 5]
    assert [entry.operation_type for entry in logged(db.settings)][-1] == "backup_cleanup"


async def test_a_restored_log_does_not_hide_the_backups_that_came_later(start):
    db = start()
    await look(db, DUE - DAY)
    with frozen(DUE - MINUTE):
        old = made(db.settings)
    await look(db, DUE)
    with frozen(DUE + MINUTE):
        restore(db.settings, old, who="A test")
    now = await state(db, DUE + 2 * MINUTE)
    assert (now.last, now.next) == (daily.Last(DUE, None), DUE + DAY)


@pytest.mark.parametrize(("day", "due"), [("2026-03-29", "01:00"), ("2026-10-25", "00:00")])
async def test_on_the_days_when_clocks_are_set(start, day, due):
    """02:00 does not exist on the one and comes twice on the other in Berlin."""
    db = start()
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=UTC) - timedelta(hours=2)
    await look(db, midnight)
    made_at = [at for n in range(0, 24 * 60, 20) if await look(db, at := midnight + n * MINUTE)]
    assert made_at == [datetime.fromisoformat(f"{day}T{due}").replace(tzinfo=UTC)]


async def test_what_a_killed_process_left_is_removed_at_the_next_look(start):
    db = start()
    made(db.settings)
    with task(db.settings, "verify") as scratch:
        await look(db, DUE - 2 * DAY)
        assert scratch.is_dir()  # its owner lives
    (db.settings.backups_dir / ".tmp-abc" / "deeper").mkdir(parents=True)
    (db.settings.backups_dir / "half.zip.part").write_bytes(b"half")
    await look(db, DUE - 2 * DAY)
    assert litter(db.settings) == []
    assert len(folder.listing(db.settings)) == 1
