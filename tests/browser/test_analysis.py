"""The analysis and the list: every number leads to its tickets, with and without JavaScript."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.page import Visitor, number

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def listed(page: Page) -> int:
    """How many tickets the list on the page says there are."""
    words = await page.inner_text(".pagination > span")
    found = re.search(r"of ([\d,]+)", words)
    assert found, words
    return number(found[1])


async def test_a_card_and_a_bar_lead_to_that_many_tickets(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results")
    for link in (
        ".card:nth-child(2) .number a",
        "#age tbody tr:last-child a",
        "#state tbody tr:nth-child(2) a",
    ):
        await page.goto(f"{desk}/results")
        shown = number(await page.inner_text(link))
        assert await page.get_attribute(link, "data-count") == str(shown)
        await page.click(link)
        assert await listed(page) == shown


async def test_a_click_on_the_chart_leads_to_that_days_tickets(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results")
    await page.wait_for_selector(".chart-canvas svg")
    box = await page.locator(".chart-canvas").bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
    await expect(page.locator(".chart-canvas svg")).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 150)
    await page.wait_for_url("**/tickets?*open=true*")
    last_day = re.search(r"to=(\d{4}-\d\d-\d\d)", page.url)
    assert last_day
    in_list = await listed(page)
    await page.goto(f"{desk}/results")
    row = page.locator("#daily tbody tr", has_text=last_day[1])
    assert await row.locator("td[data-value]").last.get_attribute("data-value") == str(in_list)


async def test_the_chart_can_be_read_as_a_table(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results")
    await page.wait_for_selector(".chart-canvas svg")
    assert await page.get_attribute(".chart-canvas", "aria-label")
    table = page.locator("#daily table")
    await page.click("[data-chart-table]")
    await expect(table).to_be_in_viewport()
    await expect(page.locator(".chart-canvas")).to_be_hidden()
    await page.click("[data-chart-table]")
    await expect(page.locator(".chart-canvas svg")).to_be_visible()


async def test_sorting_and_paging_change_the_address_and_go_back(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?limit=20")
    await page.evaluate("window.stayed = true")
    await page.click("#sort-priority")
    await expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Priority")
    assert "sort=priority" in page.url
    assert await page.evaluate("document.activeElement.id") == "sort-priority"
    await page.click("#page-2")
    await expect(page.locator(".pagination [aria-current]")).to_have_text("2")
    assert await page.evaluate("window.stayed") is True
    second = await page.inner_text(".rows tbody tr:first-child")
    await page.reload()
    assert await page.inner_text(".rows tbody tr:first-child") == second
    await page.go_back()
    await expect(page.locator(".pagination [aria-current]")).to_have_text("1")
    assert "sort=priority" in page.url


async def test_search_and_chips(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets?state=open&state=new")
    both = await listed(page)
    await page.click(".chip >> nth=0")
    await expect(page.locator(".chip")).to_have_count(1)
    assert await listed(page) < both
    first = await page.inner_text(".rows tbody tr:first-child th")
    await page.fill("#search", first)
    await page.keyboard.press("Enter")
    await expect(page.locator(".chip")).to_have_count(2)
    assert await listed(page) == 1
    assert f"q={first}" in page.url
    await page.click(".chips >> text=Reset")
    assert page.url == f"{desk}/tickets"


async def test_everything_works_without_javascript(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results", java_script_enabled=False)
    assert await page.locator("#daily table").is_visible()
    shown = number(await page.inner_text("#priority tbody tr:nth-child(2) a"))
    await page.click("#priority tbody tr:nth-child(2) a")
    assert await listed(page) == shown
    await page.click("#sort-created_date")
    assert await page.get_attribute("th:has(#sort-created_date)", "aria-sort") == "ascending"
    await page.click(".chip")
    assert await listed(page) > shown
    await page.fill("#search", "printer")
    await page.click("form.search button")
    assert "q=printer" in page.url
    await page.click("button[name=language][value=zh-CN]")
    assert "q=printer" in page.url
    assert await page.inner_text("h1") == "工单"


@pytest.mark.parametrize(("width", "language"), [(1100, "zh-CN"), (1920, "en")])
@pytest.mark.parametrize(
    "path",
    [
        "/results",
        "/database",
        "/database?priority=3+normal&priority=4+high",
        "/responsible-stats?people=all&period=day",
        "/responsible-stats?people=chosen",
    ],
)
async def test_a_page_of_statistics_prints_on_one_page(
    desk: str, visit: Visitor, path: str, width: int, language: str
) -> None:
    page = await visit(desk + path, viewport={"width": width, "height": 900}, locale=language)
    await page.wait_for_load_state("networkidle")
    paper = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    await page.emulate_media(media="print")
    for controls in (".rail", ".filters", "form", ".pagination ul", ".definition", "button", ".few"):
        assert await page.locator(f"{controls}:visible").count() == 0, controls
    await expect(page.locator(".page-line")).to_be_visible()


async def drawn_width(page: Page) -> tuple[int, int]:
    """The width of the chart, and how far to the right its curve goes."""
    width, end = await page.evaluate(
        """() => {
            const drawing = document.querySelector(".chart-canvas svg");
            const ends = [...drawing.querySelectorAll("path")].map((path) => path.getBBox());
            return [Number(drawing.getAttribute("width")), Math.max(...ends.map((box) => box.x + box.width))];
        }"""
    )
    return width, end


@pytest.mark.parametrize("width", [1100, 1440, 1920])
async def test_the_printed_chart_has_all_days_whatever_the_window(
    desk: str, visit: Visitor, width: int
) -> None:
    page = await visit(f"{desk}/results", viewport={"width": width, "height": 900})
    await page.wait_for_selector(".chart-canvas svg")
    on_screen = await drawn_width(page)
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    # paper has another width than the window, and the page notices
    await page.set_viewport_size({"width": 1047, "height": 718})
    await page.evaluate("new Promise((done) => setTimeout(done, 300))")
    paper, end = await drawn_width(page)
    assert paper == 1000
    assert 900 < end <= 1000
    await page.set_viewport_size({"width": width, "height": 900})
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert await drawn_width(page) == on_screen


@pytest.mark.parametrize("width", [390, 1100, 1440, 1920])
async def test_no_date_below_the_chart_is_cut(desk: str, visit: Visitor, width: int) -> None:
    page = await visit(f"{desk}/results", viewport={"width": width, "height": 900})
    await page.wait_for_selector(".chart-canvas svg")
    beyond = await page.evaluate(
        """() => {
            const drawing = document.querySelector(".chart-canvas svg");
            const { left, right } = drawing.getBoundingClientRect();
            return [...drawing.querySelectorAll("text")]
                .map((text) => [text.textContent, text.getBoundingClientRect()])
                .filter(([, box]) => box.left < left || box.right > right)
                .map(([words]) => words);
        }"""
    )
    assert beyond == []


async def test_what_goes_wrong_is_said_and_the_list_stays(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/tickets")
    rows = page.locator(".rows tbody tr")
    shown = await rows.count()
    await page.context.set_offline(True)
    await page.click("#sort-state")
    await expect(page.locator("#messages [role=alert]")).to_contain_text("cannot be reached")
    assert await rows.count() == shown
    await page.context.set_offline(False)
    await page.click("#sort-state")
    await expect(page.locator("#messages")).to_be_empty()
    await page.evaluate(
        "document.querySelector('form.search').insertAdjacentHTML('beforeend', '<input name=age value=old>')"
    )
    await page.click("form.search button")
    await expect(page.locator("#messages [role=alert]")).to_contain_text("age cannot be “old”")
    assert await rows.count() == shown
