"""Choosing people: searching, ticking, sharing the address, and every cell leading to its tickets."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.page import Visitor, axe_findings, number, width_beyond_window
from tests.browser.test_analysis import listed

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PEOPLE = "/responsible-stats"


async def chosen(page: Page) -> list[str]:
    return await page.locator("#persons tbody th").all_inner_texts()


async def test_search_tick_show_reload_and_share(desk: str, visit: Visitor) -> None:
    page = await visit(desk + PEOPLE)
    await page.evaluate("window.stayed = true")
    assert len(await chosen(page)) == 12
    await page.fill(".beside .picker-search input", "o'con")
    await expect(page.locator(".beside .picker-values label")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.fill(".beside .picker-search input", "anna")
    await page.check(".beside .picker-values input[value='Anna Lindqvist']")
    await expect(page.locator(".beside .pick")).to_have_count(2)
    await page.click("#show")
    await expect(page.locator("#choice-title")).to_have_text("2 people chosen")
    assert sorted(await chosen(page)) == ["Anna Lindqvist", "Daniel O'Connor"]
    assert "responsible=Anna+Lindqvist" in page.url
    assert await page.evaluate("window.stayed") is True
    address = page.url
    await page.reload()
    assert sorted(await chosen(page)) == ["Anna Lindqvist", "Daniel O'Connor"]
    # the same browser, an address without names
    await page.goto(desk + PEOPLE)
    assert page.url == address
    # another browser, the address with names
    other = await visit(address)
    assert sorted(await chosen(other)) == ["Anna Lindqvist", "Daniel O'Connor"]
    await page.click("#nobody")
    await expect(page.locator(".empty")).to_contain_text("Nobody is chosen")
    await page.go_back()
    await expect(page.locator("#choice-title")).to_have_text("2 people chosen")
    await page.click("#everybody")
    await expect(page.locator("#choice-title")).to_have_text("Everybody")
    await page.goto(desk + PEOPLE)
    assert len(await chosen(page)) == 12


async def test_select_all_and_none(desk: str, visit: Visitor) -> None:
    page = await visit(desk + PEOPLE)
    await page.click(".beside [data-pick-all]")
    await expect(page.locator(".beside .pick")).to_have_count(12)
    await page.click(".beside [data-pick-none]")
    await expect(page.locator(".beside .pick")).to_have_count(0)
    await page.check(".beside .picker-values label:nth-child(2) input")
    await page.keyboard.press("Enter")
    await expect(page.locator("#persons tbody tr")).to_have_count(1)


@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_every_kind_of_cell_leads_to_that_many_tickets(desk: str, visit: Visitor, period: str) -> None:
    page = await visit(f"{desk}{PEOPLE}?period={period}")
    for cell in (
        "#persons tbody tr:nth-child(2) td:nth-child(3) a",
        "#persons tfoot td:nth-child(4) a",
        "#ages tbody tr:nth-child(1) .num a",
        "#periods tbody td.total a >> nth=2",
        "#periods tbody td:nth-child(4) a >> nth=0",
        "#periods tfoot td:nth-child(5) a",
        "#periods tfoot td.total a",
    ):
        await page.goto(f"{desk}{PEOPLE}?period={period}")
        shown = number(await page.inner_text(cell))
        await page.click(cell)
        assert await listed(page) == shown, cell


async def test_bars_are_in_order_and_none_is_drawn_for_nothing(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}{PEOPLE}?people=all&priority=1+very+low&priority=5+very+high")
    opened = [number(n) for n in await page.locator("#ages .num").all_inner_texts()]
    assert opened == sorted(opened, reverse=True)
    assert opened[0] > opened[-1] == 0
    last = page.locator("#ages tbody tr").last.locator("rect")
    await expect(last).to_have_count(1)
    ground = page.locator("#ages tbody tr").first.locator("rect").first
    fill = "element => getComputedStyle(element).fill"
    assert await last.evaluate(fill) == await ground.evaluate(fill)


async def test_rows_and_columns_add_up(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}{PEOPLE}?period=month")
    rows = await page.locator("#periods tbody tr").all()
    table = [[number(n) for n in await row.locator("td").all_inner_texts()] for row in rows]
    foot = [number(n) for n in await page.locator("#periods tfoot td").all_inner_texts()]
    assert all(cells[0] == sum(cells[1:]) for cells in table)
    assert foot == [sum(column) for column in zip(*table, strict=True)]


async def test_periods_and_orders_swap_the_report_alone(desk: str, visit: Visitor) -> None:
    page = await visit(desk + PEOPLE)
    await page.evaluate("window.stayed = true")
    await page.click("#period-month")
    await expect(page.locator("#periods thead th").first).to_have_text("Month")
    await page.click("#order-open")
    await expect(page.locator("#persons th[aria-sort=descending]")).to_contain_text("Open")
    opened = [number(n) for n in await page.locator("#persons tbody td:nth-child(4)").all_inner_texts()]
    assert opened == sorted(opened, reverse=True)
    assert await page.evaluate("window.stayed") is True
    assert re.search(r"period=month.*order=open", page.url)
    await page.go_back()
    await expect(page.locator("#persons th[aria-sort=descending]")).to_contain_text("Closed")


async def test_without_javascript(desk: str, visit: Visitor) -> None:
    page = await visit(desk + PEOPLE, java_script_enabled=False)
    await page.check(".beside .picker-values label:nth-child(1) input")
    await page.check(".beside .picker-values label:nth-child(3) input")
    await page.click("#show")
    await expect(page.locator("#choice-title")).to_have_text("2 people chosen")
    await page.click("#period-week")
    assert await page.locator("#periods tbody tr").count() > 10
    await expect(page.locator("#choice-title")).to_have_text("2 people chosen")


@pytest.mark.parametrize(("width", "language"), [(390, "zh-CN"), (1440, "en")])
async def test_accessible_with_nobody_and_with_a_wide_table(
    desk: str, visit: Visitor, width: int, language: str
) -> None:
    page = await visit(desk + "/", viewport={"width": width, "height": 900}, locale=language)
    for query in ("?people=chosen", "?people=all&period=day", "?responsible=Nobody"):
        await page.goto(desk + PEOPLE + query)
        await page.wait_for_load_state("networkidle")
        assert await axe_findings(page) == [], query
        assert await width_beyond_window(page) <= 0, query
