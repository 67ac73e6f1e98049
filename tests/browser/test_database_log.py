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


async def test_on_a_phone_an_entry_is_read_without_scrolling_sideways(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database-log", viewport={"width": 390, "height": 900})
    for cell in await page.locator(".log tbody tr:first-child > *").all():
        box = await cell.bounding_box()
        assert box
        assert 0 < box["x"] < box["x"] + box["width"] <= 390
    box = await page.locator(".log tbody tr").first.bounding_box()
    assert box
    assert box["height"] < 120
    assert await axe_findings(page) == []


async def test_on_a_phone_the_meaning_of_a_state_is_whole(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/settings", viewport={"width": 390, "height": 900})
    for choice in await page.locator(".choices select").all():
        box = await choice.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 390
    assert await axe_findings(page) == []
