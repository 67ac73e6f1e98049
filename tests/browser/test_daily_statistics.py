"""The daily statistics: ranges, charts that lead to tickets, the schedule signed in and not, runs and their
log, on an open page and without JavaScript."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.page import Visitor, axe_findings, number, width_beyond_window
from tests.browser.test_analysis import listed
from tests.browser.test_database import upload
from tests.browser.test_import import export

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DAILY = "/daily-statistics"


async def run_now(desk: str, **days: str) -> None:
    async with httpx.AsyncClient() as client:
        body = {"auth_password": PASSWORD, **days}
        answer = await client.post(f"{desk}/api/calculate-daily-stats", json=body)
        assert answer.status_code == 200, answer.text


async def day_at(page: Page, chart: str, right: float, down: float) -> str:
    """Move to this share of a chart's width and height; the day of the tooltip there."""
    canvas = page.locator(f"#{chart} .chart-canvas")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * down)
    tooltip = canvas.locator("text", has_text=re.compile(r"^\d{4}-\d\d-\d\d$")).last
    await expect(canvas.locator("svg")).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    await page.wait_for_timeout(100)
    return await tooltip.text_content() or ""


async def click_at(page: Page, chart: str, right: float, down: float) -> None:
    box = await page.locator(f"#{chart} .chart-canvas").bounding_box()
    assert box
    await page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)
    await page.wait_for_url("**/tickets?*")


async def cells(page: Page, chart: str, day: str) -> dict[str, int]:
    """The figures of a day in the table below a chart, by series."""
    names = await page.locator(f"#{chart} thead th").evaluate_all("heads => heads.map(h => h.dataset.series)")
    row = page.locator(f"#{chart} tbody tr", has=page.locator("th", has_text=day))
    values = await row.locator("td").evaluate_all("cells => cells.map(c => Number(c.dataset.value))")
    return dict(zip(names[1:], values, strict=True))


@pytest.mark.parametrize(
    ("chart", "right", "down", "series"),
    [
        ("flow", 0.4, 0.3, "closing"),
        ("flow", 0.7, 0.75, "closing"),
        ("aging", 0.5, 0.35, "age_gt_96h"),
    ],
)
async def test_a_click_on_a_chart_leads_to_the_tickets_of_that_day(
    desk: str, visit: Visitor, chart: str, right: float, down: float, series: str
) -> None:
    page = await visit(desk + DAILY)
    await page.wait_for_selector(f"#{chart} .chart-canvas svg")
    day = await day_at(page, chart, right, down)
    expected = (await cells(page, chart, day))[series]
    await click_at(page, chart, right, down)
    assert await listed(page) == expected
    assert f"to={day}" in page.url


async def test_a_click_beside_a_bar_leads_to_its_tickets(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}{DAILY}?from=2020-01-01")
    await page.wait_for_selector("#turnover .chart-canvas svg")
    days = await page.locator("#days tbody th").all_inner_texts()
    known = {day: await cells(page, "turnover", day) for day in days[1:15]}
    # a day whose two bars differ, so that neither can be taken for the other
    last, figures = next(pair for pair in known.items() if pair[1]["new"] != pair[1]["resolved"])
    for right, series in ((0.4, "new"), (0.6, "resolved")):
        await page.goto(f"{desk}{DAILY}?from={last}&to={last}")
        await page.wait_for_selector("#turnover .chart-canvas svg")
        await page.locator("#turnover").scroll_into_view_if_needed()
        if figures[series]:
            await click_at(page, "turnover", right, 0.4)
            assert await listed(page) == figures[series]


async def test_the_legend_hides_a_series_and_the_tooltip_names_all(desk: str, visit: Visitor) -> None:
    page = await visit(desk + DAILY)
    await page.wait_for_selector("#aging .chart-canvas svg")
    day = await day_at(page, "aging", 0.5, 0.5)
    drawing = page.locator("#aging .chart-canvas svg")
    figures = await cells(page, "aging", day)
    await expect(drawing).to_contain_text(f"Together  {sum(figures.values())}")
    await page.mouse.move(0, 0)
    await drawing.locator("text", has_text="≥ 96 h").first.click()
    await day_at(page, "aging", 0.5, 0.5)
    rest = sum(n for name, n in figures.items() if name != "age_gt_96h")
    await expect(drawing).to_contain_text(f"Together  {rest}")


