"""An application over a database of its own; a real server where a connection itself is what is tested."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from litestar import Litestar

from otrs_web.app import create_app
from otrs_web.settings import Settings
from tests.support import migrated

PASSWORD = "correct horse"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return migrated(tmp_path, language="en", admin_password=PASSWORD, secret_key="k" * 32, max_upload_mb=1)


@pytest.fixture
def app(settings: Settings) -> Litestar:
    return create_app(settings)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the application without a network, as a script would."""
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # in a task of its own: a fixture is entered and left in different ones
        async with app.lifespan():
            started.set()
            await over.wait()

    life = asyncio.create_task(live())
    await started.wait()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client:
        yield client
    over.set()
    await life


@pytest.fixture
def address(settings: Settings) -> Iterator[tuple[str, int]]:
    """Host and port of the application behind a real server."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=2)
    )
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)
