"""Files come in here, from scripts and from the page's form alike. The answer to an upload is that it is
safe, not that it is imported, unless the client asks to wait for that."""

import asyncio
import hashlib
import time
import uuid
from datetime import datetime
from pathlib import Path

from anyio import to_thread
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect

from otrs_web.accept import accepts_html
from otrs_web.api.answers import Accepted, Imported, Stats
from otrs_web.api.options import UploadOperation, UploadOptions
from otrs_web.api.queries import PARAMETERS
from otrs_web.api.receive import MEGABYTE, ReceivedFile, receive_file
from otrs_web.api.responses import problems
from otrs_web.api.wording import refusal_problem, remarks
from otrs_web.clock import site_now
from otrs_web.database import Database
from otrs_web.demo import write_demo
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.imports import service
from otrs_web.imports.progress import progress
from otrs_web.logging_setup import log_context
from otrs_web.models import Upload
from otrs_web.queue import TicketQueue, enqueue_import
from otrs_web.reader import AnyRequest
from otrs_web.security import client_address
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import database_stats
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import count_tickets

MAX_WAIT_SECONDS = 600
POLL_SECONDS = 0.15
#: how long an upload waits for the broker before it leaves the import to the worker's next look
BROKER_PATIENCE_SECONDS = 2
DEMO_NAME = "demo.xlsx"


class UploadController(Controller):
    tags = ("Import",)

    @post(
        "/upload",
        summary="Hand over an export",
        status_code=202,
        operation_class=UploadOperation,
        opt={PARAMETERS: ("wait",)},
        request_max_body_size=None,
        responses=problems(400, 409, 413, 415, 422, 503, 507),
    )
    async def upload(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        queue: NamedDependency[TicketQueue],
        settings: NamedDependency[Settings],
        wait: FromQuery[str | None] = None,
    ) -> Response[Accepted | Imported]:
        """The file is stored and its import queued. With `wait`, the answer comes when the import is done
        (200) or refused (422), or after so many seconds. A form in a browser is led to the page that shows
        it."""
        seconds = _seconds(wait)
        file = await receive_file(request, settings.uploads_dir, settings.max_upload_mb * MEGABYTE)
        try:
            options = UploadOptions.parse(file.fields)
            upload_id = await _accept(request, file, options)
        except BaseException:
            (settings.uploads_dir / file.stored_filename).unlink(missing_ok=True)
            raise
        await _enqueue(queue, upload_id)
        if accepts_html(request):
            return _to_page(upload_id)
        return await _answer(db, upload_id, seconds)

    @post(
        "/demo",
        summary="Fill an empty database with a made-up help desk",
        status_code=202,
        responses=problems(409, 503, 507),
    )
    async def demo(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        queue: NamedDependency[TicketQueue],
        settings: NamedDependency[Settings],
    ) -> Response[Accepted | Imported]:
        """Answers like an upload."""
        async with db.read() as session:
            if await count_tickets(session, TicketFilter()):
                message = N_("There is data already. The sample data only goes into an empty database.")
                raise Problem(409, message)
        now = site_now(settings.timezone)
        file = await to_thread.run_sync(_write_demo, settings.uploads_dir, now)
        upload_id = await _accept(request, file, UploadOptions(as_of=now))
        await _enqueue(queue, upload_id)
        return _to_page(upload_id) if accepts_html(request) else await _answer(db, upload_id, 0)


def _seconds(text: str | None) -> float:
    """How long the client is ready to wait; more than ten minutes are ten minutes."""
    try:
        seconds = float(text or 0)
    except ValueError:
        seconds = -1
    if not seconds >= 0:
        raise FilterError("wait", text or "", N_("a number of seconds"))
    return min(seconds, MAX_WAIT_SECONDS)


async def _accept(request: AnyRequest, file: ReceivedFile, options: UploadOptions) -> int:
    return await service.accept(
        request.app.state.db,
        stored_filename=file.stored_filename,
        filename=file.filename,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        mode=options.mode,
        as_of=options.as_of,
        address=client_address(request),
        user_agent=request.headers.get("user-agent", ""),
    )


async def _enqueue(queue: TicketQueue, upload_id: int) -> None:
    """The upload is committed: the broker hears of it now, or the worker finds it a minute later."""
    try:
        async with asyncio.timeout(BROKER_PATIENCE_SECONDS):
            with log_context(upload_id=upload_id):
                await enqueue_import(queue, upload_id)
    except TimeoutError:
        return


def _to_page(upload_id: int) -> Redirect:
    return Redirect(f"/?upload={upload_id}", status_code=303)


async def _answer(db: Database, upload_id: int, seconds: float) -> Response[Accepted | Imported]:
    upload = await _finished(db, upload_id, seconds)
    if not upload.is_finished:
        status_url = f"/processing-status?upload_id={upload_id}"
        accepted = Accepted(upload_id, upload.status, status_url)
        return Response(accepted, status_code=202, headers={"location": status_url})
    if upload.status != "done":
        raise refusal_problem(upload)
    return Response(await _imported(db, upload), status_code=200)


async def _finished(db: Database, upload_id: int, seconds: float) -> Upload:
    """The upload when its import is over, or as it is after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        async with db.read() as session:
            found = await progress(session, upload_id)
        if found is None:
            raise Problem(404)
        if found.upload.is_finished or time.monotonic() >= deadline:
            return found.upload
        await asyncio.sleep(POLL_SECONDS)


async def _imported(db: Database, upload: Upload) -> Imported:
    async with db.read() as session:
        stats = await database_stats(session, TicketFilter())
    return Imported(
        upload_id=upload.id,
        filename=upload.filename,
        total_records=stats["total_records"],
        record_count=upload.record_count,
        new_records_count=upload.new_records_count or 0,
        updated_records_count=upload.updated_records_count or 0,
        unchanged_records_count=upload.unchanged_records_count or 0,
        rejected_records_count=upload.rejected_records_count or 0,
        removed_records_count=upload.removed_records_count or 0,
        as_of=upload.snapshot_at,
        as_of_source=upload.snapshot_source,
        stats=Stats(**stats),
        warnings=remarks(upload),
    )


def _write_demo(directory: Path, now: datetime) -> ReceivedFile:
    directory.mkdir(parents=True, exist_ok=True)
    stored = f"{uuid.uuid4().hex}.xlsx"
    part = directory / f"{stored}.part"
    try:
        write_demo(part, now)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = part.stat().st_size
        part.rename(directory / stored)
    finally:
        part.unlink(missing_ok=True)
    return ReceivedFile(stored, DEMO_NAME, size, digest, {})
