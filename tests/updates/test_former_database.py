"""PostgreSQL as it was before an update that brought other tables and columns."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from otrs_web.backups import service
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from otrs_web.updates.former_database import bring_back, tables
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
