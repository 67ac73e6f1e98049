"""The change log in a browser: its filter changes the list in place, and the address with it."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.page import Visitor, axe_findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_filter_search_and_chips_change_the_list_in_place(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database-log")
    await page.evaluate("window.stayed = true")
    rows = page.locator(".log tbody tr")
    await expect(rows.first).to_contain_text("Import")
    await page.click("#filter-kind")
    assert await axe_findings(page) == []
    await page.check("input[name=kind][value=upload]")
    await page.click(".filter[open] button[type=submit]")
    await expect(page.locator(".chip")).to_have_text(re.compile("Kind: Import"))
    assert page.url == f"{desk}/database-log?kind=upload"
    await page.keyboard.press("/")
    await page.keyboard.type("no such thing")
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_contain_text("No change matches.")
    assert page.url == f"{desk}/database-log?kind=upload&q=no+such+thing"
    await page.locator(".chip", has_text="Search").click()
    await expect(rows.first).to_contain_text("Import")
    await page.click("#filter-days")
    await page.click(".presets >> text=Last 7 days")
    await expect(page.locator(".chip")).to_have_count(2)
    assert await page.evaluate("window.stayed") is True
    await page.go_back()
    await expect(page.locator(".chip")).to_have_count(1)


async def test_without_javascript_the_filter_is_a_form(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database-log", java_script_enabled=False)
    await page.click("#filter-kind")
    await page.check("input[name=kind][value=upload]")
    await page.click(".filter[open] button[type=submit]")
    assert page.url == f"{desk}/database-log?kind=upload"
    await expect(page.locator(".log tbody tr").first).to_contain_text("Import")
    await page.click(".chip")
    assert page.url == f"{desk}/database-log"


async def test_on_a_phone_the_time_stays_while_the_rest_is_scrolled(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database-log", viewport={"width": 390, "height": 800})
    time = page.locator(".log tbody th").first
    before = await time.bounding_box()
    await page.locator(".log .table-box").evaluate("box => box.scrollLeft = 300")
    assert await page.locator(".log .table-box").evaluate("box => box.scrollLeft") > 100
    after = await time.bounding_box()
    assert before
    assert after
    assert before["x"] == after["x"]
