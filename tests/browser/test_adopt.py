"""Handing over the original's database file: a refusal appears where the file was chosen and the answer in
the page's place; without JavaScript it works as well."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.adopt.original import build, ticket
from tests.browser.conftest import PASSWORD
from tests.browser.page import Visitor, axe_findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
FORM = "#adopt"
#: a process is started for it, in ms
TIMEOUT = 30_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tickets = [ticket("1"), ticket("2", created=None)]
    return build(tmp_path / "otrs_data.db", otrs_ticket=tickets)


async def hand_over(page: Page, path: Path) -> None:
    await page.set_input_files(f"{FORM} input[type=file]", path)
    await page.fill(f"{FORM} input[name=auth_password]", PASSWORD)
    await page.click(f"{FORM} button")


async def test_a_refusal_appears_where_the_file_was_chosen(desk: str, visit: Visitor, path: Path) -> None:
    page = await visit(f"{desk}/settings?saved")
    await expect(page.locator("main .message-good")).to_be_visible()
    await hand_over(page, path)
    await expect(page.locator("#adopt-refused")).to_contain_text("tickets here already", timeout=TIMEOUT)
    await expect(page.locator("main .message-good")).to_be_hidden()
    await expect(page.locator(f"{FORM} button")).to_be_enabled()
    assert await axe_findings(page) == []


async def test_the_answer_takes_the_page_s_place(empty_desk: str, visit: Visitor, path: Path) -> None:
    page = await visit(f"{empty_desk}/settings")
    await hand_over(page, path)
    await expect(page.locator("main h1")).to_have_text("Data taken over", timeout=TIMEOUT)
    await expect(page.locator("#rail")).to_contain_text("2025-08-27 18:18")
    assert await axe_findings(page) == []
    plain = await visit(f"{empty_desk}/settings", java_script_enabled=False)
    await plain.check(f"{FORM} input[name=replace]")
    await hand_over(plain, path)
    await expect(plain.locator("main")).to_contain_text("Tickets that were here before and were replaced: 2.")
