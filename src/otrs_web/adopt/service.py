"""Takes over the original's data: the whole file is read and checked into a private staging table first, then
everything becomes visible in one transaction. No import runs meanwhile. The stored tickets are never mixed
with those of the file: there must be none, or they give way."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from otrs_web.adopt.original import Original, opened
from otrs_web.adopt.records import Context
from otrs_web.adopt.report import Refused, Report
from otrs_web.adopt.staged import replace_tickets, stage
from otrs_web.adopt.store import Store
from otrs_web.adopt.tickets import Origin, Tickets
from otrs_web.adopt.uploads import Uploads
from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.database_log import COMMAND_LINE, entry
from otrs_web.i18n import N_
from otrs_web.imports.lock import import_lock
from otrs_web.models import (
    AppUpdateStatus,
    DatabaseLog,
    DataState,
    Statistic,
    StatisticsConfig,
    StatisticsLog,
    Ticket,
)
from otrs_web.settings import Settings
from otrs_web.tickets.facts import store_facts
from otrs_web.tickets.rules import state_types

#: the beginning of the name of a folder with a file from a browser, and how long such a folder can be in use
UPLOADED, UPLOADED_SECONDS = "adopt-", 24 * 3600

_ADOPTED = N_("Taken over from the original application: {tickets} tickets and {records} other records.")
_NOT_EMPTY = N_(
    "There are {n} tickets here already, and tickets of two databases are not mixed. Nothing was changed. "
    "To put the file's tickets in their place, tick “Replace the tickets that are stored here”."
)
_NOT_EMPTY_COMMAND = N_(
    "There are {n} tickets here already, and tickets of two databases are not mixed. Nothing was changed. "
    "To put the file's tickets in their place, give --replace."
)
_NOTHING = N_("None of the {n} tickets in {file} can be read. Nothing was changed.")


def adopt(settings: Settings, path: Path, *, filename: str, replace: bool, who: str) -> Report:
    """Take over the original's file at `path`, called `filename`, into a migrated database. `replace` lets
    its tickets take the place of those that are stored. All of it or nothing: raises Refused, or OSError
    where the file cannot be copied."""
    db = SyncDatabase(settings)
    try:
        with import_lock(db), _scratch(settings) as folder, opened(path, filename, folder) as original:
            return _adopt(db, original, replace=replace, who=who)
    finally:
        db.dispose()


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A folder for the copy of the file. Who holds the import lock is alone here: what else is in it was
    left by a process that was killed. So were old files from a browser (web/adopt.py)."""
    folder = settings.data_dir / "adopting"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before = utc_now().timestamp() - UPLOADED_SECONDS
    for left in settings.data_dir.glob(f"{UPLOADED}*"):
        if left.stat().st_mtime < before:
            shutil.rmtree(left, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _adopt(db: SyncDatabase, original: Original, *, replace: bool, who: str) -> Report:
    zone, now = db.settings.timezone, utc_now()
    with db.read() as session:
        states = state_types(session)
        stored = session.scalar(select(func.count()).select_from(Ticket)) or 0
    if stored and not replace and original.is_filled("otrs_ticket"):
        raise Refused(_NOT_EMPTY_COMMAND if who == COMMAND_LINE else _NOT_EMPTY, n=stored)
    uploads = Uploads(original, zone)
    tickets = Tickets(original, uploads, states, zone, now)
    report = Report(original.filename, others=original.others)
    report.tables["otrs_ticket"] = tickets.taken
    with db.engine.connect() as connection:
        try:
            stage(connection, tickets)
            if tickets.taken.found and not tickets.taken.taken:
                raise Refused(_NOTHING, n=tickets.taken.found, file=original.filename)
            writing = connection.execution_options(writes=True)
            with writing.begin():
                ids = _store_uploads(writing, original, uploads, report)
                if tickets.origins:
                    report.removed = replace_tickets(writing, tickets.origins, ids, db.settings.open_by)
                context = Context(uploads, ids, now.astimezone(zone).date())
                _store_records(writing, original, context, tickets.origins, report)
                writing.execute(insert(DatabaseLog).values(_log(report, who)))
        finally:
            # closed, not back to the pool: the staging tables live as long as their connection
            connection.invalidate()
    report.repaired = original.repaired
    return report


def _store_uploads(
    connection: Connection, original: Original, uploads: Uploads, report: Report
) -> dict[int, int]:
    return Store(connection, original, Context(uploads, {}, utc_now().date())).uploads(
        report["upload_detail"]
    )


def _store_records(
    connection: Connection, original: Original, context: Context, origins: Sequence[Origin], report: Report
) -> None:
    """All records beside tickets and uploads, and the data's new state between them: it computes the days."""
    store = Store(connection, original, context)
    days = store.days(report["daily_statistics"])
    _mark_new_state(connection, origins)
    store.settle_days(report["daily_statistics"], days)
    store.log(Statistic, report["statistic"])
    store.single(StatisticsConfig, report["statistics_config"])
    store.log(StatisticsLog, report["statistics_log"])
    store.selections(report["responsible_config"])
    store.log(DatabaseLog, report["database_log"])
    store.single(AppUpdateStatus, report["app_update_status"])


def _mark_new_state(connection: Connection, origins: Sequence[Origin]) -> None:
    """The data's new version and time, and what it holds now."""
    state = DataState.__table__.c
    values: dict[str, Any] = {"version": state.version + 1, "changed_at": utc_now()}
    if origins:
        values["as_of"] = max(origin.snapshot_at for origin in origins)
    connection.execute(update(DataState).where(DataState.id == 1).values(values))
    store_facts(connection)


def _log(report: Report, who: str) -> dict[str, Any]:
    tickets = report["otrs_ticket"].taken
    params = {"tickets": tickets, "records": report.records}
    return entry(
        "adopt", _ADOPTED, params, who=who, affected=tickets + report.records, filename=report.filename[-255:]
    )
