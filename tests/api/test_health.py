"""Whether the program lives, and whether it can do its work, with a real broker."""

import asyncio
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from importlib.metadata import version

import httpx
import pytest
from sqlalchemy import text

from otrs_web import broker
from otrs_web.app import create_app
from otrs_web.health import FULL_BYTES, LOW_BYTES, Disk, disk_part
from otrs_web.queue import make_queue
from tests.support import QueryCounter, make_settings, migrated


@pytest.fixture
def running(short_dir):
    """Settings of an installation whose broker runs."""
    settings = migrated(short_dir, language="en", admin_password="x", secret_key="k" * 32)
    process = subprocess.Popen(broker.command(settings))
    while not broker.answers(broker.socket_path(settings)):
        assert process.poll() is None
        time.sleep(0.02)
    yield settings
    process.terminate()
    process.wait(10)


def connect(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test")


async def close(app):
    await app.state.queue.disconnect()
    await app.state.db.dispose()


async def test_ready_means_database_and_broker_answer(running):
    app = create_app(running)
    async with connect(app) as client:
        answer = (await client.get("/health/ready")).json()
        assert {name: answer[name] for name in ("status", "database", "broker")} == {
            "status": "ok",
            "database": "ok",
            "broker": "ok",
        }
        assert (await client.get("/health/live")).json() == {"status": "ok", "version": version("otrs-web")}
    await close(app)


async def test_an_upload_gives_the_worker_something_to_do(running):
    app = create_app(running)
    async with connect(app) as client:
        assert await app.state.queue.count("queued") == 0
        answer = await client.post(
            "/upload", files={"file": ("a.csv", b"Ticket Number,Created\n1,2026-01-01\n")}
        )
        assert answer.status_code == 202
        assert await app.state.queue.count("queued") == 1
    await close(app)


async def test_without_a_broker_it_lives_but_is_not_ready_and_still_takes_uploads(client):
    assert (await client.get("/health/live")).status_code == 200
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    body = answer.json()
    assert (body["success"], body["database"], body["broker"]) == (False, "ok", "unreachable")
    assert "broker" in body["error"]
    assert (await client.post("/upload", files={"file": ("a.csv", b"x")})).status_code == 202


async def test_without_a_database_it_is_not_ready(tmp_path):
    app = create_app(make_settings(tmp_path, language="en", database_url=f"sqlite:///{tmp_path}/none/x.db"))
    async with connect(app) as client:
        body = (await client.get("/health/ready")).json()
        assert (body["status"], body["database"]) == (503, "unreachable")
        answer = await client.get("/tickets.json")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    await close(app)


@contextmanager
def stopped(pid):
    """Meanwhile the process is there, takes what is sent to it, and says nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def parts(client):
    body = (await client.get("/health/ready")).json()
    return {name: part["state"] for name, part in body["parts"].items()}


async def test_each_part_has_a_state_a_sentence_and_figures(running):
    app, queue = create_app(running), make_queue(running)
    async with connect(app) as client:
        body = (await client.get("/health/ready", headers={"accept-language": "en"})).json()
        assert set(body["parts"]) == {"database", "broker", "worker", "disk"}
        assert body["parts"]["worker"]["state"] == "failed"
        assert body["parts"]["worker"]["message"].startswith("No worker is running.")
        assert body["parts"]["disk"]["free_bytes"] > 0
        chinese = (await client.get("/health/ready", headers={"cookie": "lang=zh-CN"})).json()
        assert "后台进程" in chinese["parts"]["worker"]["message"]
        await queue.worker_info("w1", queue_key=queue.name, metadata=None, ttl=60)
        body = (await client.get("/health/ready")).json()
        assert (body["parts"]["worker"]["state"], body["parts"]["worker"]["workers"]) == ("ok", 1)
    await queue.disconnect()
    await close(app)


async def test_a_broker_that_several_web_processes_share_takes_none_of_them_out(tmp_path):
    app = create_app(migrated(tmp_path, language="en", queue_url="redis://127.0.0.1:1/0"))
    async with connect(app) as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["broker"]) == (
            200,
            "ok",
            "unreachable",
        )
        assert answer.json()["parts"]["broker"]["state"] == "failed"
        assert answer.json()["parts"]["worker"]["state"] == "degraded"
    await close(app)


async def test_whether_it_lives_is_asked_of_nobody(client, app):
    with QueryCounter(app.state.db) as queries:
        assert (await client.get("/health/live")).status_code == 200
    assert queries.statements == []


async def test_a_broker_that_hangs_is_away_within_seconds(running):
    app = create_app(running)
    pid = await broker_of(app)
    async with connect(app) as client:
        assert (await parts(client))["broker"] == "ok"
        with stopped(pid):
            began = time.monotonic()
            asked = (client.get(path) for path in ["/metrics", *["/health/ready"] * 20])
            scrape, *answers = await asyncio.gather(*asked)
            assert scrape.status_code == 200
            assert {answer.status_code for answer in answers} == {503}
            assert time.monotonic() - began < 5
        until = time.monotonic() + 10
        while (await parts(client))["broker"] != "ok":
            assert time.monotonic() < until
    await close(app)


async def broker_of(app):
    return int((await app.state.queue.redis.info())["process_id"])


async def test_a_database_that_hangs_is_away_within_seconds(postgres_url, tmp_path):
    app = create_app(make_settings(tmp_path, language="en", database_url=postgres_url))
    async with app.state.db.read() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    async with connect(app) as client:
        with stopped(pid):
            began = time.monotonic()
            answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
            assert {answer.json()["database"] for answer in answers} == {"unreachable"}
            assert {answer.status_code for answer in answers} == {503}
            assert (await client.get("/health/live")).status_code == 200
            # those who ask again do not wait in vain, each behind a connection of its own
            assert app.state.db.engine.pool.checkedout() <= 2
            assert time.monotonic() - began < 5
        until = time.monotonic() + 10
        while (await parts(client))["database"] != "ok":
            assert time.monotonic() < until
    await close(app)


@pytest.mark.parametrize(
    ("free", "max_upload_mb", "state"),
    [
        (0, 200, "failed"),
        (FULL_BYTES - 1, 200, "failed"),
        (FULL_BYTES, 200, "degraded"),
        (LOW_BYTES - 1, 200, "degraded"),
        (LOW_BYTES, 200, "ok"),
        (2999 << 20, 1000, "degraded"),
        (3000 << 20, 1000, "ok"),
    ],
)
def test_there_is_to_be_room_for_three_uploads_and_a_gigabyte(free, max_upload_mb, state):
    part = disk_part(Disk(free, 1 << 40), max_upload_mb)
    assert part.state == state
    assert part.figures["free_bytes"] == free


def test_a_data_directory_that_cannot_be_seen_is_a_failure():
    assert disk_part(None, 200).state == "failed"
