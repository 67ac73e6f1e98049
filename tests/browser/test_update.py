"""An update from the page: pressed in a browser, followed through its steps while the server begins anew."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.page import Visitor, axe_findings, width_beyond_window
from tests.ops.site import wait_until
from tests.updates.asking import ask, import_state, upload
from tests.updates.desk import NEW, OLD, Desk, Origin
from tests.updates.github_server import GitHubServer, running_github

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "secret-word"
MARK = "A mark of the new version"


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with running_github() as server:
        yield server


@pytest.fixture
def desk(github: GitHubServer) -> Iterator[Desk]:
    """Running at the old version; there is a new one with another title, and one that does not start."""
    folder = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    origin = Origin(folder / "origin")
    title = origin.change("templates/updates/page.html", '<h1>{{ _("Updates") }}</h1>', f"<h1>{MARK}</h1>")
    origin.publish(NEW, title)
    origin.publish_broken("v0.3.0")
    (folder / "desk").mkdir()
    desk = Desk(folder / "desk", origin, APP_UPDATE_API_URL=github.url)
    yield desk
    desk.clean()
    shutil.rmtree(folder)


async def test_from_one_version_to_the_next(desk: Desk, github: GitHubServer, visit: Visitor) -> None:
    github.release(NEW)
    desk.start()
    wait_until(lambda: ask(desk, "/api/update/status")[1]["status"]["latest_version"] == NEW)
    with desk.imports_held():
        waiting = upload(desk, "waiting.csv")
        page = await visit(f"http://localhost:{desk.port}/admin/update")
        await expect(page.locator("#update-title")).to_have_text("Update to 0.2.0")
        assert await axe_findings(page) == []
        await page.fill("#update-steps input[name=auth_password]", "wrong")
        await page.click("#begin-update")
        await expect(page.locator("main")).to_contain_text("The admin password is wrong.")
        assert desk.journal() == {}
        await page.goto(f"http://localhost:{desk.port}/admin/update")
        await page.fill("#update-steps input[name=auth_password]", PASSWORD)
        await page.click("#begin-update")
        await expect(page.locator("#steps-title")).to_have_text("Updating to 0.2.0")
        await expect(page.locator("#step-backup.done")).to_be_visible(timeout=60_000)
        assert await axe_findings(page) == []
        await expect(page.locator("h1")).to_have_text(MARK, timeout=120_000)
        assert import_state(desk, waiting) in {"queued", "running"}
    await expect(page.locator(".steps li.done")).to_have_count(9)
    await expect(page.locator("main")).to_contain_text("Updated from 0.1.1 to 0.2.0.")
    await expect(page.locator("#rail-version")).to_contain_text("0.2.0")
    assert await page.locator("#begin-update").count() == 0
    wait_until(lambda: import_state(desk, waiting) == "done")
    assert desk.version() == NEW[1:]


async def test_a_version_that_does_not_start_without_javascript_on_a_phone(
    desk: Desk, github: GitHubServer, visit: Visitor
) -> None:
    github.release("v0.3.0")
    desk.start()
    wait_until(lambda: ask(desk, "/api/update/status")[1]["status"]["latest_version"] == "v0.3.0")
    options = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
    page = await visit(f"http://localhost:{desk.port}/admin/update", **options)
    await page.fill("#update-steps input[name=auth_password]", PASSWORD)
    await page.click("#begin-update")
    await expect(page.locator("#steps-title")).to_have_text("Updating to 0.3.0")
    wait_until(lambda: not ask(desk, "/api/update/status")[1]["status"]["is_updating"], 120)
    await page.goto(f"http://localhost:{desk.port}/admin/update")
    await expect(page.locator("#step-start")).to_have_class("failed")
    await expect(page.locator(".message-bad")).to_contain_text("did not start")
    await expect(page.locator("#begin-update")).to_be_visible()
    assert ask(desk, "/health/live")[1]["version"] == OLD[1:]
    phone = await visit(
        f"http://localhost:{desk.port}/admin/update",
        locale="zh-CN",
        color_scheme="dark",
        viewport={"width": 390, "height": 844},
    )
    assert await axe_findings(phone) == []
    assert await width_beyond_window(phone) <= 0
