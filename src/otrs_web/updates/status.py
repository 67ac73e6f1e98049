"""What is known of newer versions and of the update that runs or ran last: one row, shared by all processes.

Whoever changes it does so by one of the functions here, inside a write transaction of its own
(`await session.run_sync(begin_update, …)` beside an event loop). An update begins only where none runs: the
database decides between two that begin at once.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from otrs_web.clock import utc_now
from otrs_web.database_log import entry
from otrs_web.i18n import N_
from otrs_web.models import AppUpdateStatus, DatabaseLog
from otrs_web.updates.shapes import UNDER_WAY, Fault, Status, Target
from otrs_web.updates.versions import is_newer, running_version, shown

UPDATED = N_("Updated from {before} to {after}.")
FAILED = N_("The update from {before} to {after} failed: {reason}")


async def load(session: AsyncSession) -> Status:
    return await session.run_sync(load_now)


def load_now(session: Session) -> Status:
    """The same without an event loop."""
    row = session.scalars(select(AppUpdateStatus).order_by(AppUpdateStatus.id).limit(1)).first()
    return Status(current_version=running_version()) if row is None else Status.of(row)


def begin_update(session: Session, target: str) -> bool:
    """Note that an update to `target` (a tag or a branch) begins; False, and nothing is changed, where one
    is under way."""
    now = utc_now()
    return _change(
        session,
        {
            "status": "updating",
            "current_version": running_version(),
            "updating_from": running_version(),
            "updating_to": target,
            "update_step": None,
            "last_update_started_at": now,
            "last_update_completed_at": None,
            "last_error": None,
            "fault": None,
        },
        AppUpdateStatus.status.not_in(UNDER_WAY),
    )


def set_step(session: Session, step: str) -> None:
    """Note which step of the update that runs has begun."""
    _change(session, {"update_step": step})


def restart_update(session: Session) -> None:
    """Note that the new version is in place and only waits for the service to begin anew."""
    _change(session, {"status": "restarting", "update_step": "restart"})


def finish_update(session: Session, version: str, *, who: str) -> None:
    """Note that the update has led to `version`, which need not be the newest one known, and log it."""
    row = load_now(session)
    newest = row.target
    is_older = newest is not None and newest.kind != "branch" and is_newer(newest.version, version)
    _change(
        session,
        {
            "status": "update_available" if is_older else "up_to_date",
            "current_version": version,
            "update_step": None,
            "last_update_completed_at": utc_now(),
            "last_error": None,
            "fault": None,
        },
    )
    params = {"before": row.updating_from or "?", "after": shown(version)}
    session.execute(insert(DatabaseLog).values(entry("update", UPDATED, params, who=who)))


def fail_update(session: Session, step: str | None, reason: Fault, *, who: str) -> None:
    """Note why the update came to nothing, at which step, and log it. The old version is in place."""
    row = load_now(session)
    _change(
        session,
        {
            "status": "update_failed",
            "update_step": step,
            "last_update_completed_at": utc_now(),
            "last_error": str(reason),
            "fault": msgspec.to_builtins(reason),
        },
    )
    params = {
        "before": row.updating_from or "?",
        "after": shown(row.updating_to or "?"),
        "reason": str(reason),
    }
    session.execute(insert(DatabaseLog).values(entry("update", FAILED, params, who=who)))


def acknowledge(session: Session) -> None:
    """Note that somebody has seen the version that is offered."""
    _change(session, {"notified_at": utc_now()})


def note_check(session: Session, values: Mapping[str, Any]) -> bool:
    """What a check has found; False, and nothing is changed, while an update is under way."""
    known = {"current_version": running_version(), "last_checked_at": utc_now(), **values}
    return _change(session, known, AppUpdateStatus.status.not_in(UNDER_WAY))


def target_columns(target: Target | None) -> dict[str, Any]:
    """The columns that hold a target."""
    return {
        "target_kind": target and target.kind,
        "target_ref": target and target.ref,
        "target_commit": target and target.commit,
        "assets": target and target.assets,
        "latest_version": target and target.version,
        "release_name": target and target.name,
        "release_body": target and target.notes,
        "release_url": target and target.url,
        "published_at": target and target.published_at,
    }


def _change(session: Session, values: Mapping[str, Any], *where: Any) -> bool:
    """Change the row, which is made where there is none; whether it fulfils the condition."""
    now = utc_now()
    if session.scalar(select(AppUpdateStatus.id).limit(1)) is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        first = {"id": 1, "current_version": running_version(), "status": "idle", "created_at": now}
        session.execute(dialect.insert(AppUpdateStatus).values(first).on_conflict_do_nothing())
    changed = update(AppUpdateStatus).where(*where).values(**values, updated_at=now)
    return session.scalar(changed.returning(AppUpdateStatus.id)) is not None
