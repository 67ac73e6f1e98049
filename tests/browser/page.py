"""What the browser tests do with a page."""

from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()


class Visitor(Protocol):
    async def __call__(self, address: str, **options: Any) -> Page: ...


async def axe_findings(page: Page) -> list[str]:
    """What axe-core has to say against the page, each with the first element that it is about."""
    await page.evaluate(AXE)
    # without it, most of the time goes into describing what is as it should be
    only = {"resultTypes": ["violations"]}
    violations = await page.evaluate(
        "only => axe.run(document, only).then((found) => found.violations)", only
    )
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in violations]


async def headings_cut_off(page: Page) -> list[str]:
    """The headings of columns that are wider than their columns."""
    heads = "[...document.querySelectorAll('thead th')].filter((each) => each.scrollWidth > each.clientWidth)"
    cut: list[str] = await page.evaluate(f"{heads}.map((each) => each.innerText)")
    return cut


async def width_beyond_window(page: Page) -> int:
    """By how many pixels the page as a whole has to be scrolled sideways."""
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def number(text: str) -> int:
    return int(text.replace(",", ""))
