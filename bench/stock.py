"""Databases full of tickets, made at once: the generator's tickets go through the import's own staging table
and its statements, and only the reading of a file is left out, which other parts measure."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.orm import Session
from tests.generator import AS_OF, Ticket
from tests.generator.desk import make_tickets
from tests.generator.words import STATE_TYPES

from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase, migrate
from otrs_web.imports.columns import FIELDS
from otrs_web.imports.staging import Staging
from otrs_web.imports.store import Source, apply
from otrs_web.models import DataState, Upload
from otrs_web.settings import Settings
from otrs_web.tickets.carried import Gathered, Import

_CHUNK = 5000


def stocked(folder: Path, tickets: list[Ticket], database_url: str | None = None) -> Settings:
    """A database with these tickets, on SQLite in the folder unless told another one; the facts are not yet
    counted."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data_dir=folder,
        database_url=database_url or f"sqlite:///{folder}/otrs.db",
        timezone=ZoneInfo("Europe/Berlin"),
    )
    migrate(settings)
    db = SyncDatabase(settings)
    with db.engine.connect() as connection:
        with connection.begin():
            staging = Staging(connection)
            rows = map(_row, tickets)
            while chunk := list(itertools.islice(rows, _CHUNK)):
                staging.add(chunk)
        writing = connection.execution_options(writes=True)
        with writing.begin():
            _make_visible(writing)
        connection.invalidate()  # with its staging table
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    db.dispose()
    return settings


def made(rows: int) -> list[Ticket]:
    tickets = make_tickets(rows, 1, AS_OF, {name: name for name in STATE_TYPES})
    gc.freeze()  # no process of the application has a million objects for the collector to walk through
    return tickets


def gather(tickets: list[Ticket]) -> Gathered:
    """The tickets as an import has them when it has read its file."""
    gathered = Gathered(FIELDS)
    rows = map(_row, tickets)
    while chunk := list(itertools.islice(rows, _CHUNK)):
        gathered.add(chunk)
    return gathered


def replacing(session: Session, gathered: Gathered) -> Import:
    """The import that stocked the database, as if it had just written its tickets."""
    upload = session.scalars(select(Upload)).one()
    return Import(
        gathered,
        upload_id=upload.id,
        written=FIELDS,
        replaced=True,
        data_source=upload.filename,
        imported_at=upload.upload_time,
    )


def _make_visible(connection: Connection) -> None:
    now, name = utc_now(), "ticket_search_2026-06-30_18-00.xlsx"
    values = {"filename": name, "upload_time": now, "status": "done", "snapshot_at": AS_OF}
    upload_id = connection.execute(insert(Upload).values(values)).inserted_primary_key[0]
    source = Source(
        upload_id=upload_id,
        filename=name,
        replace=True,
        fields=frozenset(FIELDS),
        snapshot_at=AS_OF,
        imported_at=now,
        open_by="state",
    )
    apply(connection, source)
    connection.execute(update(DataState).values(version=DataState.version + 1, as_of=AS_OF))


def _row(ticket: Ticket) -> tuple[Any, ...]:
    return tuple(_values(ticket))


def _values(ticket: Ticket) -> Iterator[Any]:
    hours = (AS_OF - (ticket.created or AS_OF)) // timedelta(hours=1)
    kept = {
        "ticket_number": ticket.number,
        "created_date": ticket.created and str(ticket.created),
        "closed_date": ticket.closed and str(ticket.closed),
        "first_response": ticket.first_response and str(ticket.first_response),
        "state_type": ticket.kind,
        "customer_realname": ticket.customer_name,
        "age": f"{hours // 24} d {hours % 24} h ",
        "age_hours": float(hours),
        "raw_data": None,
    }
    for name in FIELDS:
        yield kept[name] if name in kept else getattr(ticket, name)
