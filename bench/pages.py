"""What users feel while an import runs: page times of a real server, asked by readers that click on and on.

The readers share the machine with the server, its worker and the import process, so the figures are on the
pessimistic side of what a server of its own would give."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.ops.site import Site

from .figures import JUDGED_FROM, Figure, median, percentile
from .importing import make_file, memory_mb

PAGES = ("/", "/results", "/tickets", "/uploads", "/processing-status")
PAUSE = 0.02
LIMIT_MS = 100


@dataclass
class Times:
    """Milliseconds of every answer, by page."""

    by_page: dict[str, list[float]] = field(default_factory=lambda: {page: [] for page in PAGES})

    @property
    def all(self) -> list[float]:
        return [value for values in self.by_page.values() for value in values]


async def _read(client: httpx.AsyncClient, times: Times, until: asyncio.Event) -> None:
    """One reader, who goes round the pages."""
    for page in itertools.cycle(PAGES):
        if until.is_set():
            return
        begin = time.perf_counter()
        answer = await client.get(page)
        times.by_page[page].append((time.perf_counter() - begin) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{page} answered {answer.status_code}")
        await asyncio.sleep(PAUSE)


async def upload(client: httpx.AsyncClient, export: tuple[str, bytes]) -> int:
    answer = await client.post("/upload", files={"file": export}, data={"mode": "replace"})
    answer.raise_for_status()
    return int(answer.json()["upload_id"])


async def finished(client: httpx.AsyncClient, upload_id: int) -> None:
    while True:
        status = (await client.get("/processing-status", params={"upload_id": upload_id})).json()["status"]
        if status == "done":
            return
        if status not in {"queued", "running"}:
            raise RuntimeError(f"the import ended as {status}")
        await asyncio.sleep(0.25)


async def _watch(client: httpx.AsyncClient, readers: int, work: asyncio.Task[None]) -> Times:
    times, until = Times(), asyncio.Event()
    reading = [asyncio.create_task(_read(client, times, until)) for _ in range(readers)]
    await work
    until.set()
    await asyncio.gather(*reading)
    return times


async def _measure(
    site: Site, address: str, export: tuple[str, bytes], readers: int, rows: int
) -> list[Figure]:
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        await finished(client, await upload(client, export))
        await asyncio.sleep(1)
        idle_memory = _memory(site)
        idle = await _watch(client, readers, asyncio.create_task(asyncio.sleep(4)))
        begin = time.perf_counter()
        upload_id = await upload(client, export)
        busy = await _watch(client, readers, asyncio.create_task(finished(client, upload_id)))
        took = time.perf_counter() - begin
        await asyncio.sleep(1)
        kept = _memory(site) - idle_memory
    found = [Figure(f"{readers} readers, import took {took:.1f} s", "median / p95 / slowest")]
    found += [Figure(f"  {page}, no import", _three(values)) for page, values in idle.by_page.items()]
    found += [Figure(f"  {page}, import runs", _three(values)) for page, values in busy.by_page.items()]
    met = percentile(busy.all, 0.95) < LIMIT_MS if rows >= JUDGED_FROM else None
    found += [
        Figure("all pages, no import", _three(idle.all)),
        Figure("all pages, import runs", _three(busy.all), f"p95 < {LIMIT_MS} ms", met),
        Figure("memory of all processes, before and after", f"{idle_memory:.0f} MB {kept:+.1f} MB"),
    ]
    return found


def _memory(site: Site) -> float:
    return sum(memory_mb(pid) for pid in site.processes())


def _three(values: list[float]) -> str:
    if not values:  # a short import may end before every page was asked for
        return "– (n = 0)"
    return f"{median(values):.0f} / {percentile(values, 0.95):.0f} / {max(values):.0f} ms (n = {len(values)})"


def run(folder: Path, rows: int, readers: int) -> list[Figure]:
    path = make_file(folder, rows)
    site = Site(folder / f"site-{rows}")
    site.data_dir.mkdir()
    try:
        address = site.start()
        found = asyncio.run(_measure(site, address, (path.name, path.read_bytes()), readers, rows))
        site.stop()
    finally:
        site.clean()
    return found
