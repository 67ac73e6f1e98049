"""What was asked for is written down, without anybody waiting for it."""

import asyncio
from contextlib import AsyncExitStack

from sqlalchemy import select

from otrs_web.database import Database
from otrs_web.models import Statistic
from otrs_web.stats.records import HELD, Records
from tests.stored import change, writers_waiting
from tests.support import migrated, store_tickets

ROWS = [
    {"created_date": "2026-01-10 09:00", "state": "open"},
    {"created_date": "2026-01-11 09:00", "state": "open", "first_response": "2026-01-11 10:00:00"},
    {"created_date": "2026-01-11 09:00", "state": "closed successful", "closed_date": "2026-01-12 09:00"},
]


async def written(db):
    async with db.read() as session:
        return list(await session.scalars(select(Statistic).order_by(Statistic.id)))


async def test_type_counts_and_segment_of_each_question(tmp_path):
    settings = migrated(tmp_path)
    store_tickets(settings, ROWS)
    db = Database(settings)
    records = Records(db)
    records.add("main_analysis", 1, figures={"total_records": 1, "current_open_count": 0})
    records.add("age_details", 2, age_segment="72h")
    assert await written(db) == []
    await records.write()
    first, second = await written(db)
    await db.dispose()
    assert (first.query_type, first.record_count, first.total_records, first.current_open_count) == (
        "main_analysis", 1, 1, 0,
    )  # fmt: skip
    counts = (second.total_records, second.current_open_count, second.empty_firstresponse_count)
    assert (second.query_type, second.record_count, second.age_segment, *counts) == (
        "age_details", 2, "72h", 3, 2, 1,
    )  # fmt: skip
    assert (second.daily_new_count, second.daily_closed_count, second.upload_id) == (3, 1, None)


async def test_while_somebody_else_writes_records_wait(tmp_path):
    settings = migrated(tmp_path)
    db = Database(settings)
    records = Records(db)
    async with AsyncExitStack() as written_down:
        with writers_waiting(settings.database_url):
            await written_down.enter_async_context(records.being_written())
            records.add("main_analysis", 0)
            await asyncio.sleep(0.1)
            assert await written(db) == []
    assert [record.query_type for record in await written(db)] == ["main_analysis"]
    await db.dispose()


async def test_what_cannot_be_written_is_kept_and_does_not_grow_without_end(tmp_path):
    settings = migrated(tmp_path)
    db = Database(settings)
    records = Records(db)
    for number in range(HELD + 5):
        records.add("main_analysis", number)
    change(settings.database_url, "ALTER TABLE statistic RENAME TO elsewhere")
    await records.write()
    change(settings.database_url, "ALTER TABLE elsewhere RENAME TO statistic")
    await records.write()
    found = await written(db)
    await db.dispose()
    assert (len(found), found[0].record_count) == (HELD, 5)


async def test_whoever_has_written_knows_that_all_is_there(tmp_path):
    db = Database(migrated(tmp_path))
    records = Records(db)
    records.add("main_analysis", 0)
    other = asyncio.create_task(records.write())
    await asyncio.sleep(0)  # it has taken what waits
    await records.write()
    assert [record.query_type for record in await written(db)] == ["main_analysis"]
    await other
    await db.dispose()
