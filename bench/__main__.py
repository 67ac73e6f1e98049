"""Measure what the project promises, and print it as a table.

    python -m bench                        all parts at 100,000 rows, memory at 500,000, analysis
                                           at a million too (some 10 minutes)
    python -m bench import --rows 100000   one part: import, again, memory, pages, analysis
                                           or serving
    python -m bench load --people 50 --seconds 120    a site at work, on SQLite and on PostgreSQL
    python -m bench --rows 2000 --many 2000 --runs 1 --sizes 2000     to see that everything works

Every export is made up at the start, everything is deleted at the end. Requirements are judged from 100,000
rows on; exits with 1 if one is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import analysis, imports, load, pages, serving
from .figures import Figure, show

PARTS = ("import", "again", "memory", "pages", "analysis", "serving")
#: minutes long, so only when it is named
LOAD = "load"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of these if none is named; load")
    add("--rows", type=int, default=100_000, help="rows of the export (default 100000)")
    add("--many", type=int, default=500_000, help="rows of the memory part (default 500000)")
    add("--runs", type=int, default=4, help="repetitions of the import (default 4)")
    add("--baseline-runs", type=int, default=1, help="repetitions of the slow baseline (default 1)")
    add("--queries", type=int, default=20, help="repetitions of each query (default 20)")
    add("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="tickets of the analysis part")
    add("--readers", type=int, default=2, help="readers that ask for pages (default 2)")
    add("--people", type=int, default=50, help="people of the load part (default 50)")
    add("--seconds", type=float, default=120, help="how long they work (default 120)")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - {*PARTS, LOAD}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return chosen


Tables = Iterator[tuple[str, list[Figure]]]


def _tables(part: str, chosen: argparse.Namespace, folder: Path) -> Tables:
    """What a part measures, table by table."""
    rows = f"{chosen.rows:,} rows × 17 columns of xlsx"
    if part == "import":
        yield f"Import of {rows}", imports.run(folder, chosen.rows, chosen.runs, chosen.baseline_runs)
    elif part == "again":
        yield f"Over {chosen.rows:,} stored tickets", imports.run_over_stored(folder, chosen.rows)
    elif part == "memory":
        yield f"Import of {chosen.many:,} rows × 17 columns", imports.run(folder, chosen.many, 1, 0)
    elif part == "pages":
        yield f"Pages beside an import of {rows}", pages.run(folder, chosen.rows, chosen.readers)
    elif part == "analysis":
        for size in chosen.sizes:
            yield from analysis.run(folder, size, chosen.queries)
    elif part == LOAD:
        yield from load.run(folder, chosen.rows, chosen.people, chosen.seconds)
    else:
        yield f"Over the wire at {chosen.rows:,} tickets", serving.run(folder, chosen.rows)


def _measure(chosen: argparse.Namespace, folder: Path) -> list[Figure]:
    found: list[Figure] = []
    for part in chosen.parts or PARTS:
        for title, figures in _tables(part, chosen, folder):
            show(title, figures)
            found.extend(figures)
    return found


def main() -> int:
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="otrs-bench-", dir="/tmp") as folder:
        found = _measure(chosen, Path(folder))
    return 1 if any(figure.met is False for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
