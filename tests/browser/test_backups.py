"""Backups in a browser: made, verified, downloaded and restored, with JavaScript and without."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.page import Visitor, axe_findings, number, width_beyond_window
from tests.browser.test_database import upload
from tests.browser.test_import import export

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def sign_in(page: Page) -> None:
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("#backups")).to_be_visible()


async def stored(page: Page, desk: str) -> int:
    await page.goto(f"{desk}/database")
    return number(await page.inner_text(".card:nth-child(1) .number"))


async def test_a_backup_is_made_verified_downloaded_and_restored(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    page = await visit(f"{empty_desk}/backups")
    await expect(page.locator("main")).to_contain_text("the list is for admins")
    assert await axe_findings(page) == []
    await sign_in(page)
    await expect(page.locator("#backups")).to_contain_text("There is no backup yet.")
    assert await axe_findings(page) == []
    await page.click("text=Make a backup now")
    await expect(page.locator(".message")).to_contain_text("The backup was made.")
    row = page.locator("#backups tbody tr")
    await expect(row).to_contain_text("by hand")
    await expect(row.locator("td").nth(1)).to_have_text("30")
    await row.locator("button", has_text="Verify").click()
    await expect(page.locator(".message")).to_contain_text("The backup is good")
    await expect(row.locator(".tag")).to_have_text("Verified")
    assert await axe_findings(page) == []
    async with page.expect_download() as started:
        await row.locator("a", has_text="Download").click()
    download = await started.value
    assert re.fullmatch(r"otrs-web-.+\.(sqlite|postgresql)\.zip", download.suggested_filename)
    assert zipfile.ZipFile(await download.path()).testzip() is None

    await upload(empty_desk, export(tmp_path, "second.csv", rows=45))
    assert await stored(page, empty_desk) == 45
    await page.goto(f"{empty_desk}/backups")
    await row.locator("a", has_text="Restore").click()
    await expect(page.locator("main")).to_contain_text("The 45 tickets of now are replaced")
    assert await axe_findings(page) == []
    await page.click("button >> text=Restore")
    await expect(page.locator("h1")).to_contain_text("Restore the backup of")  # the tick is missing
    await page.check("input[name=sure]")
    await page.click("button >> text=Restore")
    await expect(page.locator(".message")).to_contain_text("The backup was restored.")
    await expect(page.locator("#backups tbody")).to_contain_text("before a restore")
    assert await stored(page, empty_desk) == 30


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_without_javascript_on_a_phone(empty_desk: str, visit: Visitor, language: str) -> None:
    window = {"width": 390, "height": 844}
    options = {"java_script_enabled": False, "locale": language, "viewport": window}
    page = await visit(f"{empty_desk}/backups", **options)
    await sign_in(page)
    for _ in range(2):
        await page.click("form[action='/backups/create'] button")
        await expect(page.locator(".message-good")).to_be_visible()
    await expect(page.locator("#backups tbody tr")).to_have_count(2)
    await page.click("#backups tbody tr:first-child form button")
    await expect(page.locator(".message-good")).to_be_visible()
    await page.click("#backups tbody tr:first-child a[href$='/restore']")
    await page.check("input[name=sure]")
    await page.click("main form[action$='/restore'] button")
    await expect(page.locator("#backups tbody tr")).to_have_count(3)
    await page.click("form[action='/backups/clean-up'] button")
    await expect(page.locator(".message-good")).to_be_visible()


async def test_the_page_fits_a_phone(empty_desk: str, visit: Visitor) -> None:
    page = await visit(
        f"{empty_desk}/backups", locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844}
    )
    await sign_in(page)
    await page.click("form[action='/backups/create'] button")
    await expect(page.locator("#backups tbody tr")).to_have_count(1)
    assert await axe_findings(page) == []
    assert await width_beyond_window(page) <= 0
    # nothing of a backup is beyond the edge, where nobody looks for it
    assert await page.evaluate("document.querySelector('.backups').scrollWidth") <= 390
    for part in ("th small", ".tag", "a[href$='/file']", "a[href$='/restore']"):
        box = await page.locator(f"#backups tbody {part}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390, part
    await page.click("#backups tbody a[href$='/restore']")
    assert await axe_findings(page) == []
    assert await width_beyond_window(page) <= 0
