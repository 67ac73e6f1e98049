"""From the staged rows to the stored tickets, in the one transaction that makes an import visible.

Replace and incremental go the same way: log what changes on known tickets, upsert, and in replace remove
what the export no longer has. A ticket's facts are as new as the snapshot they come from: an older export
adds what is missing but never overwrites.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from otrs_web.imports.columns import FIELDS
from otrs_web.imports.staging import STAGING
from otrs_web.models import Ticket, TicketChange

#: what moves with the clock or is not a fact of its own: stored, but no change that is counted or logged
_UNCOUNTED = {"ticket_number", "age", "age_hours", "raw_data", "state_type"}

#: known tickets whose changes are held in memory at a time
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Source:
    """Where the staged rows come from. `fields` are the columns that the file has; `snapshot_at` is the
    site's wall-clock time of the export, `imported_at` an aware instant."""

    upload_id: int
    filename: str
    replace: bool
    fields: frozenset[str]
    snapshot_at: datetime
    imported_at: datetime
    open_by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tickets; `outdated` are those whose stored facts are newer than this export's other ones."""

    new: int
    updated: int
    unchanged: int
    removed: int
    outdated: int


def apply(connection: Connection, source: Source) -> Outcome:
    """Bring the staged rows into `otrs_ticket`, inside the caller's write transaction."""
    staged = _count(connection, select(func.count()).select_from(STAGING))
    before = _count(connection, select(func.count()).select_from(Ticket))
    known = updated = outdated = 0
    if before:
        known = _count(connection, select(func.count()).select_from(_joined()))
        outdated = 0 if source.replace else _count_outdated(connection, source)
        updated = _log_changes(connection, source)
    connection.execute(_upsert(connection.dialect.name, source))
    removed = _remove_missing(connection, source) if source.replace and before > known else 0
    return Outcome(staged - known, updated, known - updated - outdated, removed, outdated)


def _count(connection: Connection, query: Any) -> int:
    return int(connection.scalar(query))


def _joined() -> Any:
    return STAGING.join(Ticket, Ticket.ticket_number == STAGING.c.ticket_number)


def written(source: Source) -> list[str]:
    """The columns of a ticket that the import writes: all in replace, else those that the file has."""
    kept = set(FIELDS) if source.replace else {*source.fields, "raw_data"}
    if "state" in kept:
        kept.add("state_type")
    if "age" in kept:
        kept.add("age_hours")
    return [name for name in FIELDS if name in kept and name != "ticket_number"]


def _counted(source: Source) -> list[str]:
    return [name for name in written(source) if name not in _UNCOUNTED]


def _differs(names: list[str], after: Any) -> ColumnElement[bool]:
    return or_(*(getattr(Ticket, name).is_distinct_from(after[name]) for name in names))


def _count_outdated(connection: Connection, source: Source) -> int:
    query = select(func.count()).select_from(_joined())
    differs = _differs(_counted(source), STAGING.c)
    return _count(connection, query.where(Ticket.snapshot_at > source.snapshot_at, differs))


def _log_changes(connection: Connection, source: Source) -> int:
    """Write one row for each known ticket whose facts change; how many there were."""
    names = _counted(source)
    before = [getattr(Ticket, name) for name in names]
    after = [STAGING.c[name] for name in names]
    query = select(Ticket.ticket_number, *before, *after).select_from(_joined())
    query = query.where(_differs(names, STAGING.c))
    if not source.replace:
        query = query.where(Ticket.snapshot_at <= source.snapshot_at)
    count = 0
    for rows in connection.execute(query.execution_options(yield_per=_BATCH)).partitions():
        connection.execute(insert(TicketChange), [_change(row, names, source) for row in rows])
        count += len(rows)
    return count


def _change(row: Any, names: list[str], source: Source) -> dict[str, Any]:
    pairs = zip(names, row[1 : 1 + len(names)], row[1 + len(names) :], strict=True)
    return {
        "ticket_number": row[0],
        "upload_id": source.upload_id,
        "changed_at": source.imported_at,
        "changes": {name: [_plain(old), _plain(new)] for name, old, new in pairs if old != new},
    }


def _plain(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def _upsert(dialect: str, source: Source) -> Any:
    staged = dict(STAGING.c.items())
    origin = {
        "import_time": literal(source.imported_at, Ticket.import_time.type),
        "data_source": literal(source.filename),
        "snapshot_at": literal(source.snapshot_at, Ticket.snapshot_at.type),
        "upload_id": literal(source.upload_id),
    }
    values = {**staged, **Ticket.derived(staged, source.open_by), **origin}
    values["first_upload_id"] = literal(source.upload_id)
    statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(Ticket)
    # "where true" keeps SQLite's parser from reading ON CONFLICT as a join
    statement = statement.from_select(list(values), select(*values.values()).where(true()))
    names = written(source)
    new = statement.excluded
    known: dict[str, Any] = {
        **dict(Ticket.__table__.columns.items()),
        **{name: new[name] for name in names},
    }
    changes = {name: new[name] for name in names}
    changes |= Ticket.derived(known, source.open_by)
    changes |= {name: new[name] for name in origin}
    return statement.on_conflict_do_update(
        index_elements=["ticket_number"], set_=changes, where=None if source.replace else _newer(new, names)
    )


def _newer(new: Any, names: list[str]) -> ColumnElement[bool]:
    """A later snapshot always counts; one of the same instant only where it says something else, so that
    the same file twice changes nothing."""
    same_instant = and_(new.snapshot_at == Ticket.snapshot_at, _differs(names, new))
    return or_(new.snapshot_at > Ticket.snapshot_at, same_instant)


def _remove_missing(connection: Connection, source: Source) -> int:
    """In replace, every staged ticket has just been given this upload's id; the others are gone."""
    others = Ticket.upload_id.is_distinct_from(source.upload_id)
    return connection.execute(delete(Ticket).where(others)).rowcount
