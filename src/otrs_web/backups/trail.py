"""What happened stays known: a restore puts older data in place, but who did what until then is no part of
them. Whatever the live logs know and the restored ones do not is put among the restored rows, in time order,
since some lists follow the ids."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select

from otrs_web.models import Base

Row = dict[str, Any]


class _Log(NamedTuple):
    """A log, and the columns by which its rows are told apart, the time first."""

    table: Table
    same: tuple[str, ...]


_LOGS = (
    _Log(
        Base.metadata.tables["database_log"],
        ("operation_time", "operation_type", "operation_details", "user_info"),
    ),
    _Log(
        Base.metadata.tables["statistics_log"],
        ("execution_time", "occasion", "statistic_date", "days", "status", "error_message"),
    ),
)

Trail = dict[str, Sequence[Row]]


def trail(live: Connection) -> Trail:
    """The rows of the logs by the tables' names."""
    return {log.table.name: _rows(live, log) for log in _LOGS}


def put_back(connection: Connection, known: Trail) -> None:
    """Add what is not in the logs. Rows that are later than one of the added get new ids, as those do."""
    for log in _LOGS:
        there = _rows(connection, log)
        missing = _without(known[log.table.name], there, log.same)
        if not missing:
            continue
        time = log.same[0]
        first = min(row[time] for row in missing)
        later = [row for row in there if row[time] > first]
        connection.execute(delete(log.table).where(log.table.c[time] > first))
        merged = sorted(later + missing, key=lambda row: row[time])
        connection.execute(insert(log.table), [_new(row) for row in merged])


def _rows(connection: Connection, log: _Log) -> list[Row]:
    query = select(log.table).order_by(log.table.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def _without(rows: Sequence[Row], others: Sequence[Row], same: tuple[str, ...]) -> list[Row]:
    """As often as a row is among the others, it is left out."""

    def key(row: Row) -> Hashable:
        return tuple(row[name] for name in same)

    left, found = Counter(key(row) for row in others), []
    for row in rows:
        if left[key(row)]:
            left[key(row)] -= 1
        else:
            found.append(row)
    return found


def _new(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}
