"""What holds for every page, on every screen, in both languages and themes."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.page import Visitor, axe_findings, headings_cut_off, width_beyond_window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = (
    "/",
    "/results",
    "/results?state=open&priority=3+normal&from=2020-01-01",
    "/database",
    "/database?queue=(none)&open=true",
    "/responsible-stats?people=all&period=week",
    "/responsible-stats?people=chosen",
    "/daily-statistics",
    "/daily-statistics?from=2020-01-01&to=2020-01-31",
    "/tickets",
    "/tickets?columns=all&sort=priority",
    "/tickets?q=no-such-ticket",
    "/uploads",
    "/uploads/1",
    "/database-log",
    "/database-log?kind=upload&kind=backup&from=2026-01-01&q=demo",
    "/settings",
    "/admin/update",
    "/sign-in?next=/settings",
    "/schema",
    "/no-such-page",
    "/tickets?age=old",
)
#: colours go over into each other; charts are drawn anew in the next frames
COLOURS_CHANGED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const changes = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(changes.map((change) => change.finished));
}"""


@pytest.mark.parametrize(("width", "language"), [(390, "zh-CN"), (1440, "en"), (1920, "zh-CN")])
async def test_accessible_and_within_the_window(desk: str, visit: Visitor, width: int, language: str) -> None:
    window = {"width": width, "height": 900}
    page = await visit(f"{desk}/", locale=language, color_scheme="light", viewport=window)
    for path in PAGES:
        await page.emulate_media(color_scheme="light")
        await page.goto(desk + path)
        await page.wait_for_load_state("networkidle")
        assert await axe_findings(page) == [], path
        assert await width_beyond_window(page) <= 0, path
        assert await headings_cut_off(page) == [], path
        assert await page.get_attribute("html", "lang") == language
        await page.emulate_media(color_scheme="dark")
        await page.evaluate(COLOURS_CHANGED)
        assert await axe_findings(page) == [], path


async def test_one_ticket_is_accessible(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?limit=1")
    await page.click(".rows tbody a")
    assert await axe_findings(page) == []
    await expect(page.locator("h1")).to_be_visible()


async def test_language_and_theme_are_chosen_once(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?state=open")
    await page.click("button[name=language][value=zh-CN]")
    assert page.url == f"{desk}/tickets?state=open"
    await expect(page.locator("h1")).to_have_text("工单")
    await page.click("button[name=theme][value=dark]")
    assert await page.get_attribute("html", "data-theme") == "dark"
    await page.wait_for_load_state("networkidle")
    await page.goto(f"{desk}/results")
    assert await page.get_attribute("html", "data-theme") == "dark"
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await page.click("button[name=theme][value=system]")
    await page.wait_for_load_state("networkidle")
    await page.reload()
    assert await page.get_attribute("html", "data-theme") is None


async def test_a_phone_has_its_pages_behind_a_menu(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results", viewport={"width": 390, "height": 800}, has_touch=True)
    link = page.locator(".pages a[href='/tickets']")
    await expect(link).to_be_hidden()
    await page.click(".topbar button")
    await expect(link).to_be_visible()
    assert await axe_findings(page) == []
    await page.keyboard.press("Escape")
    await expect(link).to_be_hidden()
    await page.click(".topbar button")
    await link.click()
    await expect(page).to_have_url(re.compile("/tickets$"))


async def test_keyboard(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "search"
    await page.goto(f"{desk}/results")
    panel = page.locator("details.definition").first
    await panel.locator("summary").click()
    await expect(panel.locator("div")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel.locator("div")).to_be_hidden()
