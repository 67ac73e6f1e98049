"""What many tests start from: settings over a temporary folder, a migrated database, stored tickets."""

import atexit
import functools
import resource
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, insert, update

from otrs_web.database import Database, SyncDatabase, migrate
from otrs_web.imports.states import state_type
from otrs_web.models import DataState, Ticket
from otrs_web.settings import Settings
from otrs_web.tickets.facts import store_facts
from tests import services

AS_OF = datetime(2026, 1, 12, 18, 0)


def make_settings(folder: Path, **values: Any) -> Settings:
    values.setdefault("database_url", services.database_url(folder))
    values.setdefault("timezone", ZoneInfo("Europe/Berlin"))
    return Settings(data_dir=folder, **values)


def migrated(folder: Path, **values: Any) -> Settings:
    settings = make_settings(folder, **values)
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if settings.database_url.startswith("sqlite:") and not path.exists():
        shutil.copyfile(_migrated_file(), path)
    else:
        migrate(settings)
    return settings


@functools.cache
def _migrated_file() -> Path:
    """One for this process of the test run, to be copied: each migration takes longer than most tests."""
    folder = tempfile.TemporaryDirectory(prefix="otrs-migrated-", dir="/tmp")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "otrs.db"
    migrate(Settings(data_dir=Path(folder.name), database_url=f"sqlite:///{path}"))
    return path


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def store_tickets(settings: Settings, rows: Iterable[dict[str, Any]], as_of: datetime = AS_OF) -> None:
    """Store tickets by the fields that matter to a test; what is derived is derived as imports do it."""
    db = SyncDatabase(settings)
    with db.write() as session:
        for number, row in enumerate(rows):
            values = {"ticket_number": f"T{number:05}", "state": "open", "snapshot_at": as_of, **row}
            values.setdefault("state_type", state_type(values["state"]))
            values |= {name: at(values.get(name)) for name in ("created_date", "closed_date")}
            session.execute(insert(Ticket).values(is_open=True, **values))
        session.execute(
            update(Ticket).values(Ticket.derived(dict(Ticket.__table__.columns), settings.open_by))
        )
        session.execute(update(DataState).values(as_of=as_of, version=DataState.version + 1))
        store_facts(session.connection())
    db.dispose()


@contextmanager
def room_for_files_of(size: int) -> Iterator[None]:
    """Meanwhile no file can grow beyond so many bytes, as on a disk that is full: for this whole process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class QueryCounter:
    """Counts the statements that a database executes while it is entered."""

    def __init__(self, db: Database) -> None:
        self._engine = db.engine.sync_engine
        self.statements: list[str] = []

    def _record(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.statements.append(statement)

    def __enter__(self) -> "QueryCounter":
        event.listen(self._engine, "before_cursor_execute", self._record)
        return self

    def __exit__(self, *_exc: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._record)
