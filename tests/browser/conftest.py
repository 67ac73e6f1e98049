"""A real Chromium in front of a real `otrs-web run` with a made-up help desk in it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.page import Visitor
from tests.ops.site import Site, wait_until

PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def desk() -> Iterator[str]:
    """The address of an installation with the sample data; tests share it and change nothing."""
    yield from _running_site(with_demo=True)


@pytest.fixture
def empty_desk() -> Iterator[str]:
    """The address of a new installation, for a test that imports."""
    yield from _running_site(with_demo=False)


def _running_site(*, with_demo: bool) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    site = Site(folder / "data", OTRS_WEB_ADMIN_PASSWORD=PASSWORD)
    site.data_dir.mkdir()
    try:
        if with_demo:
            answer = site.run("demo")
            assert answer.returncode == 0, answer.stdout + answer.stderr
        yield site.start()
        site.stop()
        wait_until(lambda: not site.processes())
    finally:
        site.clean()
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            # a root user in a container has neither a sandbox nor much shared memory
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visitor]:
    """Opens pages with a window, a language and a theme; afterwards the browser may not have complained."""
    visitors: list[Any] = []
    complaints: list[str] = []

    async def open_page(address: str, **options: Any) -> Page:
        context = await browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        )
        visitors.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda sent: None if sent.url.startswith("http://localhost:") else complaints.append(sent.url),
        )
        await page.goto(address)
        return page

    yield open_page
    for context in visitors:
        await context.close()
    # an address that answers with an error, or not at all, is what some tests are about
    expected = ("the server responded with a status of", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    assert [c for c in complaints if not any(words in c for words in expected)] == []