async def test_charts_can_be_read_as_tables(desk: str, visit: Visitor) -> None:
    page = await visit(desk + DAILY)
    for chart in ("flow", "aging", "turnover"):
        await page.wait_for_selector(f"#{chart} .chart-canvas svg")
        assert await page.get_attribute(f"#{chart} .chart-canvas", "aria-label")
        await page.click(f"#{chart} [data-chart-table]")
        await expect(page.locator(f"#{chart} .chart-canvas")).to_be_hidden()
        await expect(page.locator(f"#{chart} tbody a").first).to_have_attribute("tabindex", "0")
    await page.click("#flow [data-chart-table]")
    await expect(page.locator("#flow .chart-canvas svg")).to_be_visible()


async def test_ranges_swap_the_report_alone(desk: str, visit: Visitor) -> None:
    page = await visit(desk + DAILY)
    await page.evaluate("window.stayed = true")
    rows = page.locator("#days tbody tr")
    await expect(rows).to_have_count(30)
    await page.fill("#run [name=from]", "2026-01-02")
    await page.click(".range >> text=Last 7 days")
    await expect(rows).to_have_count(7)
    await expect(page.locator(".range [aria-current]")).to_have_text("Last 7 days")
    await expect(page.locator(".charts .chart-canvas svg")).to_have_count(3)
    assert "from=" in page.url
    first = await page.input_value("#range-from")
    await page.fill("#range-to", first)
    await page.click("#range-apply")
    await expect(rows).to_have_count(1)
    assert page.url == f"{desk}{DAILY}?from={first}&to={first}"
    assert await page.input_value("#run [name=from]") == "2026-01-02"
    assert await page.evaluate("window.stayed") is True
    await page.fill("#range-to", "2020-01-01")
    await page.click("#range-apply")
    await expect(page.locator("#messages")).to_contain_text("Until cannot be “2020-01-01”")
    await expect(rows).to_have_count(1)
    await page.go_back()
    await expect(rows).to_have_count(7)


async def test_every_kind_of_number_leads_to_that_many_tickets(desk: str, visit: Visitor) -> None:
    page = await visit(desk + DAILY)
    for link in (
        ".card:nth-child(1) .number a",
        ".card:nth-child(2) .number a",
        ".card:nth-child(3) .number a",
        *(f"#days tbody tr:nth-child(10) td:nth-child({column}) a" for column in range(2, 11)),
    ):
        await page.goto(desk + DAILY)
        if await page.locator(link).count():
            shown = number(await page.inner_text(link))
            await page.click(link)
            assert await listed(page) == shown, link


