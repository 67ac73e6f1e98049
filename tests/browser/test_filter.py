"""Choosing tickets in the filter bar: by mouse, by keyboard, without JavaScript, and on every screen."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.page import Visitor, axe_findings, width_beyond_window
from tests.browser.test_analysis import listed

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUEUE = "Applications::ERP"


def panel(page: Page, name: str) -> str:
    """The selector of a panel."""
    return f".filter:has(#filter-{name})"


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.id || document.activeElement.value"))


async def test_a_choice_changes_the_address_without_a_load_and_goes_back(desk: str, visit: Visitor) -> None:
    for path in ("/tickets", "/results"):
        page = await visit(f"{desk}{path}?open=false")
        await page.evaluate("window.stayed = true")
        await page.click("#filter-queue")
        await page.check(f"{panel(page, 'queue')} input[value='{QUEUE}']")
        await page.click(f"{panel(page, 'queue')} button[type=submit]")
        await expect(page).to_have_url(f"{desk}{path}?queue=Applications%3A%3AERP&open=false")
        await expect(page.locator(".chip")).to_have_count(2)
        await expect(page.locator("#filter-queue")).to_contain_text("1")
        await expect(page.locator(panel(page, "queue"))).not_to_have_attribute("open", "")
        assert await focused(page) == "filter-queue"
        assert await page.evaluate("window.stayed") is True
        chips = await page.locator(".chips").inner_text()
        await page.reload()
        assert await page.locator(".chips").inner_text() == chips
        await page.go_back()
        await expect(page).to_have_url(f"{desk}{path}?open=false")
        await expect(page.locator(".chip")).to_have_count(1)


async def test_days_are_chosen_by_preset_or_by_date(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?sort=title")
    await page.evaluate("window.stayed = true")
    await page.click("#filter-created")
    await page.click(".presets >> text=Last 30 days")
    await expect(page).to_have_url(re.compile(r"from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d&sort=title$"))
    assert await focused(page) == "filter-created"
    await page.click("#filter-created")
    await expect(page.locator(".presets [aria-current] >> text=Last 30 days")).to_be_visible()
    await page.fill("[name=from]", "2026-01-01")
    await page.fill("[name=to]", "")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk}/tickets?from=2026-01-01&sort=title")
    assert await page.evaluate("window.stayed") is True


async def test_a_value_that_cannot_be_is_said_and_the_list_stays(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    rows = await page.locator(".rows tbody tr").count()
    await page.click("#filter-as_of")
    await page.fill("[name=as_of]", "2190-01-01T00:00")
    await page.click(f"{panel(page, 'as_of')} button[type=submit]")
    await expect(page.locator("#messages [role=alert]")).to_contain_text("as_of cannot be")
    assert await page.locator(".rows tbody tr").count() == rows
    assert page.url == f"{desk}/tickets"
    await page.click("#filter-as_of")
    await page.click(".presets >> text=Now")
    await expect(page.locator("#messages")).to_be_empty()
    await expect(page).to_have_url(re.compile("as_of="))


async def test_the_picker_by_keyboard(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    await page.focus("#filter-queue")
    await page.keyboard.press("Enter")
    search = page.locator(f"{panel(page, 'queue')} input[type=search]")
    await expect(search).to_be_focused()
    boxes = page.locator(f"{panel(page, 'queue')} input[type=checkbox]")
    first, second = [str(await boxes.nth(n).get_attribute("value")) for n in (0, 1)]
    await page.keyboard.press("ArrowDown")
    assert await focused(page) == first
    await page.keyboard.press("ArrowDown")
    assert await focused(page) == second
    await page.keyboard.press("Space")
    await expect(page.locator(".pick")).to_have_text(second)
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(search).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(search).to_be_hidden()
    assert await focused(page) == "filter-queue"
    await page.keyboard.press("Enter")
    await expect(search).to_be_focused()
    await expect(page.locator(".pick")).to_have_count(0)
    for key in ("ArrowDown", "ArrowDown", "Space", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator(".chip b")).to_have_text(second)
    assert await focused(page) == "filter-queue"


async def test_a_search_asks_the_server_and_keeps_what_is_ticked(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?open=true")
    await page.click("#filter-queue")
    box = panel(page, "queue")
    await page.click(f"{box} [data-pick-all]")
    await expect(page.locator(f"{box} .pick")).to_have_count(8)
    await page.click(f"{box} [data-pick-none]")
    await expect(page.locator(f"{box} .pick")).to_have_count(0)
    await page.check(f"{box} input[value='{QUEUE}']")
    async with page.expect_response(lambda answer: "/filter/values" in answer.url) as asked:
        await page.locator(f"{box} input[type=search]").press_sequentially("WORK", delay=20)
    assert "search=WORK" in (await asked.value).url
    assert "open=true" in (await asked.value).url
    values = page.locator(f"{box} .options span")
    await expect(values).to_have_count(4)
    found = await values.all_inner_texts()
    assert found[-1] == QUEUE
    assert all("work" in value.lower() for value in found[:-1])
    await expect(page.locator(f"{box} .pick")).to_have_text(QUEUE)
    assert page.url == f"{desk}/tickets?open=true"
    await page.check(f"{box} .options label:nth-child(2) input")
    await page.locator(f"{box} input[type=search]").fill("nothing like that")
    await expect(values).to_have_count(2)
    await page.locator(f"{box} .pick:not([data-value='{QUEUE}'])").click()
    await expect(page.locator(f"{box} .pick")).to_have_text(QUEUE)
    await expect(page.locator(box)).to_have_attribute("open", "")
    await page.focus(f"{box} input[type=search]")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk}/tickets?queue=Applications%3A%3AERP&open=true")


async def test_a_panel_that_closes_without_being_applied_is_as_it_was(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?queue=Applications::ERP&from=2026-01-01")
    box = panel(page, "queue")
    boxes = page.locator(f"{box} .options input")
    offered = await boxes.evaluate_all("boxes => boxes.map((box) => [box.value, box.checked])")
    await page.click("#filter-queue")
    await page.click(f"{box} [data-pick-all]")
    await page.fill(f"{box} input[type=search]", "work")
    await expect(boxes.first).not_to_have_value(QUEUE)
    await page.uncheck(f"{box} input[value='{QUEUE}']")
    await expect(page.locator("[data-touched]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-touched]")).to_have_count(0)
    assert await boxes.evaluate_all("boxes => boxes.map((box) => [box.value, box.checked])") == offered
    await page.click("#filter-queue")
    await expect(page.locator(f"{box} .pick")).to_have_text(QUEUE)
    await expect(page.locator(f"{box} input[type=search]")).to_have_value("")
    # what is still being searched for when the panel closes does not get into it
    await page.locator(f"{box} input[type=search]").press_sequentially("work")
    await page.click("#filter-created")
    await page.fill("[name=from]", "2026-05-05")
    await page.evaluate("new Promise((done) => setTimeout(done, 600))")
    assert await boxes.count() == len(offered)
    await page.click("h1")
    await expect(page.locator("[name=from] >> nth=0")).to_have_value("2026-01-01")
    # the same search again is a new one
    await page.click("#filter-queue")
    await page.fill(f"{box} input[type=search]", "work")
    await expect(boxes).not_to_have_count(len(offered))
    await page.check(f"{box} .options label:nth-child(1) input")
    await page.click(f"{box} button[type=submit]")
    await expect(page.locator(".chip")).to_have_count(3)


async def test_what_a_search_finds_is_in_sight_however_many_are_ticked(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/responsible-stats?people=all")
    await page.click(".beside [data-pick-all]")
    await page.uncheck(".beside .picker-values input[value='Jonas Meyer']")
    await page.fill(".beside .picker-search input", "jonas")
    await expect(page.locator(".beside .picker-values input").first).to_have_value("Jonas Meyer")
    await expect(page.locator(".beside .picker-values input:checked")).to_have_count(11)
    await page.check(".beside .picker-values input >> nth=0")
    await page.click("#show")
    await expect(page.locator("#choice-title")).to_have_text("12 people chosen")


async def test_one_panel_at_a_time_and_a_click_beside_it_closes_it(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    await page.click("#filter-queue")
    await page.click("#filter-state")
    await expect(page.locator(".filter[open]")).to_have_count(1)
    await page.click("h1")
    await expect(page.locator(".filter[open]")).to_have_count(0)


async def test_the_bar_works_without_javascript(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?open=false&sort=title", java_script_enabled=False)
    await page.click("#filter-queue")
    box = panel(page, "queue")
    await expect(page.locator(f"{box} input[type=search]")).to_be_hidden()
    shown = int((await page.inner_text(f"{box} label:has(input[value='{QUEUE}']) small")).replace(",", ""))
    await page.check(f"{box} input[value='{QUEUE}']")
    await page.click(f"{box} button[type=submit]")
    assert await listed(page) == shown
    assert "sort=title" in page.url
    await page.click("#filter-created")
    await page.click(".presets >> text=This year")
    assert "queue=" in page.url
    await page.click("#filter-as_of")
    await page.fill("[name=as_of]", "2026-10-01T12:00")
    await page.click(f"{panel(page, 'as_of')} button[type=submit]")
    await expect(page.locator(".chip")).to_have_count(5)
    await page.click(".chips >> text=Reset")
    assert page.url == f"{desk}/tickets?sort=title"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [390, 1000, 1440])
async def test_panels_are_accessible_and_within_the_window(
    desk: str, visit: Visitor, width: int, language: str, theme: str
) -> None:
    window = {"width": width, "height": 844}
    query = "?queue=Applications::ERP&queue=(none)&state=open"
    page = await visit(f"{desk}/tickets{query}", locale=language, color_scheme=theme, viewport=window)
    for name in ("created", "queue", "customer_id", "owner", "as_of"):
        await page.click(f"#filter-{name}")
        opened = page.locator(f"{panel(page, name)} .filter-panel")
        await expect(opened).to_be_visible()
        assert await width_beyond_window(page) <= 0
        edges = await opened.bounding_box()
        assert edges
        assert edges["x"] >= 0
        assert edges["x"] + edges["width"] <= width
        if width == 390:
            assert edges["width"] == width
            assert edges["y"] + edges["height"] == 844
        if name in ("created", "queue", "as_of"):
            assert await axe_findings(page) == [], name
        await page.keyboard.press("Escape")
        await expect(opened).to_be_hidden()


async def test_on_a_phone_a_touch_beside_the_sheet_closes_it(desk: str, visit: Visitor) -> None:
    for script in (True, False):
        page = await visit(
            f"{desk}/tickets",
            viewport={"width": 390, "height": 844},
            has_touch=True,
            java_script_enabled=script,
        )
        await page.click("#filter-queue")
        await expect(page.locator(".filter[open]")).to_have_count(1)
        await page.touchscreen.tap(200, 40)
        await expect(page.locator(".filter[open]")).to_have_count(0)


async def test_the_bar_is_not_printed_but_what_is_chosen_is(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?queue=Applications::ERP")
    await page.emulate_media(media="print")
    await expect(page.locator(".filters")).to_be_hidden()
    await expect(page.locator(".chip")).to_be_visible()


async def test_a_panel_that_is_quickly_closed_and_opened_again_forgets_too(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    await page.click("#filter-queue")
    await page.check(f"{panel(page, 'queue')} label:nth-child(2) input")
    await expect(page.locator(".pick")).to_have_count(1)
    # both in one turn: the browser tells of them with a single event
    await page.evaluate(
        "for (const open of [false, true]) document.querySelector('#filter-queue').parentElement.open = open"
    )
    await expect(page.locator(".pick")).to_have_count(0)
    await expect(page.locator("[data-touched]")).to_have_count(0)
