"""What is written into the database log about backups: who made, restored and deleted which, and what failed.
A backup that could not be logged is still a backup, so the log never stands in its way."""

import logging

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.backups.errors import Reason
from otrs_web.database import SyncDatabase
from otrs_web.database_log import entry
from otrs_web.i18n import N_
from otrs_web.models import DatabaseLog
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

MADE = Reason(N_("A backup was made: {file}, {tickets} tickets."))
RESTORED = Reason(
    N_("The backup {file} was restored, {tickets} tickets. What was there before is in {safety}.")
)
DELETED = Reason(N_("Backups that are no longer needed were deleted: {files}."))

_NEWEST = (DatabaseLog.operation_time.desc(), DatabaseLog.id.desc())

BACKUP, RESTORE, CLEANUP, FAILED = "backup", "restore", "backup_cleanup", "backup_failed"


def say(kind: str, reason: Reason) -> None:
    """Into the process's log, which does not tell who it was."""
    log.log(logging.WARNING if kind == FAILED else logging.INFO, "%s", reason)


def written(kind: str, reason: Reason, *, who: str, file: str | None, count: int | None) -> dict[str, object]:
    """A row of the database log."""
    return entry(kind, reason.message, reason.params, who=who, affected=count, filename=file)


def write(
    settings: Settings, kind: str, reason: Reason, *, who: str, file: str | None, count: int | None = None
) -> None:
    """Into the database log and into the process's."""
    say(kind, reason)
    row = written(kind, reason, who=who, file=file, count=count)
    db = SyncDatabase(settings)
    try:
        with db.write() as session:
            session.execute(insert(DatabaseLog).values(row))
    except SQLAlchemyError as error:
        log.warning("this cannot be written into the database log: %s", getattr(error, "orig", error))
    finally:
        db.dispose()


async def newest_by(session: AsyncSession, who: str) -> DatabaseLog | None:
    """The last backup that `who` made or failed to make, as the database log has it."""
    query = select(DatabaseLog).where(
        DatabaseLog.operation_type.in_((BACKUP, FAILED)), DatabaseLog.user_info == who
    )
    found: DatabaseLog | None = await session.scalar(query.order_by(*_NEWEST).limit(1))
    return found
