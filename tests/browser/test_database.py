"""The page of the database: tickets under the chart, a list in pages, and figures that follow an import."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.page import Visitor, axe_findings, number
from tests.browser.test_analysis import listed
from tests.browser.test_import import export

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_age_opens_its_tickets_below_the_chart(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database")
    link = page.locator("#age tbody tr:last-child a")
    shown = number(await link.inner_text())
    await link.click()
    few = page.locator("#age-details .few")
    await expect(few).to_contain_text(re.compile(rf"1–10 of {shown}\b"))
    assert page.url == f"{desk}/database"
    first = await few.locator("tbody th").first.inner_text()
    await few.locator("button >> text=Next").click()
    await expect(few.locator("tbody th").first).not_to_have_text(first)
    assert await axe_findings(page) == []
    await few.locator("text=Show as a list").click()
    assert await listed(page) == shown


async def test_numbers_lead_to_that_many_tickets(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database")
    for link in (
        ".card:nth-child(1) .number a",
        "#queue tbody tr:nth-child(2) a",
        "#owner tbody tr:nth-child(1) a",
        "#customer tbody tr:nth-child(3) a",
        "#empty-first-response tbody tr:nth-child(1) a",
    ):
        await page.goto(f"{desk}/database")
        shown = number(await page.inner_text(link))
        await page.click(link)
        assert await listed(page) == shown, link


async def test_the_parts_of_the_program_are_shown(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database")
    state = page.locator("#state-of-parts")
    await expect(state).to_contain_text("1 at work")
    await expect(state).to_contain_text("answers")
    assert await state.locator(".tag-failed").count() == 0


async def test_without_javascript_an_age_is_a_plain_link(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/database", java_script_enabled=False)
    shown = number(await page.inner_text("#age tbody tr:last-child a"))
    await page.click("#age tbody tr:last-child a")
    assert await listed(page) == shown
    await page.goto(f"{desk}/database")
    assert "…" not in await page.inner_text("#state-of-parts")
    await page.click("#state-of-parts a")
    await expect(page.locator("#state-of-parts")).to_contain_text("answers")


async def test_tickets_that_were_opened_stay_when_new_data_come(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    page = await visit(f"{empty_desk}/database")
    few = page.locator("#age-details .few")
    link = page.locator("#age a[hx-get]").filter(has_text=re.compile("[1-9]")).last
    query = await link.get_attribute("hx-get")
    await link.click()
    await expect(few).to_be_visible()
    await page.evaluate(
        """() => {
            window.framesWithout = 0;
            const look = () => {
                if (!document.querySelector("#age-details .few")) window.framesWithout += 1;
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    await page.focus("#filter-created")
    await page.evaluate("scrollTo(0, 400)")
    await upload(empty_desk, export(tmp_path, "second.csv", rows=45))
    await expect(page.locator(".card .number").first).to_have_text("45", timeout=20_000)
    now = await page.locator(f"#age a[hx-get='{query}']").inner_text()
    await expect(few.locator(".pagination")).to_contain_text(re.compile(rf"of {now}\b"))
    assert await page.evaluate("[document.activeElement.id, scrollY]") == ["filter-created", 400]
    assert await page.evaluate("window.framesWithout") == 0
    # what the filter bar brings is another question
    await page.click("#filter-created")
    await page.click(".presets >> text=Last 12 months")
    await expect(page.locator(".chip")).to_have_count(2)
    await expect(few).to_have_count(0)


async def test_an_open_page_follows_an_import(empty_desk: str, visit: Visitor, tmp_path: Path) -> None:
    page = await visit(f"{empty_desk}/database")
    await page.evaluate("window.stayed = true")
    await expect(page.locator(".empty")).to_contain_text("No tickets are stored yet")
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    await expect(page.locator(".card .number").first).to_have_text("30", timeout=20_000)
    as_of = page.locator("#rail-as-of")
    await expect(as_of).to_be_visible()
    words = await as_of.inner_text()
    assert f"Data as of {words} (" in await page.inner_text(".page-line")
    await upload(empty_desk, export(tmp_path, "second.csv", rows=45))
    await expect(page.locator(".card .number").first).to_have_text("45", timeout=20_000)
    await expect(page.locator(".chart-canvas svg")).to_be_visible()
    assert await page.evaluate("window.stayed") is True
    assert page.url == f"{empty_desk}/database"


async def upload(desk: str, path: Path) -> None:
    address = desk.replace("localhost", "127.0.0.1")
    content = await asyncio.to_thread(path.read_bytes)
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{address}/upload?wait=60", files={"file": (path.name, content)})
    assert answer.status_code == 200, answer.text
