"""A site at work: people who browse, filter and drill down, each with a moment to read in between, while
exports are imported one after the other. Everything runs on this machine, the people too, so the figures are
on the pessimistic side of what a server of its own would give."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.ops.several import Several
from tests.ops.site import Site

from .figures import JUDGED_FROM, Figure, median, percentile
from .importing import make_file, memory_mb
from .pages import finished, upload

LIMIT_MS = 300
#: seconds that a person looks at a page
READS = (0.5, 2.0)
#: seconds between the end of an import and the next
PAUSE = 5.0
#: what memory may have grown by at the end
SLACK = 1.1
STARTS = ("/", "/results", "/responsible-stats", "/daily-statistics", "/database", "/uploads", "/tickets")
FILTERS = ("queue", "priority", "state", "responsible")
#: pages, no files: a name with a dot is a download of everything
LINK = re.compile(r'href="(/(?:tickets|results|uploads|responsible-stats)(?:/\d+)?(?:\?[^"]*)?)"')
MORE = 6


@dataclass
class Seen:
    """Milliseconds of every answer by kind of page, and what should not have come."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    imports: int = 0

    @property
    def all(self) -> list[float]:
        return [value for values in self.times.values() for value in values]


class Person:
    """Opens a page, follows links in it, and begins somewhere else."""

    def __init__(self, number: int, address: str, seen: Seen) -> None:
        self._random = random.Random(number)
        language = self._random.choice(("zh-CN", "en"))
        self._client = httpx.AsyncClient(
            base_url=address, timeout=60, headers={"Accept-Language": language}, follow_redirects=True
        )
        self._seen = seen

    async def work(self, end: float) -> None:
        async with self._client:
            await asyncio.sleep(self._random.uniform(0, READS[1]))
            while time.monotonic() < end:
                page = await self._open(self._random.choice(STARTS))
                for _ in range(self._random.randrange(1, MORE)):
                    links = [html.unescape(link) for link in LINK.findall(page)]
                    if not links or time.monotonic() > end:
                        break
                    page = await self._open(self._random.choice(links))

    async def _open(self, path: str) -> str:
        begin = time.perf_counter()
        try:
            answer = await self._client.get(path)
        except httpx.HTTPError as error:
            self._seen.errors.append(f"{path}: {error!r}")
            return ""
        self._seen.times[_kind(path)].append((time.perf_counter() - begin) * 1000)
        if answer.status_code != 200:
            self._seen.errors.append(f"{path}: {answer.status_code}")
        await asyncio.sleep(self._random.uniform(*READS))
        return answer.text if answer.headers["content-type"].startswith("text/html") else ""


def _kind(path: str) -> str:
    """The page, and whether it is filtered."""
    name, _, query = path.partition("?")
    name = "/" + name.split("/")[1] + ("/…" if name.count("/") > 1 else "")
    return f"{name}?…" if any(f"{field}=" in query for field in FILTERS) else name


async def _import_on(address: str, export: tuple[str, bytes], seen: Seen, end: float) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=600) as client:
        while time.monotonic() < end:
            await finished(client, await upload(client, export))
            seen.imports += 1
            await asyncio.sleep(PAUSE)


async def _measure(
    addresses: list[str],
    site: Site | Several,
    export: tuple[str, bytes],
    people: int,
    seconds: float,
    judged: Callable[[bool], bool | None],
) -> list[Figure]:
    async with httpx.AsyncClient(base_url=addresses[0], timeout=600) as client:
        await finished(client, await upload(client, export))
    warm, seen = Seen(), Seen()
    await _let(addresses, export, warm, people, min(seconds, 90))
    before = await _memory(site)
    await _let(addresses, export, seen, people, seconds)
    after = await _memory(site)
    found = [
        Figure(f"  {kind}", _three(values)) for kind, values in sorted(seen.times.items()) if len(values) > 20
    ]
    p95 = percentile(seen.all, 0.95)
    return [
        *found,
        Figure(
            "all pages: median / p95 / slowest",
            _three(seen.all),
            f"p95 < {LIMIT_MS} ms",
            judged(p95 < LIMIT_MS),
        ),
        Figure("pages a second; imports meanwhile", f"{len(seen.all) / seconds:.0f}; {seen.imports}"),
        Figure("errors", "; ".join(seen.errors[:3]) or "0", "0", not seen.errors),
        Figure(
            "memory of all processes, before and after",
            f"{before:.0f} / {after:.0f} MB",
            f"+{SLACK - 1:.0%}",
            judged(after <= before * SLACK),
        ),
    ]


async def _let(
    addresses: list[str], export: tuple[str, bytes], seen: Seen, people: int, seconds: float
) -> None:
    """Let everybody work for so long; an import that runs at the end is waited for."""
    end = time.monotonic() + seconds
    working = [Person(number, addresses[number % len(addresses)], seen).work(end) for number in range(people)]
    await asyncio.gather(*working, _import_on(addresses[0], export, seen, end))


async def _memory(site: Site | Several) -> float:
    await asyncio.sleep(3)
    return sum(memory_mb(pid) for pid in site.processes())


def _three(values: list[float]) -> str:
    return f"{median(values):.0f} / {percentile(values, 0.95):.0f} / {max(values):.0f} ms (n = {len(values)})"


@contextmanager
def _single(folder: Path) -> Iterator[tuple[Site, list[str]]]:
    site = Site(folder / "single")
    site.data_dir.mkdir()
    try:
        yield site, [site.start()]
        site.stop()
    finally:
        site.clean()


@contextmanager
def _several(folder: Path) -> Iterator[tuple[Several, list[str]]]:
    with Several(folder / "several", webs=2, workers=2) as several:
        yield several, several.addresses


def run(folder: Path, rows: int, people: int, seconds: float) -> Iterator[tuple[str, list[Figure]]]:
    path = make_file(folder, rows)
    export = (path.name, path.read_bytes())

    def judged(met: bool) -> bool | None:
        return met if rows >= JUDGED_FROM else None

    for name, layout in (("SQLite, one `run`", _single), ("PostgreSQL, 2 web + 2 worker", _several)):
        with layout(folder) as (site, addresses):
            figures = asyncio.run(_measure(addresses, site, export, people, seconds, judged))
        yield f"{people} people for {seconds:.0f} s at {rows:,} tickets: {name}", figures
