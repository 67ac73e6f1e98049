"""What the row says of an update that nobody goes on with."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.settings import Settings
from otrs_web.updates.follow import follow
from otrs_web.updates.shapes import Target
from otrs_web.updates.status import begin_update, finish_update, load, note_check, target_columns

SCRIPT = Path(__file__).parents[2] / "scripts" / "update_app.py"


def ready(settings: Settings, minutes: int) -> None:
    """An update that was prepared, and waits for so long to be changed over to."""
    run = settings.updates_dir / "20261102-090000-000000"
    run.mkdir(parents=True)
    at = utc_now() - timedelta(minutes=minutes)
    facts = {"id": run.name, "phase": "ready", "step": "switch", "target": "v98.0.0", "from_version": "1.0"}
    facts |= {"version": "98.0.0", "script": str(SCRIPT), "who": "", "at": at.isoformat()}
    facts |= {name: str(run / name) for name in ("venv", "new_venv", "spare", "tree")}
    (settings.updates_dir / "journal.json").write_text(json.dumps(facts))
    (settings.updates_dir / "restart").touch()


@pytest.mark.parametrize(("minutes", "state"), [(1, "restarting"), (6, "update_failed")])
async def test_what_nobody_changes_over_to_is_given_up(db: Database, minutes: int, state: str) -> None:
    ready(db.settings, minutes)
    async with db.write() as session:
        await session.run_sync(begin_update, "v98.0.0")
    await follow(db)
    await follow(db)
    async with db.read() as session:
        known = await load(session)
    assert known.state == state
    assert (db.settings.updates_dir / "restart").exists() == (state == "restarting")
    assert known.fault is None or str(known.fault) == "The update was interrupted."


@pytest.mark.parametrize(
    ("known", "state"), [(None, "up_to_date"), ("v98.0.0", "up_to_date"), ("v99.0.0", "update_available")]
)
async def test_an_update_that_is_over_says_so(db: Database, known: str | None, state: str) -> None:
    """Also where nobody had looked for newer versions, and where another one is newer."""
    async with db.write() as session:
        if known is not None:
            found = target_columns(Target(kind="release", version=known, ref=known))
            await session.run_sync(note_check, {"status": "update_available", **found})
        await session.run_sync(begin_update, "v98.0.0")
        await session.run_sync(lambda now: finish_update(now, "98.0.0", who="x"))
        assert (await load(session)).state == state
