"""Puts a backup in the place of the live data, while web and worker run, as a whole or not at all.

It is set up beside the live database first, checked there and brought to this program's schema. Then one
transaction exchanges all rows: whoever reads meanwhile sees the old data until it commits, and a process that
is killed in the middle leaves them. What belongs to this installation and not to its data stays.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, update

from otrs_web.backups import log
from otrs_web.backups.archive import Manifest, shown_name
from otrs_web.backups.daily import SCHEDULES
from otrs_web.backups.engines import contents, engine
from otrs_web.backups.errors import BackupError, Reason
from otrs_web.backups.service import contents_of, failures_logged, make, standing, usable_manifest
from otrs_web.backups.task import task
from otrs_web.backups.trail import Trail, put_back, trail
from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase, migrate
from otrs_web.i18n import N_
from otrs_web.imports.lock import import_lock
from otrs_web.models import (
    UNFINISHED,
    AppUpdateStatus,
    AuthFailure,
    Base,
    DatabaseLog,
    DataState,
    Schedule,
    StoredFacts,
    Upload,
)
from otrs_web.settings import Settings

#: what says something about this installation, not about its data
_STAYS = {AuthFailure.__tablename__, AppUpdateStatus.__tablename__}
_NOT_WHOLE = N_(
    "Not all rows of the backup arrived ({tables}), so nothing was changed. Something in the live database, "
    "a trigger perhaps, changes what is written to it."
)
_IMPORTING = N_("An import is waiting or running. Wait until it is over, or cancel it, then restore.")


class Restored(NamedTuple):
    """What is live now, and the name of the backup of what was live before."""

    manifest: Manifest
    safety: str


class _Kept(NamedTuple):
    """What the live database knew, and the restored one must."""

    version: int
    schedules: Sequence[tuple[str, datetime]]
    trail: Trail


def restore(settings: Settings, path: Path, *, who: str) -> Restored:
    """Put a backup in the place of the live data. Raises BackupError, and then everything is as it was; a
    backup of the live data may have been made by then."""
    live, name = SyncDatabase(settings), shown_name(path)
    try:
        with (
            failures_logged(settings, who, name),
            task(settings, "restore", name) as scratch,
            import_lock(live, wait=False) as nobody_imports,
        ):
            if not nobody_imports:
                raise BackupError("busy", _IMPORTING)
            manifest = usable_manifest(settings, path)
            with standing(settings, path, manifest, scratch) as restored:
                migrate(restored)
                rows = _rows_to_be(restored, manifest)
                safety, _ = make(settings, "before_restore", scratch, who=who)
                _end_imports(restored)
                said = _said(name, manifest, safety)
                row = log.written(log.RESTORE, said, who=who, file=name, count=manifest.tickets)
                _exchange(live, restored, rows, row)
                log.say(log.RESTORE, said)
            return Restored(manifest, safety)
    finally:
        live.dispose()


def _said(name: str, manifest: Manifest, safety: str) -> Reason:
    return Reason(log.RESTORED.message, {"file": name, "tickets": manifest.tickets, "safety": safety})


def _rows_to_be(restored: Settings, manifest: Manifest) -> dict[str, int]:
    """The rows of each table as the manifest has them, unless steps to a newer schema have changed them."""
    now = contents_of(restored)
    return manifest.rows if now.revision == manifest.revision else now.rows


def _end_imports(restored: Settings) -> None:
    """Whatever was being imported when the backup was made does not begin again by itself."""
    db = SyncDatabase(restored)
    ended = {"status": "failed", "error": {"code": "restored", "params": {}}, "finished_at": utc_now()}
    try:
        with db.write() as session:
            session.execute(update(Upload).where(Upload.status.in_(UNFINISHED)).values(ended))
    finally:
        db.dispose()


def _exchange(live: SyncDatabase, restored: Settings, rows: dict[str, int], said: dict[str, object]) -> None:
    """`rows` is what must be in each table then; `said` is the entry of the log that tells of it."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in _STAYS]
    with engine(live.settings).replacing(live, restored, tables) as (connection, copy):
        kept = _kept(connection)
        copy()
        found = contents(connection).rows
        if wrong := [name for name in tables if found.get(name) != rows.get(name)]:
            raise BackupError("failed", _NOT_WHOLE, tables=", ".join(wrong))
        _carry_over(connection, kept)
        connection.execute(insert(DatabaseLog).values(said))


def _kept(live: Connection) -> _Kept:
    if live.scalar(select(exists().where(Upload.status.in_(UNFINISHED)))):
        raise BackupError("busy", _IMPORTING)
    version = live.scalar(select(DataState.version).where(DataState.id == 1)) or 0
    schedules = select(Schedule.name, Schedule.last_due).where(Schedule.name.in_(SCHEDULES))
    return _Kept(version, [(row.name, row.last_due) for row in live.execute(schedules)], trail(live))


def _carry_over(connection: Connection, kept: _Kept) -> None:
    """The data's version is newer than any that a running process has seen: all forget what they remember."""
    restored = connection.scalar(select(DataState.version).where(DataState.id == 1)) or 0
    version = max(kept.version, restored) + 1
    connection.execute(update(StoredFacts).where(StoredFacts.version == restored).values(version=version))
    connection.execute(update(DataState).values(version=version, changed_at=utc_now()))
    connection.execute(delete(Schedule).where(Schedule.name.in_(SCHEDULES)))
    for name, due in kept.schedules:
        connection.execute(insert(Schedule).values(name=name, last_due=due))
    put_back(connection, kept.trail)
