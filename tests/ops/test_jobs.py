"""The jobs themselves: what is queued is found without anybody's help, and a long job shows that it lives."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from otrs_web import jobs
from otrs_web.database import Database, SyncDatabase, migrate
from otrs_web.imports import service
from otrs_web.imports.lock import import_lock
from otrs_web.queue import TicketQueue
from otrs_web.settings import Settings
from tests.ops.queueing import add


@pytest.fixture
async def context(queue: TicketQueue, settings: Settings) -> AsyncIterator[jobs.JobContext]:
    migrate(settings)
    db = Database(settings)
    yield {"settings": settings, "db": db, "tickets": queue, "importing": asyncio.Lock()}  # type: ignore[typeddict-item]
    await db.dispose()


async def accept(context: jobs.JobContext) -> int:
    return await service.accept(
        context["db"], stored_filename="a.csv", filename="a.csv", size_bytes=1, sha256="", mode="replace"
    )


async def test_an_upload_without_a_job_is_taken_up(context: jobs.JobContext) -> None:
    await jobs.tick(context)
    assert await context["tickets"].count("queued") == 0
    await accept(context)
    await jobs.tick(context)
    assert await context["tickets"].count("queued") == 1


async def test_an_import_that_is_alive_is_left_alone(context: jobs.JobContext) -> None:
    await accept(context)
    db = SyncDatabase(context["settings"])
    with import_lock(db):
        await jobs.tick(context)
    db.dispose()
    assert await context["tickets"].count("queued") == 0


async def test_the_job_imports_in_a_process_of_its_own(context: jobs.JobContext) -> None:
    upload = await accept(context)
    uploads = context["settings"].uploads_dir
    uploads.mkdir()
    (uploads / "a.csv").write_text("Ticket Number,State,Created\n1,open,2026-01-05 10:00:00\n")
    context["job"] = await add(context["tickets"], "import_tickets", upload_id=upload)
    await jobs.import_tickets(context, upload_id=upload)
    assert not await service.has_pending(context["db"])


async def test_a_long_job_gives_signs_of_life(queue: TicketQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.3)
    job = await add(queue, "long")
    seen = []
    async with jobs.signs_of_life(job):
        for _ in range(3):
            await asyncio.sleep(0.12)
            stored = await queue.job(job.key)
            assert stored is not None
            seen.append(stored.touched)
    assert sorted(set(seen)) == seen
    await job.refresh()
    last = job.touched
    await asyncio.sleep(0.2)
    await job.refresh()
    assert job.touched == last
