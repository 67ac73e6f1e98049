"""The original's database file, opened so that neither side can do harm. It is copied first, with what SQLite
may have left beside it (a write-ahead log, a journal that has to be rolled back), and only the copy is
opened: reading a database can write to its folder. Nothing that the file brings along is run: views, virtual
tables and computed columns count as not there."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from otrs_web.adopt.report import TABLES, Refused
from otrs_web.i18n import N_

_SIGNATURE = b"SQLite format 3\0"
#: what belongs to a database file besides itself; -shm is made anew from -wal
_BESIDE = ("-wal", "-journal")
#: a longer text or row is no honest record
_LONGEST = 64 << 20
_CHUNK = 2000
#: the integrity check also names values that the table's definition forbids; those are read and judged here
_HARMLESS = ("NULL value in ", "NUMERIC value in ", "TEXT value in ", "CHECK constraint failed in ")

_NO_FILE = N_("There is no file {file}.")
_NO_DATABASE = N_(
    "{file} is not an SQLite database, or it is encrypted. Choose the original's database file, otrs_data.db."
)
_DAMAGED = N_("{file} is damaged and cannot be read in full. Choose an intact copy of it.")
_FOREIGN = N_("{file} holds no tickets of the original application: it has no table otrs_ticket.")
_OURS = N_(
    "{file} is a database of this application itself. To return to an earlier state, restore a backup."
)
_BUSY = N_("{file} is being written to. Stop the original application, then try again.")


class Original:
    """The tables of an opened file. `repaired` counts texts with octets that are no UTF-8."""

    def __init__(self, connection: sqlite3.Connection, filename: str) -> None:
        self._connection = connection
        self.filename = filename
        self.repaired = 0
        connection.text_factory = self._decoded
        self.columns = {name: self._columns(name) for name in self._tables()}

    @property
    def others(self) -> list[str]:
        """Tables that are not among the nine."""
        return sorted(name for name in self.columns if name not in TABLES)

    def has(self, table: str, column: str | None = None) -> bool:
        return table in self.columns and (column is None or column in self.columns[table])

    def is_filled(self, table: str) -> bool:
        return any(self.rows(table, ()))

    def rows(self, table: str, names: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a table in chunks, in the order in which they were stored, as (rowid, *names): a column
        that the file does not have is None. No rows where the table is missing."""
        if table not in self.columns:
            return
        known = self.columns[table]
        listed = ", ".join(["rowid", *(_quoted(name) if name in known else "NULL" for name in names)])
        query = f"SELECT {listed} FROM {_quoted(table)} ORDER BY rowid"  # noqa: S608 - quoted
        try:
            with closing(self._connection.execute(query)) as cursor:
                while rows := cursor.fetchmany(_CHUNK):
                    yield rows
        except sqlite3.Error as error:
            raise Refused(_DAMAGED, file=self.filename) from error

    def _tables(self) -> list[str]:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
        return [name for (name,) in self._connection.execute(query) if not name.startswith("sqlite_")]

    def _columns(self, table: str) -> set[str]:
        found = self._connection.execute(f"PRAGMA table_xinfo({_quoted(table)})")
        return {row[1] for row in found if row[6] == 0}  # the rest is computed

    def _decoded(self, octets: bytes) -> str:
        text = octets.decode(errors="replace")
        if "\ufffd" in text:
            self.repaired += 1
        return text.replace("\0", "") if "\0" in text else text


@contextmanager
def opened(path: Path, filename: str, scratch: Path) -> Iterator[Original]:
    """The original's file, of which a copy is made in the folder `scratch`. Raises Refused, with `filename`
    as the file's name, and OSError where it cannot be copied."""
    copy = _copied(path, filename, scratch / "original.db")
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            yield _checked(connection, filename)
    except sqlite3.Error as error:
        raise Refused(_DAMAGED, file=filename) from error


def _copied(path: Path, filename: str, copy: Path) -> Path:
    if not path.is_file():
        raise Refused(_NO_FILE, file=filename)
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            raise Refused(_NO_DATABASE, file=filename)
    before = _state(path)
    for ending in ("", *_BESIDE):
        beside = path.with_name(path.name + ending)
        if beside.is_file():
            shutil.copyfile(beside, copy.with_name(copy.name + ending))
    if _state(path) != before:
        raise Refused(_BUSY, file=filename)
    return copy


def _state(path: Path) -> list[tuple[int, int] | None]:
    """Size and time of change of the file and of what is beside it."""
    files = [path.with_name(path.name + ending) for ending in ("", *_BESIDE)]
    return [(found.st_size, found.st_mtime_ns) if (found := _stat(file)) else None for file in files]


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _checked(connection: sqlite3.Connection, filename: str) -> Original:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    faults = [line for (line,) in connection.execute("PRAGMA integrity_check")]
    if any(line != "ok" and not line.startswith(_HARMLESS) for line in faults):
        raise Refused(_DAMAGED, file=filename)
    connection.execute("PRAGMA query_only = ON")
    original = Original(connection, filename)
    if original.has("data_state") or original.has("otrs_ticket", "state_type"):
        raise Refused(_OURS, file=filename)
    if not original.has("otrs_ticket", "ticket_number"):
        raise Refused(_FOREIGN, file=filename)
    return original


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
