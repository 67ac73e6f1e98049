"""How far an import is. The upload row is the only record of it: written by the importing process in short
transactions of its own, read by pages, scripts and the command line."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.i18n import N_
from otrs_web.models import Upload

#: the seven steps, in the original application's number
STEPS = (
    N_("File received"),
    N_("Opening the file"),
    N_("Finding the columns"),
    N_("Reading the rows"),
    N_("Comparing with what is stored"),
    N_("Storing"),
    N_("Finished"),
)
#: per cent at the beginning of each step; reading the rows fills the span up to the next one
_PERCENT = (0, 3, 30, 35, 75, 80, 100)
_EVERY_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Progress:
    """`elapsed` and `remaining` are None where they cannot be known; `step` counts from 1 to 7."""

    upload: Upload
    step: int
    message: str
    percent: int
    elapsed: timedelta | None
    remaining: timedelta | None

    @property
    def total_steps(self) -> int:
        return len(STEPS)


async def progress(session: AsyncSession, upload_id: int | None = None) -> Progress | None:
    """The progress of an upload, of the newest if none is named; None if there is none."""
    query = select(Upload).order_by(Upload.id.desc()).limit(1)
    if upload_id is not None:
        query = select(Upload).where(Upload.id == upload_id)
    upload = await session.scalar(query)
    return None if upload is None else progress_of(upload, utc_now())


def progress_of(upload: Upload, now: datetime) -> Progress:
    step = min(max(upload.step, 1), len(STEPS))
    percent = _percent(upload, step)
    elapsed = remaining = None
    if upload.started_at:
        # a clock that was set back meanwhile
        elapsed = max((upload.finished_at or now) - upload.started_at, timedelta())
        if not upload.is_finished and percent >= 40:
            remaining = elapsed * (100 - percent) / percent
    return Progress(upload, step, STEPS[step - 1], percent, elapsed, remaining)


def _percent(upload: Upload, step: int) -> int:
    start = _PERCENT[step - 1]
    if step == 4 and upload.rows_total:
        share = min(1.0, upload.rows_done / upload.rows_total)
        return int(start + (_PERCENT[step] - start) * share)
    return start


class ProgressWriter:
    """Writes steps at once and row counts a few times a second."""

    def __init__(self, db: SyncDatabase, upload_id: int) -> None:
        self._db = db
        self._upload_id = upload_id
        self._written_at = 0.0

    def step(self, number: int, **values: Any) -> None:
        self._write(step=number, **values)

    def rows(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._written_at >= _EVERY_SECONDS:
            self._write(rows_done=done, rows_total=total)

    def _write(self, **values: Any) -> None:
        with self._db.write() as session:
            session.execute(update(Upload).where(Upload.id == self._upload_id).values(**values))
        self._written_at = time.monotonic()
