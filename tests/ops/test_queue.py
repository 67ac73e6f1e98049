"""The queue and the worker on a real broker: no job is lost, none runs twice, and an end is quick."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from saq import Job
from saq.job import Status

from otrs_web import broker
from otrs_web.queue import TicketQueue, enqueue_import, make_queue
from otrs_web.settings import Settings
from otrs_web.worker import TicketWorker
from tests.ops.queueing import add, running_broker
from tests.ops.site import wait_until


async def test_jobs_that_wait_before_a_worker_starts_run_exactly_once(queue: TicketQueue) -> None:
    for round_ in range(3):
        await queue.redis.flushall()
        ran: list[int] = []

        async def note(_ctx: Any, *, number: int, ran: list[int] = ran) -> None:
            ran.append(number)

        for number in range(40):
            await add(queue, "note", number=number)
        # Sweeping every second where once a minute is usual gives the race sixty times the chance.
        worker = TicketWorker(queue, [("note", note)], concurrency=4, timers={"sweep": 1})
        working = asyncio.create_task(worker.start())
        await asyncio.to_thread(wait_until, lambda ran=ran: len(ran) >= 40)
        await asyncio.sleep(0.2)
        worker.event.set()
        await working
        assert sorted(ran) == list(range(40)), f"round {round_}"
        assert await queue.count("incomplete") == 0


async def test_a_job_between_fetched_and_begun_is_not_swept(queue: TicketQueue) -> None:
    await add(queue, "note")
    job = await queue.dequeue(timeout=1)
    assert job is not None
    sweeping = asyncio.create_task(queue.sweep(lock=1))
    await asyncio.sleep(0.5)
    await job.update(status=Status.ACTIVE)
    assert await sweeping == []
    assert await queue.count("queued") == 0
    await job.finish(Status.COMPLETE)


async def test_a_job_whose_worker_died_before_it_began_is_taken_up_again(queue: TicketQueue) -> None:
    await add(queue, "note", key="lost")
    assert await queue.dequeue(timeout=1) is not None
    assert await queue.sweep(lock=1) == ["saq:job:otrs-web:lost"]
    assert await queue.count("queued") == 1
    assert await queue.count("active") == 0


async def test_a_running_job_without_signs_of_life_is_retried_and_at_last_given_up(
    queue: TicketQueue,
) -> None:
    job = await add(queue, "note", key="dead")
    for attempt in (1, 2, 3):
        fetched = await queue.dequeue(timeout=1)
        assert fetched is not None
        fetched.attempts += 1
        fetched.touched = 1
        await queue.redis.set(job.id, queue.serialize(_active(fetched)))
        await queue.redis.delete(queue.namespace("sweep"))
        assert len(await queue.sweep()) == 1
        assert await queue.count("queued") == (1 if attempt < 3 else 0)
    await job.refresh()
    assert job.status == Status.ABORTED


def _active(job: Job) -> Job:
    job.status = Status.ACTIVE
    return job


async def test_a_job_of_which_only_the_id_is_left_is_cleared_away(queue: TicketQueue) -> None:
    job = await add(queue, "note")
    await queue.dequeue(timeout=1)
    await queue.redis.delete(job.id)
    assert len(await queue.sweep()) == 1
    assert await queue.count("active") == 0
    assert await queue.count("incomplete") == 0


async def test_an_idle_worker_ends_at_once_and_a_busy_one_hands_its_job_back(queue: TicketQueue) -> None:
    begun = asyncio.Event()

    async def endless(_ctx: Any) -> None:
        begun.set()
        await asyncio.sleep(3600)

    worker = TicketWorker(queue, [("endless", endless)], concurrency=2)
    working = asyncio.create_task(worker.start())
    await asyncio.sleep(0.3)
    assert await _seconds_to_end(worker, working) < 2

    job = await add(queue, "endless")
    worker = TicketWorker(queue, [("endless", endless)], concurrency=2, cancellation_hard_deadline_s=1)
    working = asyncio.create_task(worker.start())
    await begun.wait()
    assert await _seconds_to_end(worker, working) < 6
    await job.refresh()
    assert job.status == Status.QUEUED
    assert await queue.count("queued") == 1


async def test_a_job_that_ends_within_the_grace_is_not_handed_back(queue: TicketQueue) -> None:
    begun = asyncio.Event()

    async def short(_ctx: Any) -> None:
        begun.set()
        await asyncio.sleep(0.5)

    job = await add(queue, "short")
    worker = TicketWorker(queue, [("short", short)])
    working = asyncio.create_task(worker.start())
    await begun.wait()
    await _seconds_to_end(worker, working)
    await job.refresh()
    assert job.status == Status.COMPLETE


async def _seconds_to_end(worker: TicketWorker, working: asyncio.Task[None]) -> float:
    begin = time.monotonic()
    worker.event.set()
    await working
    return time.monotonic() - begin


async def test_what_is_queued_outlives_a_broker_that_ends(settings: Settings) -> None:
    with running_broker(settings) as process:
        queue = make_queue(settings)
        await enqueue_import(queue, 7)
        await queue.disconnect()
        process.send_signal(signal.SIGTERM)
        process.wait(5)
    with running_broker(settings):
        queue = make_queue(settings)
        job = await queue.dequeue(timeout=1)
        await queue.disconnect()
    assert job is not None
    assert (job.function, job.kwargs) == ("import_tickets", {"upload_id": 7})
    assert (job.timeout, job.retries) == (0, 3)
    assert job.heartbeat > 0


@pytest.mark.single
async def test_without_a_broker_an_upload_is_no_error_and_asking_for_jobs_does_not_spin(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    queue = make_queue(settings)
    begin = time.monotonic()
    await enqueue_import(queue, 7)
    assert time.monotonic() - begin < 5
    assert "will find what waits by itself" in caplog.text
    begin = time.monotonic()
    assert await queue.dequeue() is None
    assert 1 < time.monotonic() - begin < 6
    await queue.disconnect()


@pytest.mark.single
async def test_nobody_connects_to_the_broker_to_let_go_of_it(settings: Settings) -> None:
    path = broker.socket_path(settings)
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.setblocking(False)
        await make_queue(settings).disconnect()
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_brokers_socket_is_for_its_owner_alone(settings: Settings) -> None:
    with running_broker(settings):
        path = broker.socket_path(settings)
        assert path.parent == settings.broker_dir
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


def test_a_long_data_directory_gets_a_short_socket(short_dir: Path) -> None:
    settings = Settings.from_env({"OTRS_WEB_DATA_DIR": str(short_dir / ("d" * 120))})
    path = broker.socket_path(settings)
    assert len(os.fsencode(path)) <= 107
    other = Settings.from_env({"OTRS_WEB_DATA_DIR": str(short_dir / ("d" * 121))})
    assert broker.socket_path(other) != path
    with running_broker(settings):
        pass
    path.unlink(missing_ok=True)
    path.parent.rmdir()


def test_a_leftover_broker_is_ended_first(settings: Settings) -> None:
    with running_broker(settings) as leftover, running_broker(settings) as fresh:
        assert leftover.wait(5) == 0
        assert fresh.poll() is None


def test_a_directory_of_somebody_else_is_not_trusted(short_dir: Path) -> None:
    settings = Settings.from_env({"OTRS_WEB_DATA_DIR": str(short_dir / "data")})
    settings.data_dir.mkdir()
    (short_dir / "elsewhere").mkdir()
    settings.broker_dir.symlink_to(short_dir / "elsewhere")
    with pytest.raises(broker.BrokerError, match="must be a directory that belongs to"):
        broker.command(settings)


def test_data_that_cannot_be_loaded_are_set_aside(settings: Settings) -> None:
    with running_broker(settings) as process:
        process.send_signal(signal.SIGTERM)
        process.wait(5)
    log = next((settings.broker_dir / "appendonlydir").glob("*.manifest"))
    log.write_text("no manifest at all\n")
    unable = subprocess.run(broker.command(settings), stderr=subprocess.DEVNULL, timeout=5, check=False)
    assert unable.returncode != 0
    aside = broker.set_aside(settings)
    assert aside is not None
    assert (aside / log.name).exists()
    assert broker.set_aside(settings) is None
    with running_broker(settings):
        pass
