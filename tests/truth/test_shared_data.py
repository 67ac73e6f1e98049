"""Where the material beside the repository is there: exports and truth by somebody else's generator, and the
figures of a real export. Skipped where it is missing; nothing of it is copied."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from otrs_web.tickets.filter import TicketFilter
from tests.truth.installation import Installation, findings

SHARED = Path(__file__).parents[3] / "shared"
MAKE_EXPORT = SHARED / "tools" / "make_export.py"
REAL = SHARED / "data" / "real" / "ticket_search_2025-08-27_18-18.xlsx"
AGES = {"<=24h": "age_24h", "24-48h": "age_24_48h", "48-72h": "age_48_72h", ">72h": "age_72h"}
CASES = [
    ("seed", "xlsx", []),
    ("otrs-en", "xlsx", ["--states", "custom"]),
    ("otrs-de", "csv", []),
    ("otrs-zh", "xlsx", []),
    ("stats", "csv", ["--stats-style", "console"]),
    ("stats", "xlsx", ["--stats-style", "web"]),
    ("stats", "xlsx", ["--stats-style", "znuny"]),
    ("otrs-en", "xls", []),
]
needs_generator = pytest.mark.skipif(not MAKE_EXPORT.exists(), reason="no generator beside the repository")
needs_real_file = pytest.mark.skipif(not REAL.exists(), reason="no real export beside the repository")


def make(folder: Path, dialect: str, fmt: str, more: list[str]) -> tuple[Path, dict[str, Any]]:
    out, truth = folder / f"export.{fmt}", folder / "truth.json"
    command = [sys.executable, MAKE_EXPORT, "--rows", "1500", "--seed", "3", "--dialect", dialect]
    command += ["--format", fmt, "--out", out, "--expected", truth, *more]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return out, json.loads(truth.read_text(encoding="utf-8"))


@needs_generator
@pytest.mark.parametrize(("dialect", "fmt", "more"), CASES)
def test_their_truth_by_close_time(tmp_path: Path, dialect: str, fmt: str, more: list[str]) -> None:
    path, expected = make(tmp_path, dialect, fmt, more)
    here = Installation.at(tmp_path / "data", "closed_date")
    as_of = datetime.fromisoformat(expected["meta"]["as_of"])
    upload = here.import_file(path, as_of=as_of)
    assert (upload.status, upload.error) == ("done", None)
    stats = here.stats(TicketFilter())
    assert stats["total_records"] == expected["total"]
    assert stats["current_open_count"] == expected["open_count"]
    assert stats["empty_firstresponse_count"] == expected["empty_first_response_count"]
    assert stats["empty_firstresponse_by_priority"] == expected["empty_first_response_by_priority"]
    assert stats["priority_distribution"] == expected["priority"]
    assert stats["state_distribution"] == expected["state"]
    assert stats["age_segments"] == {AGES[name]: n for name, n in expected["age_segments"].items()}
    assert stats["daily_new"] == expected["new_per_day"]
    assert stats["daily_closed"] == expected["closed_per_day"]
    assert stats["daily_open"] == expected["backlog_per_day"]
    check_people(here, expected)


def check_people(here: Installation, expected: dict[str, Any]) -> None:
    filters: dict[TicketFilter, int] = {}
    for queue, number in expected["queue"].items():
        filters[TicketFilter(queue=(queue,))] = number
    for who, person in expected["responsible"].items():
        filters[TicketFilter(responsible=(who,))] = person["total"]
        filters[TicketFilter(responsible=(who,), open=True)] = person["open"]
    for period in ("day", "iso_week", "month"):
        for who, spans in expected[f"responsible_closed_per_{period}"].items():
            for span, number in list(spans.items())[:4]:
                filters[TicketFilter(responsible=(who,), closed_on=span)] = number
    assert dict(zip(filters, here.counts(list(filters)), strict=True)) == filters


@needs_generator
@pytest.mark.parametrize(("dialect", "fmt", "more"), CASES)
def test_their_truth_by_state(tmp_path: Path, dialect: str, fmt: str, more: list[str]) -> None:
    path, expected = make(tmp_path, dialect, fmt, more)
    here = Installation.at(tmp_path / "data")
    here.import_file(path, as_of=datetime.fromisoformat(expected["meta"]["as_of"]))
    stats, by_state = here.stats(TicketFilter()), expected["by_state"]
    assert stats["current_open_count"] == by_state["open_count"]
    assert stats["reopened_count"] == by_state["reopened_with_close_date"]
    assert stats["age_segments"] == {AGES[name]: n for name, n in by_state["age_segments"].items()}
    assert stats["empty_firstresponse_count"] == by_state["empty_first_response_state_open"]


@needs_real_file
def test_the_real_export(tmp_path: Path) -> None:
    here = Installation.at(tmp_path / "data")
    upload = here.import_file(REAL)
    assert (upload.status, upload.record_count) == ("done", 1908)
    assert (upload.snapshot_source, upload.snapshot_at) == ("filename", datetime(2025, 8, 27, 18, 18))
    stored = here.tickets().values()
    without = [ticket for ticket in stored if ticket.closed_date is None]
    assert len(without) == 118
    assert sum(not ticket.is_open for ticket in without) == 3
    stats = here.stats(TicketFilter())
    assert (stats["total_records"], stats["reopened_count"]) == (1908, 10)
    assert stats["current_open_count"] == 118 - 3 + 10
    assert findings(upload)["open_with_close_time"] == 10
    assert findings(upload)["closed_without_close_time"] == 3
