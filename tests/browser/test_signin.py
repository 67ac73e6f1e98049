"""Signing in on a page: it stays where it is, with what was typed, and its forms no longer ask."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.page import Visitor, axe_findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_signing_in_and_out_changes_the_page_in_place(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/settings")
    await page.evaluate("window.stayed = true")
    strip, fields = page.locator("#sign-in"), page.locator("input[name=auth_password]")
    asked = await fields.count()
    assert asked > 0
    choice = page.locator("select").first
    await choice.select_option("pending")
    await strip.locator("input[type=password]").fill("guessed")
    await strip.locator("button").click()
    await expect(strip).to_contain_text("The admin password is wrong.")
    assert await axe_findings(page) == []
    await strip.locator("input[type=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(strip).to_contain_text(re.compile(r"Signed in as admin until \d\d:\d\d"))
    await expect(fields).to_have_count(0)
    assert await choice.input_value() == "pending"
    assert await axe_findings(page) == []
    await strip.locator("button", has_text="Sign out").click()
    await expect(fields).to_have_count(asked)
    assert await choice.input_value() == "pending"
    assert await page.evaluate("window.stayed") is True
    assert page.url == f"{desk}/settings"


async def test_without_javascript_the_form_leads_back(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/settings?saved", java_script_enabled=False)
    await page.fill("#sign-in-password", "guessed")
    await page.click("#sign-in button")
    await expect(page.locator("#sign-in")).to_contain_text("The admin password is wrong.")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    assert page.url == f"{desk}/settings?saved"
    await expect(page.locator("#sign-in")).to_contain_text("Signed in as admin until")
    await page.click("#sign-in button")
    assert page.url == f"{desk}/settings?saved"
    await expect(page.locator("#sign-in-password")).to_be_visible()


async def test_a_session_that_has_ended_leads_to_signing_in(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/settings")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("input[name=auth_password]")).to_have_count(0)
    await page.context.clear_cookies()
    await page.click("button >> text=Save")
    await expect(page.locator(".error-page")).to_contain_text("You are no longer signed in as admin")
    await page.click(".error-page a >> text=Sign in")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("#sign-in")).to_contain_text("Signed in as admin until")
    await page.click("text=Continue")
    assert page.url == f"{desk}/settings"


async def test_charts_stay_drawn_while_the_page_follows(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/daily-statistics")
    charts = page.locator(".chart-canvas svg")
    await expect(charts.first).to_be_visible()
    drawn = await charts.count()
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("#sign-in")).to_contain_text("Signed in as admin until")
    await expect(charts).to_have_count(drawn)
    await expect(charts.first).to_be_visible()
