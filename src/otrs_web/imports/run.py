"""One import: read and check the whole file into a private staging table, then make it visible in a single
transaction together with its log, its report and its end. Before that commit nothing has changed."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.database_log import browser, entry
from otrs_web.i18n import N_
from otrs_web.imports.columns import FIELDS
from otrs_web.imports.progress import ProgressWriter
from otrs_web.imports.quality import Finding
from otrs_web.imports.reading.export import Export, open_export
from otrs_web.imports.staging import STAGING, Staging
from otrs_web.imports.store import Outcome, Source, apply, written
from otrs_web.models import DatabaseLog, DataState, Statistic, Upload
from otrs_web.tickets.carried import Gathered, Import, after_import, before
from otrs_web.tickets.columns import Columns
from otrs_web.tickets.facts import Counts, store_facts
from otrs_web.tickets.rules import state_types

IMPORTED = {
    "replace": N_("Imported, replacing: {new} new, {updated} updated, {unchanged} unchanged."),
    "incremental": N_("Imported, adding: {new} new, {updated} updated, {unchanged} unchanged."),
}


def import_upload(db: SyncDatabase, upload_id: int) -> None:
    """Import the stored file of a claimed upload. Raises Rejected, FileNotFoundError or the database's error,
    and then has changed nothing."""
    progress = ProgressWriter(db, upload_id)
    progress.step(2)
    with db.read() as session:
        upload = session.get_one(Upload, upload_id)
        states = state_types(session)
    uploaded_at = upload.upload_time.astimezone(db.settings.timezone).replace(tzinfo=None)
    path = db.settings.uploads_dir / (upload.stored_filename or "")
    export = open_export(
        path, upload.filename, uploaded_at=uploaded_at, as_of=upload.as_of_given, states=states
    )
    progress.step(3, rows_total=export.rows_total)
    with _no_collector(), db.engine.connect() as connection:
        try:
            gathered = _read(connection, export, progress)
            progress.step(5, rows_done=export.rows_read, rows_total=export.rows_read)
            progress.step(6)
            writing = connection.execution_options(writes=True)
            with writing.begin():
                _store(writing, export, upload, gathered, db.settings.open_by)
        finally:
            # closed, not back to the pool: the staging table lives as long as its connection
            connection.invalidate()


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of short-lived rows and no cycles: the collector would only walk them again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(connection: Connection, export: Export, progress: ProgressWriter) -> Gathered:
    progress.step(4)
    gathered = Gathered(FIELDS)
    with connection.begin():
        staging = Staging(connection)
        for rows in export.chunks():
            staging.add(rows)
            gathered.add(rows)
            progress.rows(export.rows_read, export.rows_total)
    return gathered


def _store(connection: Connection, export: Export, upload: Upload, gathered: Gathered, open_by: str) -> None:
    now = utc_now()
    source = Source(
        upload_id=upload.id,
        filename=upload.filename,
        replace=upload.mode == "replace",
        fields=export.fields,
        snapshot_at=export.snapshot.at,
        imported_at=now,
        open_by=open_by,
    )
    # an export without a single ticket never wipes what is stored
    empty = not connection.scalar(select(select(STAGING.c.ticket_number).exists()))
    stored = connection.scalar(select(DataState.as_of).where(DataState.id == 1))
    outcome = Outcome(0, 0, 0, 0, 0) if empty else apply(connection, source)
    findings = [*([] if empty else _comparison(outcome, source, stored)), *export.findings]
    connection.execute(
        update(Upload).where(Upload.id == upload.id).values(_result(export, outcome, findings, now))
    )
    if not empty:
        _mark_new_state(connection, source, gathered, stored)
        connection.execute(insert(DatabaseLog), _log(source, upload, outcome))


def _comparison(outcome: Outcome, source: Source, stored: datetime | None) -> list[Finding]:
    """What only the stored tickets, last known as of `stored`, could tell about the export."""
    if outcome.outdated:
        return [Finding("older_export", "attention", outcome.outdated)]
    if source.replace and stored and source.snapshot_at < stored:
        params = {"at": str(source.snapshot_at), "stored": str(stored)}
        return [Finding("older_replace", "attention", params=params)]
    return []


def _result(export: Export, outcome: Outcome, findings: list[Finding], now: datetime) -> dict[str, Any]:
    return {
        "status": "done",
        "step": 7,
        "finished_at": now,
        "record_count": outcome.new + outcome.updated + outcome.unchanged + outcome.outdated,
        "new_records_count": outcome.new,
        "updated_records_count": outcome.updated,
        "unchanged_records_count": outcome.unchanged + outcome.outdated,
        "rejected_records_count": export.rejected_rows,
        "removed_records_count": outcome.removed,
        "snapshot_at": export.snapshot.at,
        "snapshot_source": export.snapshot.source,
        "report": [finding.to_json() for finding in findings],
        "error": None,
    }


def _mark_new_state(
    connection: Connection, source: Source, gathered: Gathered, stored: datetime | None
) -> None:
    """The data's new version and time, and what it holds now; `stored` is the time before, None without
    tickets."""
    latest = source.snapshot_at
    if not source.replace and stored:
        latest = max(latest, stored)
    version = 1 + connection.scalars(select(DataState.version).where(DataState.id == 1)).one()
    connection.execute(
        update(DataState)
        .where(DataState.id == 1)
        .values(version=version, as_of=latest, changed_at=source.imported_at)
    )
    new = Import(
        gathered,
        upload_id=source.upload_id,
        written=written(source),
        replaced=source.replace,
        data_source=source.filename,
        imported_at=source.imported_at,
    )
    old = before(connection, version) if stored else Columns.none(version - 1)
    if counts := store_facts(connection, after_import(connection, version, old, new)):
        connection.execute(insert(Statistic).values(_statistic(counts, source)))


def _statistic(counts: Counts, source: Source) -> dict[str, Any]:
    return {
        "query_time": source.imported_at,
        "query_type": "main_analysis",
        **counts.figures,
        "record_count": counts.total,
        "upload_id": source.upload_id,
    }


def _log(source: Source, upload: Upload, outcome: Outcome) -> list[dict[str, Any]]:
    common: dict[str, Any] = {
        "who": browser(upload.address, upload.user_agent),
        "table": "otrs_ticket",
        "filename": source.filename,
    }
    params = {
        "new": outcome.new,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged + outcome.outdated,
    }
    changed = outcome.new + outcome.updated
    entries = [entry("upload", IMPORTED[upload.mode], params, affected=changed, **common)]
    if outcome.removed:
        removed = N_("Removed what the new export no longer has.")
        entries.insert(0, entry("clear_tickets", removed, affected=outcome.removed, **common))
    return entries
