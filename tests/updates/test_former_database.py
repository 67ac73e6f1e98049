"""PostgreSQL as it was before an update that brought other tables and columns."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from otrs_web.backups import service
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from otrs_web.updates.former_database import bring_back, tables
from otrs_web.updates.status import load_now
from tests.backups.support import WHO, everything, filled

#: what a restore writes by itself
LOGS = ("database_log", "data_state", "stored_facts", "schedule")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_tables_of_the_old_version_are_back(install: Callable[..., Settings]) -> None:
    settings = filled(install)
    db = SyncDatabase(settings)

    def execute(*statements: str) -> None:
        with db.write() as session:
            for statement in statements:
                session.execute(text(statement))

    execute("CREATE TABLE of_another_program (x int)", "INSERT INTO of_another_program VALUES (7)")
    there, before = tables(settings), everything(settings, LOGS)
    name, _ = service.create(settings, "by_hand", who=WHO)
    execute(
        "ALTER TABLE otrs_ticket ADD COLUMN mark text",
        "CREATE TABLE of_the_new_version (id int, ticket int REFERENCES otrs_ticket (id))",
        "UPDATE alembic_version SET version_num = '9999'",
        "DELETE FROM otrs_ticket",
    )
    backup = settings.backups_dir / name
    for _ in range(2):  # also where it was interrupted at the very end
        bring_back(settings, Path(backup), there)
        assert sorted(tables(settings)) == sorted(there)
        assert everything(settings, LOGS) == before
    db.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_end_of_the_update_can_still_be_noted(install: Callable[..., Settings]) -> None:
    """The row of updates goes with the tables; without it nobody would be told why the update failed."""
    settings = filled(install)
    name, _ = service.create(settings, "by_hand", who=WHO)
    settings.updates_dir.mkdir(parents=True)
    begun = {"id": "1", "phase": "undoing", "step": "restart", "target": "v2", "from_version": "1"}
    begun |= {"version": None, "script": "", "who": WHO, "at": "2026-11-24T10:00:00+00:00"}
    (settings.updates_dir / "journal.json").write_text(json.dumps(begun))
    bring_back(settings, settings.backups_dir / name, tables(settings))
    db = SyncDatabase(settings)
    with db.read() as session:
        known = load_now(session)
    db.dispose()
    assert (known.is_updating, known.updating_to) == (True, "v2")
