"""What the database knows about imports, daily statistics and backups, asked anew for every scrape: a few
aggregates over tables with a row per upload, day or backup, none over tickets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.backups import daily
from otrs_web.clock import utc_now
from otrs_web.models import DatabaseLog, DataState, Schedule, StatisticsLog, Upload
from otrs_web.schedule import latest_due
from otrs_web.settings import Settings
from otrs_web.stats import daily_runs

#: of `rows`: what became of the rows of all files
ROWS = {
    "new": Upload.new_records_count,
    "updated": Upload.updated_records_count,
    "unchanged": Upload.unchanged_records_count,
    "rejected": Upload.rejected_records_count,
    "removed": Upload.removed_records_count,
}
DAILY_STATISTICS, BACKUP = daily_runs.NAME, daily.MADE
BACKUPS = {BACKUP: "done", "backup_failed": "failed"}


class Event(NamedTuple):
    """How often it happened, and when last; an aware instant."""

    times: int
    last: datetime | None


@dataclass(frozen=True)
class Figures:
    """All instants are aware. `uploads` by status, `runs` of the daily statistics and `backups` by result;
    `oldest_waiting` is when the upload came that has waited longest. `due` is the latest instant at which a
    task was due, without those that are switched off; `done` is the one for which it was done last."""

    uploads: Mapping[str, Event]
    rows: Mapping[str, int]
    oldest_waiting: datetime | None
    runs: Mapping[str, Event]
    backups: Mapping[str, Event]
    due: Mapping[str, datetime]
    done: Mapping[str, datetime]
    data_version: int
    as_of: datetime | None
    schema: str


async def figures(session: AsyncSession, settings: Settings) -> Figures:
    """Seven queries, however much is stored."""
    uploads = {row.status: row for row in await session.execute(_uploads())}
    state = (await session.execute(select(DataState.version, DataState.as_of))).one()
    logged = select(StatisticsLog.status, func.count(), func.max(StatisticsLog.execution_time))
    made = select(DatabaseLog.operation_type, func.count(), func.max(DatabaseLog.operation_time))
    made = made.where(DatabaseLog.operation_type.in_(BACKUPS))
    return Figures(
        uploads={status: Event(row.number, row.ended) for status, row in uploads.items()},
        rows={name: sum(getattr(row, name) or 0 for row in uploads.values()) for name in ROWS},
        oldest_waiting=uploads["queued"].began if "queued" in uploads else None,
        runs=_events(await session.execute(logged.group_by(StatisticsLog.status))),
        backups=_events(await session.execute(made.group_by(DatabaseLog.operation_type))),
        due=await _due(session, settings),
        done={
            row.name: row.last_due for row in await session.execute(select(Schedule.name, Schedule.last_due))
        },
        data_version=state.version,
        as_of=state.as_of and state.as_of.replace(tzinfo=settings.timezone),
        schema=await session.scalar(text("SELECT version_num FROM alembic_version")) or "",
    )


def _uploads() -> Any:
    return select(
        Upload.status,
        func.count().label("number"),
        func.min(Upload.upload_time).label("began"),
        func.max(func.coalesce(Upload.finished_at, Upload.upload_time)).label("ended"),
        *(func.sum(column).label(name) for name, column in ROWS.items()),
    ).group_by(Upload.status)


def _events(rows: Any) -> Mapping[str, Event]:
    return {kind: Event(times, last) for kind, times, last in rows}


async def _due(session: AsyncSession, settings: Settings) -> Mapping[str, datetime]:
    schedule, now = await daily_runs.daily_schedule(session), utc_now()
    due = {}
    if schedule.enabled:
        due[DAILY_STATISTICS] = latest_due(schedule.at, settings.timezone, now)
    if settings.backup_time is not None:
        due[BACKUP] = latest_due(settings.backup_time, settings.timezone, now)
    return due
