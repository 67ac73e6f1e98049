"""Brings a PostgreSQL database back to what it was before an update, from the backup that was made while
nothing ran: all tables of the other version are dropped, those of this one made anew and filled. Run by
`scripts/update_app.py` with the old version's environment (SQLite's file is simply put back in its place),
and safe to be run again where it was interrupted: the backup stays.

Without arguments it names the tables that there are. With a backup and those names it brings them back.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import MetaData, inspect

from otrs_web.backups.restore import restore
from otrs_web.database import SyncDatabase, migrate
from otrs_web.database_log import COMMAND_LINE
from otrs_web.logging_setup import configure_logging
from otrs_web.models import Base
from otrs_web.settings import Settings
from otrs_web.updates import journal
from otrs_web.updates.status import begin_update

_OURS = {*Base.metadata.tables, "alembic_version"}


def tables(settings: Settings) -> list[str]:
    """The names of all tables in the schema, also those of other programs."""
    db = SyncDatabase(settings)
    try:
        with db.read() as session:
            return inspect(session.connection()).get_table_names()
    finally:
        db.dispose()


def bring_back(settings: Settings, backup: Path, before: Sequence[str]) -> None:
    """Bring back the backup; of the tables that were there `before`, those of other programs are not touched.
    Raises BackupError or DatabaseAway where it cannot be done."""
    db = SyncDatabase(settings)
    try:
        with db.write() as session:
            connection, found = session.connection(), MetaData()
            found.reflect(connection)
            others = set(before) - _OURS
            found.drop_all(connection, tables=[t for t in found.tables.values() if t.name not in others])
    finally:
        db.dispose()
    migrate(settings)
    restore(settings, backup, who=COMMAND_LINE)
    _note_update(settings)


def _note_update(settings: Settings) -> None:
    """A restore leaves the row of updates as it is, and it was dropped: say again that one is under way, so
    that its end is noted as well."""
    if found := journal.read(settings):
        db = SyncDatabase(settings)
        with db.write() as session:
            begin_update(session, found.target)
        db.dispose()


if __name__ == "__main__":
    given = Settings.from_env()
    configure_logging("update", log_format=given.log_format)
    if sys.argv[1:]:
        bring_back(given, Path(sys.argv[1]), json.loads(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(tables(given)) + "\n")
