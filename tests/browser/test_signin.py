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


async def test_the_page_of_signing_in_leads_to_where_it_was_asked_for(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/sign-in?next=/settings?saved")
    await page.fill("#sign-in-password", "guessed")
    await page.click("#sign-in button")
    await expect(page.locator("#sign-in")).to_contain_text("The admin password is wrong.")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await page.wait_for_url(f"{desk}/settings?saved")
    await expect(page.locator("#sign-in")).to_contain_text("Signed in as admin until")


async def test_a_session_that_has_ended_is_said_in_the_form(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/settings")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("input[name=auth_password]")).to_have_count(0)
    choice = page.locator("select").first
    await choice.select_option("pending")
    await page.context.clear_cookies()
    await page.click("button >> text=Save")
    await expect(page.locator("#states .message")).to_contain_text("You are no longer signed in as admin")
    await expect(page.locator("#states .message")).to_be_in_viewport()
    assert await choice.input_value() == "pending"
    await expect(page.locator("#states [name=auth_password]")).to_be_visible()
    assert await axe_findings(page) == []
