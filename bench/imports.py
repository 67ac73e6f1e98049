"""The lines about imports: speed next to the baselines of the same run, memory, imports over stored data."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from .baseline import LEANEST, ORIGINAL, Baseline, measure
from .figures import JUDGED_FROM, Figure, median, seconds
from .importing import Import, imports, make_file, over_stored

#: rows of the export -> megabytes that the importing process may take
LIMITS = {100_000: 300, 500_000: 1000}


def figures(rows: int, ours: Import, baselines: list[Baseline]) -> list[Figure]:
    """Speed next to the baselines of the same run, and memory."""
    kept, judged = ours.kept_mb, rows >= JUDGED_FROM
    return [
        Figure("our import: accepted, own process, committed", seconds(ours.clock)),
        Figure("  of the processor", seconds(ours.processor)),
        *(_compared(ours, baselines, judged=judged) if baselines else []),
        _peak("peak memory of the importing process, worst run", rows, ours),
        Figure(
            "kept by the process that started it",
            f"{kept:+.1f} MB",
            "< 10 MB" if judged else "",
            kept < 10 if judged else None,
        ),
    ]


def figures_over_stored(rows: int, found: dict[str, Import]) -> list[Figure]:
    table = []
    for what, ours in found.items():
        table += [
            Figure(what, seconds(ours.clock)),
            Figure("  of the processor", seconds(ours.processor)),
            _peak("  peak memory of the importing process", rows, ours),
        ]
    return table


def _peak(what: str, rows: int, ours: Import) -> Figure:
    limit, peak = LIMITS.get(rows), max(ours.peak_mb)
    needed, met = (f"< {limit} MB", peak < limit) if limit else ("", None)
    return Figure(what, f"{peak:.0f} MB", needed, met)


def _compared(ours: Import, baselines: list[Baseline], *, judged: bool) -> list[Figure]:
    found = [
        Figure(f"  step of the baseline: {name}", seconds([b.clock[name] for b in baselines]))
        for name in baselines[0].clock
    ]
    names = {
        "baseline, as the original: pd.to_datetime, ORM add": ORIGINAL,
        "baseline, leanest reading: fromisoformat, bulk insert": LEANEST,
    }
    for what, steps in names.items():
        clock = [sum(b.clock[step] for step in steps) for b in baselines]
        processor = [sum(b.processor[step] for step in steps) for b in baselines]
        ratio = median(clock) / median(ours.clock)
        required = steps == ORIGINAL
        found += [
            Figure(what, seconds(clock)),
            Figure(
                "  times as fast by the clock",
                f"{ratio:.1f} ×",
                ">= 20 ×" if required else "",
                ratio >= 20 if required and judged else None,
            ),
            Figure("  times as fast by the processor", f"{median(processor) / median(ours.processor):.1f} ×"),
        ]
    return found


def run(folder: Path, rows: int, runs: int, baseline_runs: int) -> list[Figure]:
    """Half of the imports before and half after the baseline, so that neither has the quieter machine."""
    path = make_file(folder, rows)
    ours, baselines = Import(), []
    asyncio.run(imports(folder, path, rows, runs - runs // 2, ours))
    for number in range(baseline_runs):
        apart = folder / f"baseline-{rows}-{number}"
        apart.mkdir()
        baselines.append(measure(path, apart))
        if baselines[-1].rows != rows:
            raise RuntimeError(f"the baseline stored {baselines[-1].rows} rows")
        shutil.rmtree(apart)
    asyncio.run(imports(folder, path, rows, runs // 2, ours))
    return figures(rows, ours, baselines)


def run_over_stored(folder: Path, rows: int) -> list[Figure]:
    return figures_over_stored(rows, asyncio.run(over_stored(folder, rows)))
