"""Read a file as an import does, and say what came of it; in a process of its own to measure it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from otrs_web.imports.columns import FIELDS
from otrs_web.imports.quality import Finding, Rejected
from otrs_web.imports.reading.export import Export, open_export

UPLOADED = datetime(2026, 11, 23, 12, 0)
MEASURED = """
import json, resource, sys, time
from datetime import datetime
from pathlib import Path
from otrs_web.imports.reading.export import open_export
from otrs_web.imports.quality import Rejected
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, code, tickets = time.perf_counter(), "", 0
try:
    export = open_export(Path(sys.argv[1]), sys.argv[1], uploaded_at=datetime(2026, 11, 23, 12))
    for rows in export.chunks():
        tickets += len(rows)
except Rejected as reason:
    code = reason.code
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
used = time.process_time()
print(json.dumps({"code": code, "tickets": tickets, "seconds": used, "megabytes": (peak - base) // 1024}))
"""


@dataclass
class Result:
    export: Export
    tickets: list[dict[str, Any]]

    @property
    def findings(self) -> dict[str, Finding]:
        return {finding.code: finding for finding in self.export.findings}

    @property
    def attention(self) -> set[str]:
        return {finding.code for finding in self.export.findings if finding.level == "attention"}

    def column(self, field: str) -> list[Any]:
        return [ticket[field] for ticket in self.tickets]


def read(path: Path, name: str | None = None, **options: Any) -> Result:
    options.setdefault("uploaded_at", UPLOADED)
    export = open_export(path, name or path.name, **options)
    rows = [dict(zip(FIELDS, row, strict=True)) for chunk in export.chunks() for row in chunk]
    return Result(export, rows)


def refusal(path: Path, **options: Any) -> Rejected:
    """Why the file is refused; an AssertionError if it is not."""
    try:
        read(path, **options)
    except Rejected as reason:
        return reason
    raise AssertionError(f"{path.name} was imported")


def measured(path: Path) -> dict[str, Any]:
    """{code, tickets, seconds (of CPU), megabytes} of an import in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, timeout=300, check=True
    )
    return json.loads(done.stdout)
