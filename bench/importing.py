"""The import as users get it: from the accepted upload to the commit, in a process of its own.

Its peak of memory is what the kernel noted for that process (VmHWM); what is given back is seen in the
process that started it, which stands for the worker, and by the import process being gone. Beside the clock,
the processor's seconds are shown: on a machine that does other things too they compare more fairly."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from otrs_web.database import Database, migrate
from otrs_web.imports import service
from otrs_web.imports.process import run_import_process, warm_up
from otrs_web.models import Upload
from otrs_web.settings import Settings

from .figures import Watch

MB = 1024


@dataclass
class Import:
    """What was measured of some imports of the same file."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    kept_mb: float = 0.0


def make_file(folder: Path, rows: int, seed: int = 1) -> Path:
    """An export in a process of its own, so that making it does not count as our memory."""
    path = folder / f"seed-{seed}-{rows}.xlsx"
    if not path.exists():
        command = [sys.executable, "-m", "tests.generator", str(path), "--dialect", "seed"]
        subprocess.run([*command, "--rows", str(rows), "--seed", str(seed)], check=True)
    return path


def installation(folder: Path) -> Settings:
    settings = Settings(
        data_dir=folder, database_url=f"sqlite:///{folder}/otrs.db", timezone=ZoneInfo("Europe/Berlin")
    )
    settings.uploads_dir.mkdir(parents=True)
    migrate(settings)
    return settings


def _store(settings: Settings, path: Path) -> int:
    """The uploaded file where imports look for it; its size."""
    return Path(shutil.copy(path, settings.uploads_dir / path.name)).stat().st_size


async def import_once(
    settings: Settings, path: Path, rows: int, result: Import, mode: str = "replace"
) -> None:
    """Import the file; raises if it does not end with all of its rows."""
    size = _store(settings, path)
    db = Database(settings)
    watch = Watch()
    with watch():
        upload_id = await service.accept(
            db,
            stored_filename=path.name,
            filename=path.name,
            size_bytes=size,
            sha256="0" * 64,
            mode=mode,
        )
        running = asyncio.create_task(run_import_process(settings))
        await _watch_process(running, result)
        await running
    async with db.read() as session:
        upload = await session.get_one(Upload, upload_id)
    await db.dispose()
    if (upload.status, upload.record_count) != ("done", rows):
        raise RuntimeError(f"the import ended as {upload.status}, {upload.record_count} rows: {upload.error}")
    result.clock.append(watch.seconds)


async def _watch_process(running: asyncio.Task[None], result: Import) -> None:
    """Note the import process's peak of memory and processor time, as last seen before it ended."""
    peak = used = 0.0
    while not running.done():
        for process in multiprocessing.active_children():
            peak = max(peak, memory_mb(process.pid, "VmHWM"))
            used = max(used, _processor_seconds(process.pid))
        await asyncio.wait({running}, timeout=0.02)
    result.peak_mb.append(peak)
    result.processor.append(used)


def _processor_seconds(pid: int | None) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int | None, name: str = "RssAnon") -> float:
    """Of a process in megabytes, 0 if it is gone: RssAnon (its own, now: pages of the database file that it
    has mapped are not memory that it keeps) or VmHWM (all of it, at its peak)."""
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith(name)]
    return int(lines[0].split()[1]) / MB if lines else 0.0


async def imports(folder: Path, path: Path, rows: int, runs: int, result: Import) -> None:
    """Each run into a new database; the fork server is warm, as it is in a worker. What the starting process
    keeps is counted from the end of the first run, which loads the code for all of them."""
    warm_up()
    await asyncio.sleep(1.5)
    before = 0.0
    for run in range(runs):
        settings = installation(folder / f"import-{rows}-{run}")
        await import_once(settings, path, rows, result)
        shutil.rmtree(settings.data_dir)
        before = before or memory_mb(None)
    if before:
        result.kept_mb = max(result.kept_mb, memory_mb(None) - before)


async def over_stored(folder: Path, rows: int) -> dict[str, Import]:
    """What comes after a first import: the same file in both modes, then one that changes most tickets."""
    settings = installation(folder / f"again-{rows}")
    path, other = make_file(folder, rows), make_file(folder, rows, seed=2)
    await import_once(settings, path, rows, Import())
    steps = {
        "the same file again, replace": (path, "replace"),
        "the same file again, incremental": (path, "incremental"),
        "an export in which most tickets have changed": (other, "incremental"),
    }
    found = {}
    for what, (export, mode) in steps.items():
        found[what] = Import()
        await import_once(settings, export, rows, found[what], mode)
    shutil.rmtree(settings.data_dir)
    return found
