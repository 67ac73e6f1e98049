"""An import on a terminal or from cron: the same steps as an upload, with the progress and the quality report
as lines of text. The import runs in its process as always, and its row in the database says how far it is; so
it makes no difference whether this program or a worker that runs next to it gets to it first."""

import asyncio
import hashlib
import logging
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from otrs_web.clock import site_now
from otrs_web.database import Database, migrate
from otrs_web.i18n import N_, Formats, translations
from otrs_web.imports import service
from otrs_web.imports.process import ImportProcessDied, run_import_process
from otrs_web.imports.progress import Progress, progress
from otrs_web.imports.quality import Finding, Rejected, message
from otrs_web.models import Upload
from otrs_web.settings import Settings
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets

Show = Callable[[Progress], None]
Gettext = Callable[[str], str]

_LOOK_EVERY_S = 0.25
_HEADINGS = {"attention": N_("Needs your attention"), "notice": N_("Worth knowing"), "fine": N_("Fine")}
_UNFINISHED = N_("The importing process ended without a result.")
_ENDINGS = {"cancelled": N_("The import was cancelled."), "queued": _UNFINISHED, "running": _UNFINISHED}


def import_file(settings: Settings, path: Path, filename: str, mode: str, as_of: datetime | None) -> int:
    """Import a file under the name that its upload shall have; gives the exit code: 1 if it was refused."""
    migrate(settings)
    stored, size, digest = _store(settings, path)
    accepted = {
        "stored_filename": stored,
        "filename": filename,
        "size_bytes": size,
        "sha256": digest,
        "mode": mode,
        "as_of": as_of,
        "address": "terminal",
        "user_agent": "otrs-web import",
    }
    try:
        upload = asyncio.run(_import(settings, accepted))
    except KeyboardInterrupt:
        words = N_(
            "Interrupted, and nothing was imported. A server that runs on these data takes it up again."
        )
        click.echo(_gettext(settings)(words), err=True)
        return 1
    return _tell(upload, Formats(_language(settings), settings.timezone), _gettext(settings))


def import_demo(settings: Settings, tickets: int) -> int:
    """Import a made-up help desk; refuses if the database holds anything that it could replace."""
    from otrs_web.demo import write_demo

    migrate(settings)
    if not asyncio.run(_is_empty(settings)):
        words = N_("The database is not empty: sample data would replace what is there.")
        click.echo(_gettext(settings)(words), err=True)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.xlsx"
        now = site_now(settings.timezone)
        write_demo(path, now, tickets)
        return import_file(settings, path, f"demo_{now:%Y-%m-%d_%H-%M}.xlsx", "replace", now)


def _language(settings: Settings) -> str:
    """A terminal's reader has no browser to tell a language: it is the installation's, else English."""
    return settings.language or "en"


def _gettext(settings: Settings) -> Gettext:
    return translations(_language(settings)).gettext


async def _is_empty(settings: Settings) -> bool:
    db = Database(settings)
    try:
        async with db.read() as session:
            return not await count_tickets(session, TicketFilter())
    finally:
        await db.dispose()


def _store(settings: Settings, path: Path) -> tuple[str, int, str]:
    """Copy the file to the uploads, complete or not at all; its name there, its size and its digest."""
    settings.uploads_dir.mkdir(parents=True, exist_ok=True)
    stored = f"{uuid.uuid4().hex}{path.suffix.lower()}"
    part = settings.uploads_dir / f"{stored}.part"
    try:
        with path.open("rb") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        with part.open("rb") as copy:
            digest = hashlib.file_digest(copy, "sha256").hexdigest()
        part.rename(settings.uploads_dir / stored)
    finally:
        part.unlink(missing_ok=True)
    return stored, (settings.uploads_dir / stored).stat().st_size, digest


async def _import(settings: Settings, accepted: dict[str, Any]) -> Upload:
    db = Database(settings)
    try:
        upload_id = await service.accept(db, **accepted)
        try:
            with _display(_gettext(settings)) as show:
                await _run(settings, db, upload_id, show)
        except asyncio.CancelledError:
            await service.cancel(db, upload_id)
            raise
        return (await _look(db, upload_id)).upload
    finally:
        await db.dispose()


async def _run(settings: Settings, db: Database, upload_id: int, show: Show) -> None:
    """Import, and show how far it is until the upload is finished, here or by a worker. If the process is
    killed it is tried again, as a worker would."""
    for _ in range(service.MAX_ATTEMPTS + 1):
        working = asyncio.create_task(run_import_process(settings, logging.ERROR))
        try:
            while not working.done():
                await asyncio.wait([working], timeout=_LOOK_EVERY_S)
                show(await _look(db, upload_id))
            with suppress(ImportProcessDied):
                await working
        finally:
            working.cancel()
        if (await _look(db, upload_id)).upload.is_finished:
            return


async def _look(db: Database, upload_id: int) -> Progress:
    async with db.read() as session:
        found = await progress(session, upload_id)
    if found is None:
        raise LookupError(f"upload {upload_id} has vanished")
    return found


@contextmanager
def _display(tr: Gettext) -> Iterator[Show]:
    """A bar on a terminal; elsewhere a line for each step, for the log of a cron job."""
    if not sys.stdout.isatty():
        steps: list[str] = []

        def line(now: Progress) -> None:
            if now.message not in steps:
                steps.append(now.message)
                click.echo(f"{now.percent:3d} %  {tr(now.message)}")

        yield line
        return
    with click.progressbar(length=100, item_show_func=lambda item: item) as bar:

        def move(now: Progress) -> None:
            rows = f"  {now.upload.rows_done:,}" if now.upload.rows_done else ""
            bar.update(now.percent - bar.pos, tr(now.message) + rows)

        yield move


def _tell(upload: Upload, formats: Formats, tr: Gettext) -> int:
    """Print what came of it, with the quality report; gives the exit code."""
    if upload.status != "done":
        reason = (
            message(Rejected.from_json(upload.error), tr) if upload.error else tr(_ENDINGS[upload.status])
        )
        words = tr(N_("{file} was not imported. {reason} The stored tickets are as they were."))
        click.echo(words.format(file=upload.filename, reason=reason), err=True)
        return 1
    words = tr(
        N_(
            "Imported {file}: {total} tickets ({new} new, {updated} updated, {unchanged} unchanged, "
            "{removed} removed); {rejected} rows rejected."
        )
    )
    counts = {
        "total": upload.record_count,
        "new": upload.new_records_count,
        "updated": upload.updated_records_count,
        "unchanged": upload.unchanged_records_count,
        "removed": upload.removed_records_count,
        "rejected": upload.rejected_records_count,
    }
    shown = {name: formats.number(count or 0) for name, count in counts.items()}
    click.echo(words.format(file=upload.filename, **shown))
    _tell_quality([Finding.from_json(finding) for finding in upload.report or []], tr)
    return 0


def _tell_quality(findings: list[Finding], tr: Gettext) -> None:
    for level, heading in _HEADINGS.items():
        found = [finding for finding in findings if finding.level == level]
        if found:
            click.echo(f"{tr(heading)}:")
        for finding in found:
            lines = ", ".join(map(str, finding.lines[:10])) + (" …" if len(finding.lines) > 10 else "")
            rows = " (" + tr(N_("rows {lines}")).format(lines=lines) + ")" if finding.lines else ""
            click.echo(f"  - {message(finding, tr)}{rows}")
