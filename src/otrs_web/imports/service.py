"""Accepts uploads and runs their imports: the file is on disk and its row committed before anything else
happens, so an import can be run again from both, and its result becomes visible in one commit with its end.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.engine import CursorResult

from otrs_web.clock import utc_now
from otrs_web.database import Database, SyncDatabase
from otrs_web.database.faults import DATABASE_FAULTS, in_one_line, is_away, is_full
from otrs_web.database_log import browser, entry
from otrs_web.i18n import N_
from otrs_web.imports.lock import import_lock
from otrs_web.imports.quality import Rejected
from otrs_web.imports.run import import_upload
from otrs_web.logging_setup import log_context
from otrs_web.models import MODES, UNFINISHED, DatabaseLog, DataState, Ticket, TicketChange, Upload
from otrs_web.settings import Settings
from otrs_web.tickets.facts import store_facts

logger = logging.getLogger(__name__)

#: an import that was ended this often is given up: most likely it is the file that kills its process. A few
#: more than a crash needs, since a restart in the middle of a long import counts as well.
MAX_ATTEMPTS = 5


async def accept(
    db: Database,
    *,
    stored_filename: str,
    filename: str,
    size_bytes: int,
    sha256: str,
    mode: str,
    as_of: datetime | None = None,
    address: str = "",
    user_agent: str = "",
) -> int:
    """Record a stored file as queued and commit; the caller then enqueues the returned upload's id.

    `filename` is what the user called it (at most 255 characters are kept), `mode` is `replace` or
    `incremental`, `as_of` the site's wall-clock time of the export where the user gave one.
    """
    upload = Upload(
        filename=filename[-255:],
        stored_filename=stored_filename,
        upload_time=utc_now(),
        import_mode=MODES[mode],
        status="queued",
        step=1,
        record_count=0,
        size_bytes=size_bytes,
        sha256=sha256,
        as_of_given=as_of,
        address=address[:64],
        user_agent=user_agent[:255],
    )
    async with db.write() as session:
        session.add(upload)
    with log_context(upload_id=upload.id):
        logger.info("An upload of %s bytes is stored", size_bytes)
    return upload.id


async def cancel(db: Database, upload_id: int) -> bool:
    """Give up an import that has not begun; False if it has, or is not there."""
    async with db.write() as session:
        result = await session.execute(
            update(Upload)
            .where(Upload.id == upload_id, Upload.status == "queued")
            .values(status="cancelled", finished_at=utc_now())
        )
    return isinstance(result, CursorResult) and result.rowcount == 1


async def has_pending(db: Database) -> bool:
    """Whether an upload waits for a process to run it: none holds the lock although some are unfinished."""
    async with db.read() as session:
        unfinished = await session.scalar(select(exists().where(Upload.status.in_(UNFINISHED))))
    if not unfinished:
        return False
    return await asyncio.to_thread(_is_nobody_importing, db.settings)


def _is_nobody_importing(settings: Settings) -> bool:
    db = SyncDatabase(settings)
    try:
        with import_lock(db, wait=False) as free:
            return free
    finally:
        db.dispose()


async def clear(db: Database, *, address: str, user_agent: str) -> int:
    """Delete all tickets; how many there were. Uploads, their files and the logs stay."""
    return await asyncio.to_thread(_clear, db.settings, browser(address, user_agent))


def _clear(settings: Settings, who: str) -> int:
    """A million tickets take longer than a reader's connection has patience."""
    db = SyncDatabase(settings)
    try:
        return _delete_all(db, who)
    finally:
        db.dispose()


def _delete_all(db: SyncDatabase, who: str) -> int:
    with db.write() as session:
        count = session.scalar(select(func.count()).select_from(Ticket)) or 0
        session.execute(delete(TicketChange))
        session.execute(delete(Ticket))
        session.execute(
            insert(DatabaseLog).values(
                entry(
                    "clear_tickets",
                    N_("All tickets were deleted by hand."),
                    who=who,
                    affected=count,
                    table="otrs_ticket",
                    filename="manual_clear",
                )
            )
        )
        session.execute(
            update(DataState).values(version=DataState.version + 1, as_of=None, changed_at=utc_now())
        )
        store_facts(session.connection())
    return count


def run_pending(settings: Settings) -> None:
    """Run every queued import, oldest first, then return. Waits while another process does the same; an
    import that a dead process left behind is run again."""
    db = SyncDatabase(settings)
    try:
        with import_lock(db):
            _requeue_orphans(db)
            while upload_id := _claim(db):
                with log_context(upload_id=upload_id):
                    _run(db, upload_id)
    finally:
        db.dispose()


def _requeue_orphans(db: SyncDatabase) -> None:
    running = Upload.status == "running"
    given_up = {"status": "failed", "error": {"code": "import_died", "params": {}}, "finished_at": utc_now()}
    with db.write() as session:
        session.execute(update(Upload).where(running, Upload.attempts >= MAX_ATTEMPTS).values(given_up))
        session.execute(update(Upload).where(running).values(status="queued", step=1, rows_done=0))


def _claim(db: SyncDatabase) -> int | None:
    with db.write() as session:
        upload = session.scalar(
            select(Upload).where(Upload.status == "queued").order_by(Upload.id).limit(1).with_for_update()
        )
        if upload is None:
            return None
        upload.status = "running"
        upload.attempts += 1
        upload.started_at = utc_now()
        return upload.id


def _run(db: SyncDatabase, upload_id: int) -> None:
    """One import, from claimed to finished: this is the outermost edge of the importing process."""
    logger.info("import %s: begins", upload_id)
    try:
        import_upload(db, upload_id)
    except Rejected as reason:
        _finish(db, upload_id, "rejected", reason.code, reason.params, reason.lines)
    except FileNotFoundError:
        _finish(db, upload_id, "failed", "file_missing", {}, [])
    except DATABASE_FAULTS as error:
        if is_away(error):  # nobody could be told now; the next one to get the lock runs it again
            raise
        logger.exception("import %s: the database did not take it", upload_id)
        code = "disk_full" if is_full(error) else "database"
        _finish(db, upload_id, "failed", code, {"reason": in_one_line(error)}, [])
    except Exception as error:
        logger.exception("import %s failed", upload_id)
        _finish(db, upload_id, "failed", "disk_full" if is_full(error) else "internal", {}, [])
    else:
        logger.info("import %s: done", upload_id)


def _finish(
    db: SyncDatabase, upload_id: int, status: str, code: str, params: dict[str, Any], lines: list[int]
) -> None:
    logger.info("import %s: %s, %s", upload_id, status, code)
    with db.write() as session:
        session.execute(
            update(Upload)
            .where(Upload.id == upload_id)
            .values(
                status=status,
                error={"code": code, "params": params, "lines": lines},
                finished_at=utc_now(),
            )
        )
