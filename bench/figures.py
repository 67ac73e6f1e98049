"""How figures are taken and shown: medians of repeated runs, with how many there were and what is needed."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

#: rows from which on requirements are judged: smaller runs only show that the benchmark works
JUDGED_FROM = 100_000


@dataclass(frozen=True)
class Figure:
    """One line of the table; `met` is None where nothing is required."""

    what: str
    value: str
    needed: str = ""
    met: bool | None = None


class Watch:
    seconds = 0.0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds = time.perf_counter() - begin


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all are not above (nearest rank)."""
    ordered = sorted(values)
    rank = math.ceil(len(ordered) * share)
    return ordered[max(rank, 1) - 1]


def seconds(values: Sequence[float]) -> str:
    spread = f", {min(values):.2f} to {max(values):.2f}" if len(values) > 1 else ""
    return f"{median(values):.2f} s  (n = {len(values)}{spread})"


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        mark = {None: "", True: "ok", False: "MISSED"}[figure.met]
        print(f"  {figure.what:<58} {figure.value:>36}  {figure.needed:<10} {mark}".rstrip(), flush=True)
