"""Being told of a newer version in a browser, by a real service that asks a real server at its start."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.page import Visitor, axe_findings, width_beyond_window
from tests.ops.site import Site, wait_until
from tests.updates.github_server import REPO, GitHubServer, running_github

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOTES = """## What is new

- faster, see [the page](https://evil.test/page) <script>alert(1)</script>
- <img src=https://evil.test/pixel.png onerror=alert(1)> and [a trap](javascript:alert(1))

![chart](https://evil.test/chart.png)

| before | now |
|---|--:|
| 5 s | 3 s |

```
a line that is far too long for a phone: otrs-web backup && systemctl restart otrs-web && otrs-web backups
```
"""


@dataclass
class Desk:
    github: GitHubServer
    site: Site
    address: str


@pytest.fixture
def told_desk() -> Iterator[Desk]:
    """A new installation that has asked at its start and found version 98."""
    with running_github() as github:
        github.release("v98.0.0", body=NOTES, name="Autumn <b>98</b>")
        folder = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
        site = Site(folder / "data", APP_UPDATE_REPO=REPO, APP_UPDATE_API_URL=github.url)
        try:
            yield Desk(github, site, site.start())
            site.stop()
            wait_until(lambda: not site.processes())
        finally:
            site.clean()
            shutil.rmtree(folder, ignore_errors=True)


async def told(page: Page) -> Locator:
    """The notice, once the worker has asked and the web process has looked."""
    notice = page.locator("#update-notice")
    for _ in range(80):
        if await notice.count():
            break
        await asyncio.sleep(0.25)
        await page.reload()
    await expect(notice).to_be_visible()
    return notice


async def test_told_until_seen_and_told_again(told_desk: Desk, visit: Visitor) -> None:
    page = await visit(f"{told_desk.address}/settings?saved")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    notice = await told(page)
    await expect(notice).to_contain_text("Version 98.0.0 of otrs-web is available. Autumn <b>98</b>")
    await notice.locator("summary").click()
    await expect(notice.locator(".notes")).to_contain_text("<script>alert(1)</script>")
    assert await notice.locator(".notes :is(script, img, b)").count() == 0
    (link,) = [await a.get_attribute("href") for a in await notice.locator(".notes a").all()]
    assert link == "https://evil.test/page"
    assert await axe_findings(page) == []
    await notice.get_by_role("button").click()
    await expect(notice).to_have_count(0)
    assert page.url == f"{told_desk.address}/settings?saved"
    await page.goto(f"{told_desk.address}/results")
    await expect(page.locator("h1")).to_be_visible()
    await expect(notice).to_have_count(0)
    other = await visit(f"{told_desk.address}/results")
    await expect(other.locator("#update-notice")).to_be_visible()

    told_desk.github.release("v98.1.0")
    await page.goto(f"{told_desk.address}/admin/update")
    await page.click("text=Look now")
    await expect(page.locator("main")).to_contain_text("Version 98.1.0 is available.")
    assert await axe_findings(page) == []
    await page.goto(f"{told_desk.address}/results")
    await told(page)
    await expect(notice).to_contain_text("Version 98.1.0 of otrs-web is available.")
    assert dialogs == []


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh-CN")])
async def test_without_javascript_on_a_phone(
    told_desk: Desk, visit: Visitor, theme: str, language: str
) -> None:
    window = {"width": 390, "height": 844}
    scripted = await visit(f"{told_desk.address}/", color_scheme=theme, locale=language, viewport=window)
    await (await told(scripted)).locator("summary").click()
    assert await axe_findings(scripted) == []
    assert await width_beyond_window(scripted) <= 0
    await scripted.goto(f"{told_desk.address}/admin/update")
    assert await axe_findings(scripted) == []
    assert await width_beyond_window(scripted) <= 0
    page = await visit(
        f"{told_desk.address}/tickets?q=x",
        java_script_enabled=False,
        color_scheme=theme,
        locale=language,
        viewport=window,
    )
    await page.click("#update-notice summary")
    await expect(page.locator("#update-notice .notes")).to_be_visible()
    await page.click("#update-notice button")
    assert page.url == f"{told_desk.address}/tickets?q=x"
    await expect(page.locator("#update-notice")).to_have_count(0)
    await page.goto(f"{told_desk.address}/admin/update")
    await page.click("form[action='/admin/update/check'] button")
    assert page.url == f"{told_desk.address}/admin/update"
    await page.click("form[action='/admin/update/check'] button")
    await expect(page.locator(".message-warn")).to_be_visible()
