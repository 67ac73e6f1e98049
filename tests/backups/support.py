"""What the tests of backups start from, and how they compare what is stored."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, inspect, select, table, text, update

from otrs_web.backups import service
from otrs_web.database import SyncDatabase
from otrs_web.models import Base, DatabaseLog, DataState, Ticket
from otrs_web.settings import Settings
from otrs_web.tickets.facts import store_facts
from tests.support import AS_OF, store_tickets

WHO = "A test"
ROWS = [
    {"created_date": "2026-01-05 10:00", "title": "Drucker druckt nicht 打印机 \u0000".replace("\0", "")},
    {"created_date": "2026-01-06 11:30", "closed_date": "2026-01-07 09:00", "state": "closed successful"},
    {"created_date": "2026-01-10 08:00", "priority": "5 very high", "raw_data": '{"Extra": "1"}'},
]


def filled(install: Callable[..., Settings], **values: Any) -> Settings:
    settings = install(**values)
    store_tickets(settings, ROWS)
    return settings


def many(settings: Settings, count: int, title: str = "Something is wrong") -> None:
    """Store so many tickets beside what is there, quickly; they are open."""
    row = {
        "state": "open",
        "state_type": "open",
        "is_open": True,
        "snapshot_at": AS_OF,
        "created_date": AS_OF,
    }
    db = SyncDatabase(settings)
    with db.write() as session:
        rows = [
            {**row, "ticket_number": f"{title} {n:06}", "title": f"{title} {n}" * 3} for n in range(count)
        ]
        session.execute(insert(Ticket), rows)
        session.execute(update(DataState).values(as_of=AS_OF, version=DataState.version + 1))
        store_facts(session.connection())
    db.dispose()


def everything(settings: Settings, without: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in order."""
    db = SyncDatabase(settings)
    found = {}
    with db.read() as session:
        for name in inspect(session.connection()).get_table_names():
            if name in without:
                continue
            if name in Base.metadata.tables:
                query: Any = select(Base.metadata.tables[name])
            else:
                query = select(text("*")).select_from(table(name))
            found[name] = sorted((tuple(row) for row in session.execute(query)), key=repr)
    db.dispose()
    return found


def run(settings: Settings, *statements: Any) -> None:
    db = SyncDatabase(settings)
    with db.write() as session:
        for statement in statements:
            session.execute(text(statement) if isinstance(statement, str) else statement)
    db.dispose()


def scalar(settings: Settings, statement: Any) -> Any:
    db = SyncDatabase(settings)
    with db.read() as session:
        found = session.scalar(text(statement) if isinstance(statement, str) else statement)
    db.dispose()
    return found


def logged(settings: Settings) -> list[DatabaseLog]:
    db = SyncDatabase(settings)
    with db.read() as session:
        found = list(session.scalars(select(DatabaseLog).order_by(DatabaseLog.id)))
    db.dispose()
    return found


def tickets(settings: Settings) -> int:
    return int(scalar(settings, "SELECT count(*) FROM otrs_ticket"))


def made(settings: Settings) -> Path:
    """A new backup."""
    name, _ = service.create(settings, "by_hand", who=WHO)
    return settings.backups_dir / name


def files(settings: Settings) -> list[str]:
    """What is in the folder that people see."""
    return sorted(p.name for p in settings.backups_dir.iterdir() if not p.name.startswith("."))


def litter(settings: Settings) -> list[str]:
    names = [p.name for p in settings.backups_dir.iterdir()]
    return [name for name in names if name.endswith(".part") or name.startswith(".tmp-")]


def rewritten(path: Path, name: str, *, member: bytes | None = None, **changes: Any) -> Path:
    """A copy of a backup with another manifest, or another dump."""
    target = path.with_name(name)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.namelist():
            octets = old.read(item)
            if item == "manifest.json":
                octets = msgspec.json.encode({**msgspec.json.decode(octets), **changes})
            elif member is not None:
                octets = member
            new.writestr(item, octets)
    return target
