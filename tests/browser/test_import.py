"""Handing over an export, watching it, and what comes of it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.page import Visitor, axe_findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HEAD = "Ticket Number,Title,Created,Closed,State,Priority,Queue,First Response"
OPEN = "100{n:03},打印机 <b>{n}</b>,2026-02-{d:02} 08:00:00,,open,3 normal,Desk,"
CLOSED = "200{n:03},Mail,2026-02-{d:02} 08:00:00,2026-02-{d:02} 12:00:00,closed successful,4 high,Desk,"


def export(folder: Path, name: str, rows: int = 30) -> Path:
    lines = [(OPEN if n % 3 else CLOSED).format(n=n, d=n % 28 + 1) for n in range(rows)]
    path = folder / name
    path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    return path


async def test_from_the_file_to_the_analysis(empty_desk: str, visit: Visitor, tmp_path: Path) -> None:
    page = await visit(f"{empty_desk}/", locale="zh-CN")
    await expect(page.locator("h1")).to_have_text("看清服务台的每一天")
    await page.set_input_files("#file", export(tmp_path, "ticket_search_2026-03-01_18-18.csv"))
    assert await page.input_value("[data-as-of]") == "2026-03-01T18:18"
    await page.click("[data-start]")
    await page.wait_for_url("**/?upload=1")
    await expect(page.locator("#to-results")).to_be_visible(timeout=20_000)
    await expect(page.locator(".changes dd").first).to_have_text("30")
    assert await axe_findings(page) == []
    await page.reload()
    await page.click("#to-results")
    await expect(page.locator(".card .number").first).to_have_text("30")
    await expect(page.locator(".card .number").nth(1)).to_have_text("20")
    await page.click(".card:nth-child(2) .number a")
    await expect(page.locator(".rows tbody tr")).to_have_count(20)
    await page.click(".rows tbody a >> nth=0")
    await expect(page.locator("h1")).to_contain_text("打印机 <b>")


async def test_the_sample_data_is_one_button_away(empty_desk: str, visit: Visitor) -> None:
    page = await visit(f"{empty_desk}/")
    await page.click("button[form=demo]")
    await page.wait_for_url("**/?upload=1")
    second_tab = await page.context.new_page()
    await second_tab.goto(f"{empty_desk}/?upload=1")
    for tab in (page, second_tab):
        await expect(tab.locator("#to-results")).to_be_visible(timeout=30_000)
    await page.goto(f"{empty_desk}/")
    assert await page.locator("button[form=demo]").count() == 0


async def test_a_file_that_is_no_export_is_refused_in_words(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    wrong = tmp_path / "<i>notes.csv"
    wrong.write_text("Dear all,\nplease find attached nothing.\n")
    page = await visit(f"{empty_desk}/")
    await page.set_input_files("#file", wrong)
    await page.click("[data-start]")
    await page.wait_for_url("**/?upload=1")
    refusal = page.locator("#progress [role=alert]")
    await expect(refusal).to_contain_text("Your data is untouched", timeout=20_000)
    await expect(page.locator("#progress-title")).to_have_text("<i>notes.csv was not imported")
    assert not re.search(r"[a-z]_[a-z]|Traceback|Error", await refusal.inner_text())
    assert await axe_findings(page) == []


async def test_what_cannot_be_sent_is_said_before_it_is(desk: str, visit: Visitor, tmp_path: Path) -> None:
    page = await visit(f"{desk}/")
    empty = tmp_path / "empty.csv"
    empty.touch()
    await page.set_input_files("#file", empty)
    await expect(page.locator("[data-problem]")).to_have_text(re.compile("This file is empty"))
    drop = """names => {
        const data = new DataTransfer();
        for (const name of names) data.items.add(new File(["x"], name));
        const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
        document.querySelector("[data-drop]").dispatchEvent(drop);
    }"""
    await page.evaluate(drop, ["a.csv", "b.csv"])
    await expect(page.locator("[data-problem]")).to_have_text(re.compile("One file at a time"))
    await page.evaluate(drop, ["c.csv"])
    await expect(page.locator("[data-problem]")).to_be_empty()
    await expect(page.locator("[data-chosen]")).to_have_text("c.csv")
    assert page.url == f"{desk}/"


async def test_an_import_without_javascript(empty_desk: str, visit: Visitor, tmp_path: Path) -> None:
    page = await visit(f"{empty_desk}/", java_script_enabled=False)
    await page.set_input_files("#file", export(tmp_path, "plain.csv"))
    await page.check("input[value=incremental]")
    await page.click("[data-start]")
    assert page.url == f"{empty_desk}/?upload=1"
    # the page asks for itself again by itself until the import is over
    await expect(page.locator("#to-results")).to_be_visible(timeout=20_000)
    await page.click("#to-results")
    await expect(page.locator(".card .number").first).to_have_text("30")
