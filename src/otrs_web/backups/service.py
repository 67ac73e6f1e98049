"""Makes backups, verifies them and deletes those that are no longer needed. Every function does its work in
the calling thread, which may take a minute for a million tickets, and raises BackupError where it does not
succeed: then everything is as it was."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from otrs_web.backups import log
from otrs_web.backups.archive import (
    Kind,
    Manifest,
    Origin,
    damaged,
    extract,
    read_manifest,
    shown_name,
    write,
)
from otrs_web.backups.engines import Contents, backend, contents, engine
from otrs_web.backups.errors import BackupError, Reason
from otrs_web.backups.folder import Backup, file_name, listing, remember_check
from otrs_web.backups.revisions import newer
from otrs_web.backups.task import task
from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.i18n import N_
from otrs_web.settings import Settings

_OTHER_DATABASE = N_(
    "{file} is a backup of {theirs}, and this installation runs on {ours}. Restore it where {theirs} is used."
)
_EMPTY = N_("There are no tables in the database yet, so there is nothing to back up.")
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def create(settings: Settings, kind: Kind, *, who: str) -> tuple[str, Manifest]:
    """Make a backup now; the name of its file and what is in it."""
    with failures_logged(settings, who, ""), task(settings, "backup") as scratch:
        return make(settings, kind, scratch, who=who)


def make(settings: Settings, kind: Kind, scratch: Path, *, who: str) -> tuple[str, Manifest]:
    """The same within a task that has begun already."""
    now, database = utc_now().replace(microsecond=0), backend(settings)
    name = file_name(settings, now, database)
    part = settings.backups_dir / f"{name}.part"
    try:
        with engine(settings).dump(settings, scratch) as dump:
            found = dump.contents
            if not found.revision:
                raise BackupError("unknown", _EMPTY)
            origin = Origin(
                created_at=now, kind=kind, database=database, revision=found.revision, rows=found.rows
            )
            manifest = write(part, dump.stream, origin)
        os.rename(part, settings.backups_dir / name)
    finally:
        part.unlink(missing_ok=True)
    _onto_disk(settings.backups_dir)
    reason = Reason(log.MADE.message, {"file": name, "tickets": manifest.tickets})
    log.write(settings, log.BACKUP, reason, who=who, file=name, count=manifest.tickets)
    return name, manifest


def verify(settings: Settings, path: Path, *, who: str) -> Manifest:
    """Restore a backup into a database of its own, and compare what is in it with what must be."""
    name = shown_name(path)
    with failures_logged(settings, who, name), task(settings, "verify", name) as scratch:
        manifest = usable_manifest(settings, path)
        with standing(settings, path, manifest, scratch):
            return manifest


def clean_up(settings: Settings, *, who: str, keep_days: int | None = None) -> list[str]:
    """Delete backups older than so many days (None: as set), but never the newest good ones, of which at
    least as many are kept as the settings say. The deleted files' names."""
    days = settings.backup_keep_days if keep_days is None else keep_days
    with task(settings, "cleanup"):
        old = _no_longer_needed(listing(settings), days, settings.backup_keep_at_least)
        for backup in old:
            backup.path.unlink(missing_ok=True)
        names = [backup.name for backup in old]
        if names:
            reason = Reason(log.DELETED.message, {"files": ", ".join(names)})
            log.write(settings, log.CLEANUP, reason, who=who, file=None, count=len(names))
        return names


def _no_longer_needed(newest_first: list[Backup], days: int, at_least: int) -> list[Backup]:
    kept = {backup.name for backup in [b for b in newest_first if b.fault is None][: max(1, at_least)]}
    before = utc_now() - timedelta(days=days)
    return [b for b in newest_first if b.is_ours and b.name not in kept and b.created_at < before]


def usable_manifest(settings: Settings, path: Path) -> Manifest:
    """What the file says that it is, where that can be restored here. Raises BackupError."""
    manifest, ours = read_manifest(path), backend(settings)
    if manifest.database != ours:
        theirs = _NAMES[manifest.database]
        raise BackupError("refused", _OTHER_DATABASE, file=path.name, theirs=theirs, ours=_NAMES[ours])
    return manifest


@contextmanager
def standing(settings: Settings, path: Path, manifest: Manifest, scratch: Path) -> Iterator[Settings]:
    """The backup as a database of its own, which holds exactly what the manifest says and can be brought to
    this program's schema. Raises BackupError. What is found out about the file is remembered."""
    dump = scratch / "dump"
    try:
        extract(path, manifest, dump)
    except BackupError as error:
        remember_check(settings, path, error.reason)
        raise
    with engine(settings).standing(settings, dump, scratch) as there:
        if there is None or contents_of(there) != (manifest.revision, manifest.rows):
            fault = damaged(path)
            remember_check(settings, path, fault.reason)
            raise fault
        remember_check(settings, path, None)
        if reason := newer(path, manifest):
            # a later version of this program can, so this is not held against the file
            raise BackupError("refused", reason.message, **reason.params)
        yield there


def contents_of(settings: Settings) -> Contents:
    """What is in a database."""
    db = SyncDatabase(settings)
    try:
        with db.engine.connect() as connection:
            return contents(connection)
    finally:
        db.dispose()


def _onto_disk(folder: Path) -> None:
    """A new name in a folder is there after a power cut only if the folder was written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def failures_logged(settings: Settings, who: str, file: str) -> Iterator[None]:
    """What does not succeed is in the database log as well, unless it was not even tried."""
    try:
        yield
    except BackupError as error:
        if error.kind in {"refused", "failed"}:
            log.write(settings, log.FAILED, error.reason, who=who, file=file or None)
        raise
