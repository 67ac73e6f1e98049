"""What a reader gets over the wire: how many dashboards a second, alone and beside an import, and how long
files take, while somebody else clicks on.

Requests go through plain sockets, since a full client would take as much of the processor as the server; it
shares the machine with the server, its worker and the import, so the figures are on the pessimistic side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.ops.site import Site

from .figures import JUDGED_FROM, Figure, median, percentile
from .importing import make_file, memory_mb
from .pages import finished, upload

DASHBOARDS = ("/results", "/database", "/database-stats")
CONNECTIONS = 4
NEEDED_PER_S = 200
#: seconds that a file may take at 100,000 tickets
FILES = {"/export/excel": 1.0, "/export/txt": 0.1, "/tickets.xlsx": 10.0, "/tickets.csv": 2.0}
REQUEST = "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Encoding: {encoding}\r\n\r\n"
HEAD_END = b"\r\n\r\n"


@dataclass
class Wire:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, address: str) -> Wire:
        return cls(*await asyncio.open_connection("127.0.0.1", urlsplit(address).port))

    async def get(self, path: str, encoding: str = "gzip") -> int:
        """The size of the answer's body."""
        self.writer.write(REQUEST.format(path=path, encoding=encoding).encode())
        head = await self.reader.readuntil(HEAD_END)
        status, *lines = head.decode().lower().split("\r\n")
        if " 200" not in status:
            raise RuntimeError(f"{path}: {status}")
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "content-length" in headers:
            return len(await self.reader.readexactly(int(headers["content-length"])))
        return await self._chunks()

    async def _chunks(self) -> int:
        size = 0
        while octets := int(await self.reader.readuntil(b"\r\n"), 16):
            size += octets
            await self.reader.readexactly(octets + 2)
        await self.reader.readexactly(2)
        return size


async def _ask(address: str, path: str, over: Callable[[], bool], times: list[float]) -> None:
    """Ask again and again, at least once; each answer's milliseconds."""
    wire = await Wire.to(address)
    while not (over() and times):
        begin = time.perf_counter()
        await wire.get(path)
        times.append((time.perf_counter() - begin) * 1000)
    wire.writer.close()


async def _rate(address: str, path: str, over: Callable[[], bool]) -> tuple[float, list[float]]:
    """Answers a second on all connections together, and their milliseconds."""
    times: list[float] = []
    begin = time.perf_counter()
    await asyncio.gather(*(_ask(address, path, over, times) for _ in range(CONNECTIONS)))
    return len(times) / (time.perf_counter() - begin), times


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


async def _dashboards(address: str, export: tuple[str, bytes], rows: int) -> list[Figure]:
    found = []
    for path in DASHBOARDS:
        await (await Wire.to(address)).get(path)
        rate, times = await _rate(address, path, _for(3))
        found.append(_rate_figure(f"{path}, no import", rate, times, None))
    async with httpx.AsyncClient(base_url=address, timeout=600) as client:
        for path in DASHBOARDS:
            importing = asyncio.create_task(finished(client, await upload(client, export)))
            rate, times = await _rate(address, path, importing.done)
            await importing
            judged = rows >= JUDGED_FROM and path != "/database"
            found.append(_rate_figure(f"{path}, import runs", rate, times, judged))
    return found


def _rate_figure(what: str, rate: float, times: list[float], judged: bool | None) -> Figure:
    value = f"{rate:.0f} a second (p95 {percentile(times, 0.95):.0f} ms)"
    return Figure(
        what, value, f"{NEEDED_PER_S} a second" if judged else "", rate >= NEEDED_PER_S if judged else None
    )


async def _files(site: Site, address: str, rows: int) -> list[Figure]:
    found = []
    for path, needed in FILES.items():
        await (await Wire.to(address)).get(path)  # loads the code that writes it
        taken, before = [], _own(site)
        for _ in range(3):
            begin = time.perf_counter()
            size = await (await Wire.to(address)).get(path)
            taken.append(time.perf_counter() - begin)
        met = median(taken) <= needed if rows == JUDGED_FROM else None
        value = f"{median(taken):.2f} s, {size / 1e6:.1f} MB"
        found.append(Figure(path, value, f"{needed} s" if met is not None else "", met))
        clicks = await _clicks_beside(address, path)
        meanwhile = f"p95 {percentile(clicks, 0.95):.0f} ms; memory {_own(site) - before:+.0f} MB"
        found.append(Figure("  the list of tickets meanwhile", meanwhile))
    return found


async def _clicks_beside(address: str, path: str) -> list[float]:
    clicks: list[float] = []
    loading = asyncio.create_task((await Wire.to(address)).get(path))
    await _ask(address, "/tickets", loading.done, clicks)
    await loading
    return clicks


def _own(site: Site) -> float:
    """Memory of the processes themselves: pages of the database file that they have mapped are not theirs."""
    return sum(memory_mb(pid) for pid in site.processes())


async def _measure(site: Site, address: str, export: tuple[str, bytes], rows: int) -> list[Figure]:
    async with httpx.AsyncClient(base_url=address, timeout=600) as client:
        await finished(client, await upload(client, export))
    return [*await _dashboards(address, export, rows), *await _files(site, address, rows)]


def run(folder: Path, rows: int) -> list[Figure]:
    path = make_file(folder, rows)
    site = Site(folder / f"serving-{rows}")
    site.data_dir.mkdir()
    try:
        found = asyncio.run(_measure(site, site.start(), (path.name, path.read_bytes()), rows))
        site.stop()
    finally:
        site.clean()
    return found
