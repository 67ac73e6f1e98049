"""When the daily statistics are computed, and by whom: at the set time of every day by exactly one worker,
for each day that all of them missed, and by hand. Every run leaves a row in `statistics_log`, also one that
failed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import site_now, utc_now
from otrs_web.database import Database
from otrs_web.database_log import entry
from otrs_web.i18n import N_
from otrs_web.models import DatabaseLog, Schedule, StatisticsConfig, StatisticsLog
from otrs_web.schedule import days_between, due_on, is_taken, last_due, latest_due, next_due, take
from otrs_web.tickets.days import MAX_DAYS, recompute_days

NAME = "daily_statistics"
DEFAULT_TIME = time(23, 59)
#: a run that begins later than this after its time was missed then
_ON_TIME = timedelta(minutes=10)
_LOGGED = {"age_24h": "age_lt_24h", "age_24_48h": "age_24_48h", "age_48_72h": "age_48_72h"}
_LOGGED |= {"age_72_96h": "age_72_96h", "age_gt_96h": "age_gt_96h", "total_open": "closing_balance"}
_LOGGED |= {name: name for name in ("opening_balance", "new_tickets", "resolved_tickets")}


@dataclass(frozen=True, slots=True)
class DailySchedule:
    """`next_due` is an aware instant, None while it is switched off."""

    at: time
    enabled: bool
    next_due: datetime | None

    @property
    def schedule_time(self) -> str:
        return f"{self.at:%H:%M}"


def parse_time(text: str) -> time:
    """`07:05` or `7:05`, hours from 0 to 23; ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
        raise ValueError(text)
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


async def daily_schedule(session: AsyncSession) -> DailySchedule:
    config = await session.scalar(select(StatisticsConfig).order_by(StatisticsConfig.id).limit(1))
    at = parse_time(config.schedule_time) if config else DEFAULT_TIME
    enabled = config.enabled if config else True
    due = next_due(at, session.info["timezone"], utc_now()) if enabled else None
    return DailySchedule(at, enabled, due)


async def change_schedule(db: Database, at: time, enabled: bool, who: str) -> DailySchedule:
    """From now on at this time, or not at all. What is due by the old time is computed first, and no day
    between is lost: one whose new time is over is due at once. Days that were not computed while it was off
    stay so, until somebody or an import computes them."""
    message = N_("Daily statistics at {time}.") if enabled else N_("Daily statistics switched off.")
    now = utc_now()
    async with db.write() as session:
        before, due = await _due(session)
        if before and due and before < due:
            await _compute(session, before, due)
        # without a beginning, or switched off until now, there is nothing to go on from
        last = max(before, due) if before and due else None
        taken = _taken_by_new_time(at, now, db.settings.timezone, last)
        await session.execute(delete(Schedule).where(Schedule.name == NAME))
        await session.execute(insert(Schedule).values(name=NAME, last_due=taken))
        config = await session.scalar(select(StatisticsConfig).order_by(StatisticsConfig.id).limit(1))
        if config is None:
            config = StatisticsConfig(created_at=now)
            session.add(config)
        config.schedule_time, config.enabled, config.updated_at = f"{at:%H:%M}", enabled, now
        log = entry(
            "schedule", message, {"time": f"{at:%H:%M}"}, who=who, affected=1, table="statistics_config"
        )
        await session.execute(insert(DatabaseLog).values(log))
        await session.flush()
        return await daily_schedule(session)


def _taken_by_new_time(at: time, now: datetime, zone: ZoneInfo, taken: datetime | None) -> datetime:
    """Which due instant of the new time counts as taken: that of the day that was computed last. `taken` is
    its due instant by the old time, None where there was none."""
    if taken is None or (day := taken.astimezone(zone).date()) == now.astimezone(zone).date():
        return latest_due(at, zone, now)
    return due_on(day, at, zone)


async def run_due(db: Database) -> int:
    """Compute the days that are due and that no other process has taken; how many they were. Their rows, the
    log and the claim are one transaction: all of it, once, or nothing."""
    async with db.read() as session:
        before, due = await _due(session)
    if due is None or is_taken(before, due):
        return 0
    async with db.write() as session:
        if not await take(session, NAME, before, due):
            return 0
        return await _compute(session, before, due)


async def _compute(session: AsyncSession, before: datetime | None, due: datetime) -> int:
    days = _missed(before, due, session.info["timezone"])
    if days:
        rows = {row["statistic_date"]: row for row in await recompute_days(session, days[-1])}
        logs = [_log(day, rows.get(day, {}), occasion=_occasion(day, days, due)) for day in days]
        await session.execute(insert(StatisticsLog), logs)
    return len(days)


async def note_failure(db: Database, error: Exception) -> None:
    """Log that what is due now could not be computed, once: the next run computes those days as well."""
    async with db.write() as session:
        before, due = await _due(session)
        if due is None or is_taken(before, due) or not await take(session, NAME, before, due):
            return
        for day in _missed(before, due, session.info["timezone"])[-1:]:
            await session.execute(insert(StatisticsLog), [_log(day, {}, occasion="schedule", error=error)])


async def run_by_hand(db: Database, first: date, last: date, *, occasion: str, who: str) -> int:
    """Compute the days from `first` to `last`, both included; how many of them have figures, since before the
    first ticket there are none. Raises what the database raises, after it was logged."""
    message = N_("Daily statistics computed by hand from {first} to {last}.")
    params = {"first": first.isoformat(), "last": last.isoformat()}
    try:
        async with db.write() as session:
            rows = {row["statistic_date"]: row for row in await recompute_days(session, last)}
            count = len([day for day in rows if first <= day <= last])
            log = _log(last, rows.get(last, {}), occasion=occasion, days=count)
            await session.execute(insert(StatisticsLog), [log])
            noted = entry(NAME, message, params, who=who, affected=count, table=NAME)
            await session.execute(insert(DatabaseLog).values(noted))
    except SQLAlchemyError as error:
        async with db.write() as session:
            log = _log(last, {}, occasion=occasion, days=0, error=error)
            await session.execute(insert(StatisticsLog), [log])
        raise
    return count


def today(db: Database) -> date:
    return site_now(db.settings.timezone).date()


async def _due(session: AsyncSession) -> tuple[datetime | None, datetime | None]:
    """Which due instant was taken last, and which is the latest; None where it is switched off."""
    schedule = await daily_schedule(session)
    due = latest_due(schedule.at, session.info["timezone"], utc_now()) if schedule.enabled else None
    return await last_due(session, NAME), due


def _missed(before: datetime | None, due: datetime, zone: ZoneInfo) -> Sequence[date]:
    """The days to compute; none at the very first start, which only begins to count."""
    if before is None:
        return []
    if before > due:  # of a clock that has been set back: nothing is known of what came before
        return [due.astimezone(zone).date()]
    return list(days_between(before, due, zone))[-MAX_DAYS:]


def _occasion(day: date, days: Sequence[date], due: datetime) -> str:
    return "schedule" if day == days[-1] and utc_now() - due < _ON_TIME else "missed"


def _log(
    day: date, row: Mapping[str, Any], *, occasion: str, days: int = 1, error: Exception | None = None
) -> dict[str, Any]:
    reason = error and " ".join(str(getattr(error, "orig", None) or error).split())
    return {
        "execution_time": utc_now(),
        "statistic_date": day,
        **{name: row.get(source, 0) for name, source in _LOGGED.items()},
        "status": "error" if error else "success",
        "error_message": reason,
        "created_at": utc_now(),
        "occasion": occasion,
        "days": days,
    }
