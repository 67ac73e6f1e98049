"""The benchmark itself must run, or nobody notices when a promise is broken: small, and without judging."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow
def test_all_parts_print_their_figures() -> None:
    rows = ("--rows", "2000", "--many", "3000", "--sizes", "2500")
    done = bench(*rows, "--runs", "1", "--queries", "2", "--readers", "1")
    assert done.returncode == 0, done.stderr
    for line in (
        r"Import of 2,000 rows",
        r"our import: .* \d+\.\d\d s",
        r"times as fast by the clock +\d+\.\d ×",
        r"Import of 3,000 rows",
        r"peak memory of the importing process, worst run +\d+ MB",
        r"/results, import runs +\d+ / \d+ / \d+ ms",
        r"dashboard, unfiltered +\d+\.\d ms",
        r"Analysis of 2,500 tickets on SQLite",
        r"Analysis of 2,500 tickets on PostgreSQL",
        r"/database-stats, import runs +\d+ a second",
        r"/export/excel +\d+\.\d\d s, \d+\.\d MB",
        r"facts anew: .* +\d+\.\d ms",
        r"dashboard, one queue +\d+\.\d ms +\(warm \d+\.\d, \d+\.\d × as fast as the original",
    ):
        assert re.search(line, done.stdout), (line, done.stdout)


@pytest.mark.slow
def test_people_at_work_meet_no_error() -> None:
    done = bench("load", "--rows", "2000", "--people", "3", "--seconds", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"errors +0  0 +ok", done.stdout)) == 2, done.stdout


def test_an_unknown_part_is_refused() -> None:
    done = bench("imports")
    assert done.returncode == 2
    assert "no such part: imports" in done.stderr
