"""Keeps the row that everybody reads in line with the journal of the update. The updater itself knows nothing
of the database's tables, and a database that was brought back tells of an update that is over; so whoever
looks at the row, and the worker every minute, has it mended first."""

import asyncio
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.database_log import SCHEDULE
from otrs_web.i18n import N_
from otrs_web.models import AppUpdateStatus
from otrs_web.settings import Settings
from otrs_web.updates import journal
from otrs_web.updates.journal import Journal
from otrs_web.updates.shapes import Fault, Status
from otrs_web.updates.status import (
    begin_update,
    fail_update,
    finish_update,
    load,
    load_now,
    restart_update,
    set_step,
)

LAUNCH_LOG = "launch.log"
_NOT_BEGUN = N_("The update did not begin: {reason}")
#: in these, without a process at work: a dead one has left them, and nothing else will go on with them
_ABANDONED = ("preparing", "settling")
#: so long after it was asked for, nobody will change over any more
_ANSWER = timedelta(minutes=5)
#: an updater needs a moment to load before it writes its journal
_PATIENCE = timedelta(seconds=30)


async def follow(db: Database) -> None:
    """Note in the row what the journal says has happened since; undo what a killed updater has left."""
    async with db.read() as session:
        known = await load(session)
    found = await asyncio.to_thread(_journal, db.settings)
    if known.is_updating or (found is not None and not found.is_over):
        async with db.write() as session:
            await session.run_sync(_note, db.settings, found)


def _journal(settings: Settings) -> Journal | None:
    found = journal.read(settings)
    if found is None or not _is_abandoned(found) or journal.is_locked(settings):
        return found
    journal.go_on(settings, "recover")
    return journal.read(settings)


def _is_abandoned(found: Journal) -> bool:
    return found.phase in _ABANDONED or (found.phase == "ready" and utc_now() > found.at + _ANSWER)


def _note(session: Session, settings: Settings, found: Journal | None) -> None:
    """Of several processes that do this at once, one notes the end: the others wait for its transaction."""
    session.execute(select(AppUpdateStatus.id).with_for_update())
    known = load_now(session)
    if found is None:
        _note_missing(session, settings, known)
    elif not found.is_over:
        if not known.is_updating:
            begin_update(session, found.target)
        if not found.is_being_prepared or found.phase == "ready":
            restart_update(session)
        set_step(session, found.step)
    elif known.is_updating and found.phase == "done":
        finish_update(session, found.version or found.target, who=found.who)
    elif known.is_updating and found.reason is not None:
        reason = Fault(found.reason.message, dict(found.reason.params))
        fail_update(session, found.step, reason, who=found.who)


def _note_missing(session: Session, settings: Settings, known: Status) -> None:
    began = known.last_update_started_at
    if known.is_updating and (began is None or utc_now() > began + _PATIENCE):
        reason = Fault(_NOT_BEGUN, {"reason": _last_line(settings)})
        fail_update(session, "check", reason, who=SCHEDULE)


def _last_line(settings: Settings) -> str:
    try:
        lines = (settings.updates_dir / LAUNCH_LOG).read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "?")
