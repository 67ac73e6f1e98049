"""What a page of statistics costs the one who opens it: bytes and requests over the wire, and how soon and
how steadily it stands there. Bytes are what the browser says that it received, heads of answers included."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page

from tests.browser.page import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FIRST_VIEW, NEXT_VIEW = 300_000, 40_000
REQUESTS = 10
#: generous, since the machine that tests may be busy; what is far beyond them is felt anywhere
MILLISECONDS = {"first paint": 3_000, "largest paint": 4_000, "blocking": 1_500}
ELEMENTS = 6_000
SHIFT = 0.1

_EXPERIENCE = """async () => {
  const entries = (type) => new Promise((found) => {
    const observer = new PerformanceObserver((list) => found(list.getEntries()));
    observer.observe({ type, buffered: true });
    setTimeout(() => found([]), 300);
  });
  const paints = performance.getEntriesByName("first-contentful-paint");
  const largest = await entries("largest-contentful-paint");
  const shifts = await entries("layout-shift");
  const tasks = await entries("longtask");
  const files = performance.getEntriesByType("resource");
  return {
    "first paint": paints[0]?.startTime ?? Infinity,
    "largest paint": largest.at(-1)?.startTime ?? Infinity,
    "blocking": tasks.reduce((sum, task) => sum + task.duration - 50, 0),
    "shift": shifts.reduce((sum, shift) => sum + shift.value, 0),
    "elements": document.querySelectorAll("*").length,
    "held up by": files.filter((file) => file.renderBlockingStatus === "blocking").map((file) => file.name),
  };
}"""


@dataclass
class Wire:
    """What the browser received since it was asked last, by request."""

    kinds: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def of(cls, page: Page) -> "Wire":
        wire = cls()
        session: CDPSession = await page.context.new_cdp_session(page)
        session.on("Network.responseReceivedExtraInfo", wire._sent)
        session.on("Network.responseReceived", wire._answered)
        session.on("Network.loadingFinished", wire._finished)
        await session.send("Network.enable")
        return wire

    def _sent(self, event: Mapping[str, Any]) -> None:
        self.statuses[event["requestId"]] = event["statusCode"]

    def _answered(self, event: Mapping[str, Any]) -> None:
        answer = event["response"]
        is_sent = answer["url"].startswith("http") and not answer.get("fromDiskCache")
        if is_sent and "/newer" not in answer["url"]:  # an open page asks on and on
            self.kinds[event["requestId"]] = event["type"]

    def _finished(self, event: Mapping[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def taken(self) -> "Taken":
        """What came until now; what comes from now on is counted anew."""
        # what the browser still had in memory has a kind, but no status
        sent = [
            (kind, self.statuses[n], self.sizes.get(n, 0))
            for n, kind in self.kinds.items()
            if n in self.statuses
        ]
        taken = Taken(sent)
        for gathered in (self.kinds, self.statuses, self.sizes):
            gathered.clear()
        return taken


@dataclass
class Taken:
    """Kind, status and bytes of each answer."""

    answers: list[tuple[str, int, int]]

    @property
    def size(self) -> int:
        return sum(size for _, _, size in self.answers)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.answers]

    def __repr__(self) -> str:
        """The figures, for whoever has to find what became too large."""
        each = ", ".join(f"{kind} {status} {size / 1000:.1f} kB" for kind, status, size in self.answers)
        return f"{len(self.answers)} requests, {self.size / 1000:.1f} kB: {each}"


async def drawn(page: Page) -> None:
    await page.wait_for_load_state("load")
    await page.locator(".chart-canvas svg").first.wait_for()
    await page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("coding", ["br", "gzip"])
async def test_a_view_of_the_analysis_stays_within_its_budget(desk: str, visit: Visitor, coding: str) -> None:
    """With gzip as well: browsers take brotli over HTTPS and from their own machine only."""
    page = await visit("about:blank", extra_http_headers={"accept-encoding": coding})
    wire = await Wire.of(page)

    await page.goto(f"{desk}/results")
    await drawn(page)
    first = wire.taken()
    assert 1 < len(first.answers) <= REQUESTS, first
    assert 100_000 < first.size <= FIRST_VIEW, first
    assert "Font" not in first.kinds, first

    for path in ("/results", "/results?open=true", "/database", "/tickets"):
        await page.goto(f"{desk}{path}")
        await page.wait_for_load_state("networkidle")
        other = wire.taken()
        # "Other" is the tab's icon, which a browser fetches when it has nothing else to do
        assert set(other.kinds) <= {"Document", "Fetch", "Other"}, other
        assert 0 < other.size <= NEXT_VIEW, other


async def test_a_page_that_has_not_changed_is_not_sent_again(desk: str, visit: Visitor) -> None:
    """Of pages that tell how long ago the data were exported, another one is sent when the words change."""
    page = await visit(f"{desk}/sign-in")
    await page.wait_for_load_state("networkidle")
    wire = await Wire.of(page)
    for again in (page.reload, lambda: page.goto(f"{desk}/sign-in")):
        await again()
        await page.wait_for_load_state("networkidle")
        same = wire.taken()
        assert [status for kind, status, _ in same.answers if kind == "Document"] == [304], same
        assert same.size < 1_500, same


async def test_the_analysis_stands_there_soon_and_stays_where_it_is(desk: str, visit: Visitor) -> None:
    page = await visit(f"{desk}/results")
    await drawn(page)
    found = await page.evaluate(_EXPERIENCE)
    assert [name for name in found["held up by"] if not name.endswith(".css")] == [], found
    assert found["shift"] < SHIFT, found
    assert found["elements"] <= ELEMENTS, found
    for what, most in MILLISECONDS.items():
        assert found[what] <= most, found
