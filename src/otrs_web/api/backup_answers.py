"""The shapes of the answers about backups, and how they are made of what the folder holds. Times are on the
site's clock."""

from datetime import datetime

import msgspec

from otrs_web.backups import daily
from otrs_web.backups.errors import Reason
from otrs_web.backups.folder import Backup
from otrs_web.backups.task import AGAIN, INTERRUPTED, Task, last_task
from otrs_web.clock import utc_now
from otrs_web.reader import reader
from otrs_web.settings import Settings

_MEGABYTE = 1024 * 1024


class BackupFile(msgspec.Struct):
    """`kind`: daily, by_hand or before_restore. `verified`: true, false with the reason in `fault`, or null
    where it was not verified."""

    filename: str
    size_mb: float
    size_bytes: int
    created_date: datetime
    age_days: int
    kind: str | None
    tickets: int | None
    database: str | None
    schema_revision: str | None
    program_version: str | None
    sha256: str | None
    verified: bool | None
    verified_date: datetime | None
    fault: str | None
    compressed: bool = True


class BackupList(msgspec.Struct):
    backups: list[BackupFile]
    success: bool = True


class BackupStatus(msgspec.Struct):
    """`running`: what is being done now (backup, verify, restore, cleanup), or null; `last_error`: why what
    was done last came to nothing."""

    total_backups: int
    total_size_mb: float
    oldest_backup: datetime | None
    newest_backup: datetime | None
    compressed_count: int
    retention_days: int
    keep_at_least: int
    backup_folder: str
    schedule_time: str | None
    last_automatic: datetime | None
    next_automatic: datetime | None
    is_late: bool
    running: str | None
    last_error: str | None
    success: bool = True


class BackupDone(msgspec.Struct):
    """`filename` is the backup that was made, verified or restored, `safety_copy` that of what was there
    before. `running` is true where the work goes on after the answer."""

    message: str
    filename: str | None = None
    tickets: int | None = None
    safety_copy: str | None = None
    deleted_count: int | None = None
    deleted: list[str] | None = None
    running: bool = False
    status_url: str = "/api/backup/status"
    success: bool = True


def _megabytes(octets: int) -> float:
    return round(octets / _MEGABYTE, 2)


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else reader().formats.local(moment)


def file_answer(backup: Backup) -> BackupFile:
    local = reader().formats.local
    # nothing is known of a file that cannot be read
    known = msgspec.structs.asdict(backup.manifest) if backup.manifest else {}
    return BackupFile(
        filename=backup.name,
        size_mb=_megabytes(backup.size),
        size_bytes=backup.size,
        created_date=local(backup.created_at),
        age_days=(utc_now() - backup.created_at).days,
        kind=known.get("kind"),
        tickets=backup.manifest.tickets if backup.manifest else None,
        database=known.get("database"),
        schema_revision=known.get("revision"),
        program_version=known.get("version"),
        sha256=known.get("sha256"),
        verified=False if backup.fault else True if backup.checked_at else None,
        verified_date=_local(backup.checked_at),
        fault=_sentence(backup.fault),
    )


def status_answer(settings: Settings, found: list[Backup], automatic: daily.Daily) -> BackupStatus:
    now = last_task(settings)
    made = [_local(backup.created_at) for backup in found]
    return BackupStatus(
        total_backups=len(found),
        total_size_mb=_megabytes(sum(backup.size for backup in found)),
        oldest_backup=made[-1] if made else None,
        newest_backup=made[0] if made else None,
        compressed_count=len(found),
        retention_days=settings.backup_keep_days,
        keep_at_least=settings.backup_keep_at_least,
        backup_folder=str(settings.backups_dir),
        schedule_time=f"{settings.backup_time:%H:%M}" if settings.backup_time else None,
        last_automatic=_local(automatic.last.at) if automatic.last else None,
        next_automatic=_local(automatic.next),
        is_late=automatic.is_late,
        running=now.doing if now and now.is_running else None,
        last_error=_fault(now) if now else None,
    )


def _fault(task: Task) -> str | None:
    if task.was_killed:
        return f"{reader().gettext(INTERRUPTED)} {reader().gettext(AGAIN)}"
    return _sentence(task.fault)


def _sentence(reason: Reason | None) -> str | None:
    return None if reason is None else reader().gettext(reason.message).format(**reason.params)
