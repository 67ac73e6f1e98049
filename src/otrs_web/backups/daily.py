"""The backup of every day: made by one worker, whenever it was due and has not been made, so that a night on
which the machine was off costs nothing but the hour. One is enough for any number of missed nights.

Two rows of `schedule` tell about it: the due instant for which a backup is there, and the instant of the last
attempt. An attempt that failed, or whose process was killed, is followed by another one a while later.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.backups import service
from otrs_web.backups.background import begin
from otrs_web.backups.errors import BackupError, Reason
from otrs_web.backups.folder import Backup
from otrs_web.backups.log import FAILED, newest_by
from otrs_web.backups.task import tidy
from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.database_log import SCHEDULE
from otrs_web.models import DatabaseLog
from otrs_web.schedule import is_taken, last_due, latest_due, next_due, take
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

#: by these names the schedule keeps what was done last; the first is also that of the log's entries
MADE, _TRIED = "backup", "backup_attempt"
SCHEDULES = (MADE, _TRIED)
#: so long after an attempt the next one is made, if there is no backup by then
RETRY = timedelta(minutes=30)


class Last(NamedTuple):
    """When the last one was made, or failed, and why."""

    at: datetime
    fault: Reason | None


class Daily(NamedTuple):
    """`next` is when there will be one, None where it is switched off. `is_late`: it was due and is not there
    yet."""

    last: Last | None
    next: datetime | None
    is_late: bool


async def run(db: Database) -> bool:
    """Make the backup if it is due and nobody has made it or tries to; whether it was made. Afterwards those
    that are no longer needed are deleted. What fails is logged, and tried again later. What a killed process
    has left is removed in any case."""
    await asyncio.to_thread(tidy, db.settings)
    due, now = await _due(db), utc_now()
    if due is None or not await _attempt(db, now, due.instant):
        return False
    try:
        await begin(lambda: service.create(db.settings, "daily", who=SCHEDULE))
    except BackupError as error:
        log.warning("The daily backup was not made: %s", error)
        return False
    async with db.write() as session:
        await take(session, MADE, due.made, due.instant)
    try:
        await begin(lambda: service.clean_up(db.settings, who=SCHEDULE))
    except BackupError as error:
        log.warning("Old backups were not deleted: %s", error)
    return True


async def state(session: AsyncSession, settings: Settings, found: Sequence[Backup]) -> Daily:
    """The last daily backup and the next; `found` are the backups in the folder."""
    last, at, now = _last(await newest_by(session, SCHEDULE), found), settings.backup_time, utc_now()
    if at is None:
        return Daily(last, None, False)
    made, tried = await last_due(session, MADE), await last_due(session, _TRIED)
    due = latest_due(at, settings.timezone, now)
    if made is None or is_taken(made, due):
        return Daily(last, next_due(at, settings.timezone, now), False)
    again = tried + RETRY if tried and due <= tried <= now else now
    return Daily(last, max(again, now), True)


def _last(logged: DatabaseLog | None, found: Sequence[Backup]) -> Last | None:
    """The log tells of failures and of other machines; a restored one knows nothing of what came later."""
    daily = [b.created_at for b in found if b.manifest is not None and b.manifest.kind == "daily"]
    made = max(daily, default=None)
    if logged is None or (made is not None and made > logged.operation_time):
        return None if made is None else Last(made, None)
    message = logged.message or {"text": "", "params": {}}
    failed = logged.operation_type == FAILED
    return Last(logged.operation_time, Reason(message["text"], message["params"]) if failed else None)


class _Due(NamedTuple):
    instant: datetime
    made: datetime


async def _due(db: Database) -> _Due | None:
    """The due instant for which there is no backup yet. A new installation begins with the next one."""
    at = db.settings.backup_time
    if at is None:
        return None
    due = latest_due(at, db.settings.timezone, utc_now())
    async with db.read() as session:
        made = await last_due(session, MADE)
    if made is None:
        async with db.write() as session:
            await take(session, MADE, None, due)
        return None
    return None if is_taken(made, due) else _Due(due, made)


async def _attempt(db: Database, now: datetime, due: datetime) -> bool:
    """Whether this process is the one that tries now."""
    async with db.read() as session:
        tried = await last_due(session, _TRIED)
    if tried is not None and due <= tried <= now < tried + RETRY:
        return False
    async with db.write() as session:
        return await take(session, _TRIED, tried, now)
