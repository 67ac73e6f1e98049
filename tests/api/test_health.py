"""Whether the program lives, and whether it can do its work, with a real broker."""

import subprocess
import time
from importlib.metadata import version

import httpx
import pytest

from otrs_web import broker
from otrs_web.app import create_app
from tests.support import make_settings, migrated


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
