"""A file that the original imported, and the same file imported here: the same tickets are stored."""

import json
from datetime import datetime

from python_calamine import CalamineWorkbook

from otrs_web.database import Database
from otrs_web.demo import write_demo
from otrs_web.imports.columns import FIELDS, map_columns
from otrs_web.imports.service import accept, run_pending
from otrs_web.models import Ticket
from tests.adopt.conftest import take
from tests.adopt.original import build
from tests.support import migrated

NAME = "ticket_search_2026-01-12_18-00.xlsx"
COMPARED = (*FIELDS, "is_open", "left_at", "snapshot_at", "estimated_created", "data_source")


def as_the_original_read_it(path):
    """Every cell as text without blanks around it, dates as timestamps, the whole row as JSON."""
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    fields = map_columns(header).fields
    for row in rows:
        text = [str(cell).strip() or None for cell in row]
        values = {field: text[at] for field, at in fields.items()}
        for field in ("created_date", "closed_date"):
            values[field] = values[field] and f"{datetime.fromisoformat(values[field])}.000000"
        raw = {str(name): cell for name, cell in zip(header, text, strict=True)}
        yield {
            **values,
            "age_hours": 0,
            "import_time": "2026-01-12 18:00:30.250000",
            "data_source": NAME,
            "raw_data": json.dumps(raw),
        }


async def test_the_same_tickets_are_stored(tmp_path, rows_of):
    write_demo(tmp_path / NAME, datetime(2026, 1, 12, 18), 400)
    imported, adopted = (migrated(tmp_path / name) for name in ("imported", "adopted"))
    imported.uploads_dir.mkdir()
    (imported.uploads_dir / NAME).write_bytes((tmp_path / NAME).read_bytes())
    db = Database(imported)
    await accept(db, stored_filename=NAME, filename=NAME, size_bytes=1, sha256="", mode="replace")
    await db.dispose()
    run_pending(imported)
    take(adopted, build(tmp_path / "otrs_data.db", otrs_ticket=as_the_original_read_it(tmp_path / NAME)))
    here, there = (
        {row["ticket_number"]: {name: row[name] for name in COMPARED} for row in rows_of(settings, Ticket)}
        for settings in (imported, adopted)
    )
    assert len(here) == 400
    assert there == here