async def test_the_schedule_changes_signed_in_and_with_the_password_alone(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    page = await visit(empty_desk + DAILY)
    state = page.locator("#schedule-state")
    await expect(state).to_contain_text("Every day at 23:59 (Europe/Berlin)")
    # not signed in, and with a wrong password
    await page.fill("#schedule [name=schedule_time]", "05:15")
    await page.click("#schedule button")
    assert await page.evaluate("document.querySelector('#schedule').checkValidity()") is False
    await page.fill("#schedule [name=auth_password]", "guessed")
    await page.click("#schedule button")
    await expect(page.locator("#schedule .message")).to_contain_text("The admin password is wrong.")
    await expect(page.locator("#schedule .message")).to_be_in_viewport()
    await expect(state).to_contain_text("23:59")
    assert await page.input_value("#schedule [name=auth_password]") == ""
    # not signed in, with the right one
    assert await page.input_value("#schedule [name=schedule_time]") == "05:15"
    await page.fill("#schedule [name=auth_password]", PASSWORD)
    await page.click("#schedule button")
    await expect(page.locator("#schedule .message")).to_contain_text("Saved")
    await expect(state).to_contain_text(re.compile(r"Every day at 05:15\D+Next: \d{4}-\d\d-\d\d 05:15"))
    # signed in, in place
    await page.click("#flow [data-chart-table]")
    await page.uncheck("#schedule [name=enabled]")
    await page.fill("#sign-in-password", PASSWORD)
    await page.click("#sign-in button")
    await expect(page.locator("input[name=auth_password]")).to_have_count(0)
    await expect(page.locator("#flow [data-chart-table]")).to_be_visible()
    await expect(page.locator(".charts .chart-canvas svg")).to_have_count(3)
    await expect(page.locator("#schedule [name=enabled]")).not_to_be_checked()
    assert await axe_findings(page) == []
    await page.click("#schedule button")
    await expect(state).to_contain_text("Switched off")
    await expect(page.locator("#schedule [name=enabled]")).not_to_be_checked()
    assert await page.input_value("#schedule [name=schedule_time]") == "05:15"


async def test_running_now_and_an_open_page_that_follows(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    page, watching = await visit(empty_desk + DAILY), await visit(empty_desk + DAILY)
    await expect(watching.locator("#runs .empty")).to_contain_text("Nothing has run yet.")
    await watching.fill("#run [name=auth_password]", "half typed")
    await page.fill("#run [name=auth_password]", PASSWORD)
    await page.click("#run button")
    message = page.locator("#run .message")
    await expect(message).to_contain_text(re.compile(r"1 day was computed, up to \d{4}-\d\d-\d\d\."))
    today = await page.input_value("#run [name=to]")
    await expect(page.locator("#days tbody th").first).to_contain_text(today)
    await expect(page.locator("#days tbody th").first).to_contain_text("provisional")
    opened = await page.inner_text("#days tbody tr:first-child td:nth-child(5)")
    await expect(message).to_contain_text(f"{opened} tickets are open then.")
    await expect(watching.locator("#runs tbody tr")).to_have_count(1, timeout=10_000)
    await expect(watching.locator("#days tbody th").first).to_contain_text(today)
    assert await watching.input_value("#run [name=auth_password]") == "half typed"


async def test_the_log_is_leafed_through_and_stays_there(
    empty_desk: str, visit: Visitor, tmp_path: Path
) -> None:
    await upload(empty_desk, export(tmp_path, "first.csv", rows=30))
    for day in range(1, 24):
        await run_now(empty_desk, **{"from": f"2026-02-{day:02}", "to": f"2026-02-{day:02}"})
    page = await visit(empty_desk + DAILY)
    await page.evaluate("window.stayed = true")
    rows = page.locator("#runs tbody tr")
    await expect(rows).to_have_count(20)
    await page.click("#runs-older")
    await expect(rows).to_have_count(3)
    await expect(rows.last).to_contain_text("2026-02-01")
    assert "before=" in page.url
    await run_now(empty_desk)
    # the report has followed, the older page of the log is still there
    today = await page.input_value("#run [name=to]")
    await expect(page.locator("#days tbody th").first).to_contain_text(today, timeout=10_000)
    await expect(rows).to_have_count(3)
    assert await axe_findings(page) == []
    await page.click("#runs-newest")
    await expect(rows).to_have_count(20)
    await expect(rows.first).to_contain_text(today)
    assert await page.evaluate("window.stayed") is True
    plain = await visit(empty_desk + DAILY, java_script_enabled=False)
    await plain.click("#runs-older")
    await expect(plain.locator("#runs tbody tr")).to_have_count(4)
    await expect(plain.locator("#flow table")).to_be_visible()
    await plain.click(".range >> text=Everything")
    assert "from=2026-02-01" in plain.url
    await plain.fill("#schedule [name=auth_password]", "guessed")
    await plain.click("#schedule button")
    await expect(plain.locator("#schedule .message")).to_contain_text("Nothing was changed.")
    await plain.fill("#schedule [name=schedule_time]", "04:00")
    await plain.fill("#schedule [name=auth_password]", PASSWORD)
    await plain.click("#schedule button")
    assert plain.url == f"{empty_desk}{DAILY}?from=2026-02-01&schedule=yes#schedule"
    await expect(plain.locator("#schedule-state")).to_contain_text("04:00")


@pytest.mark.parametrize(("width", "language"), [(1100, "zh-CN"), (1920, "en")])
@pytest.mark.parametrize("query", ["", "?from=2020-01-01"])
async def test_it_prints_on_one_page(
    desk: str, visit: Visitor, query: str, width: int, language: str
) -> None:
    page = await visit(desk + DAILY + query, viewport={"width": width, "height": 900}, locale=language)
    await page.wait_for_selector(".chart-canvas svg")
    paper = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    await page.emulate_media(media="print")
    for controls in (".rail", ".range", "form", ".definition", "button", "#sign-in", "#runs"):
        assert await page.locator(f"{controls}:visible").count() == 0, controls
    await expect(page.locator(".chart-canvas:visible")).to_have_count(3)


@pytest.mark.parametrize("width", [390, 1280, 1440, 1920])
async def test_charts_stand_side_by_side_where_there_is_room_and_cut_no_date(
    desk: str, visit: Visitor, width: int
) -> None:
    page = await visit(f"{desk}{DAILY}", viewport={"width": width, "height": 900})
    await page.wait_for_selector("#turnover .chart-canvas svg")
    tops = await page.locator(".charts .chart").evaluate_all(
        "charts => charts.map(chart => Math.round(chart.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == {390: 3, 1280: 2, 1440: 2, 1920: 1}[width]
    beyond = await page.evaluate(
        """() => [...document.querySelectorAll(".chart-canvas svg")].flatMap((drawing) => {
            const { left, right } = drawing.getBoundingClientRect();
            return [...drawing.querySelectorAll("text")]
                .map((text) => [text.textContent, text.getBoundingClientRect()])
                .filter(([, box]) => box.left < left || box.right > right)
                .map(([words]) => words);
        })"""
    )
    assert beyond == []
    assert await width_beyond_window(page) <= 0


NUMBERS_CUT_OFF = """() => [...document.querySelectorAll(".chart-canvas svg")].flatMap((drawing) => {
    const { left } = drawing.getBoundingClientRect();
    return [...drawing.querySelectorAll("text")]
        .filter((text) => text.getBoundingClientRect().left < left - 0.5)
        .map((text) => text.textContent);
})"""


@pytest.mark.parametrize("width", [390, 1280])
async def test_numbers_of_an_axis_are_whole_however_large(desk: str, visit: Visitor, width: int) -> None:
    page = await visit(desk + DAILY, viewport={"width": width, "height": 900})
    await page.wait_for_selector("#turnover .chart-canvas svg")
    await page.evaluate(
        """() => {
            for (const cell of document.querySelectorAll(".chart td")) cell.dataset.value *= 54321;
            document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { ctx: {} } }));
        }"""
    )
    for chart in ("flow", "turnover", "aging"):
        drawing = page.locator(f"#{chart} .chart-canvas svg")
        await expect(drawing).to_contain_text(re.compile(r"\d{3},\d{3}|\d,\d{3},\d{3}"))
    assert await page.evaluate(NUMBERS_CUT_OFF) == []
    await page.emulate_media(media="print")
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert await page.evaluate(NUMBERS_CUT_OFF) == []


async def test_days_with_tags_print_on_one_page_in_rows_of_one_line(desk: str, visit: Visitor) -> None:
    page = await visit(desk + DAILY, viewport={"width": 1280, "height": 900})
    await page.wait_for_selector(".chart-canvas svg")
    await page.evaluate(
        """() => {
            const tag = '<span class="tag tag-pending">provisional</span>';
            for (const day of document.querySelectorAll("#days tbody th, .card:first-child .delta")) {
                day.insertAdjacentHTML("beforeend", ` ${tag}`);
            }
        }"""
    )
    paper = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    await page.emulate_media(media="print")
    heights = await page.locator("#days tbody tr:visible").evaluate_all(
        "rows => rows.map(row => row.getBoundingClientRect().height)"
    )
    assert max(heights) < 20
