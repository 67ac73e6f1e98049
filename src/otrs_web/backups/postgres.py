"""PostgreSQL: a dump is what `pg_dump` writes in its custom format, of the snapshot in which the rows were
counted. It is read by standing it up as a database of its own on the same server; its rows then take the
place of the live ones in one transaction, during which readers see the old ones."""

import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, make_url, text
from sqlalchemy.engine import URL

from otrs_web.backups.engines import Dump, Replacing, contents
from otrs_web.backups.errors import BackupError
from otrs_web.database import SyncDatabase
from otrs_web.i18n import N_
from otrs_web.settings import Settings

#: held by whoever has a scratch database: what then still lies about belongs to a dead process
SCRATCH_LOCK = 0x0752_0003
#: where the packages of Debian and of Red Hat put the programs of each version
PACKAGES = ((Path("/usr/lib/postgresql"), "*/bin"), (Path("/usr"), "pgsql-*/bin"))

_NO_TOOL = N_(
    "The program {tool} is not there. Install PostgreSQL's client programs (on Debian: postgresql-client) "
    "where otrs-web runs."
)
_DUMP_FAILED = N_("pg_dump could not read the database: {reason}")
_LOAD_FAILED = N_("pg_restore could not set up the backup beside the live database: {reason}")
_SIGNS_OF_DAMAGE = ("valid archive", "magic string", "end of file", "corrupt", "uncompress", "input file")
_NO_SCRATCH = N_(
    "A backup is checked in a database of its own, and this user of PostgreSQL may not create one. "
    "Allow it with: ALTER ROLE {role} CREATEDB"
)
_ELSEWHERE = N_("Another process checks or restores a backup of this database. Wait until it is over.")


class PostgresEngine:
    @contextmanager
    def dump(self, settings: Settings, scratch: Path) -> Iterator[Dump]:
        db = SyncDatabase(settings)
        try:
            with (
                db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
                (scratch / "said").open("w+b") as said,
            ):
                snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
                found = contents(connection)
                command = [
                    _tool("pg_dump"),
                    "--format=custom",
                    "--no-owner",
                    "--no-privileges",
                    "--no-password",
                ]
                command += [f"--snapshot={snapshot}", *(f"--table={name}" for name in found.rows)]
                command += ["--table=alembic_version", f"--dbname={_address(settings, scratch)}"]
                with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:  # noqa: S603
                    assert process.stdout is not None
                    yield Dump(process.stdout, found)  # type: ignore[arg-type]
                if process.returncode:
                    raise BackupError("failed", _DUMP_FAILED, reason=_last_words(said.name))
        finally:
            db.dispose()

    @contextmanager
    def standing(self, settings: Settings, dump: Path, scratch: Path) -> Iterator[Settings | None]:
        db = SyncDatabase(settings)
        try:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": SCRATCH_LOCK}):
                    raise BackupError("busy", _ELSEWHERE)
                name = _make_scratch(connection)
                try:
                    url = _url(settings).set(database=name)
                    there = replace(settings, database_url=url.render_as_string(hide_password=False))
                    yield there if _load(there, dump, scratch) else None
                finally:
                    connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            db.dispose()

    @contextmanager
    def replacing(self, live: SyncDatabase, restored: Settings, tables: Sequence[str]) -> Iterator[Replacing]:
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        with live.engine.connect() as connection, connection.begin():
            driver = _driver(connection)
            # writers wait, readers do not
            driver.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(names))
            yield Replacing(connection, lambda: _copy(driver, restored, tables))


def _copy(live: "psycopg.Connection[tuple[object, ...]]", restored: Settings, tables: Sequence[str]) -> None:
    for name in reversed(tables):
        live.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    db = SyncDatabase(restored)
    try:
        with db.engine.connect() as connection:
            for name in tables:
                _copy_rows(_driver(connection), live, name)
    finally:
        db.dispose()


def _copy_rows(
    source: "psycopg.Connection[tuple[object, ...]]",
    live: "psycopg.Connection[tuple[object, ...]]",
    name: str,
) -> None:
    table = sql.Identifier(name)
    found = live.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(table)).description or []
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in found)
    out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT BINARY)").format(table, columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, columns)
    with source.cursor().copy(out) as rows, live.cursor().copy(into) as taken:
        for octets in rows:
            taken.write(octets)
    if any(column.name == "id" for column in found):
        _move_sequence_on(live, name)


def _driver(connection: Connection) -> "psycopg.Connection[tuple[object, ...]]":
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _move_sequence_on(live: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """The next id is beyond the restored ones. Never back: that would outlive a transaction that fails."""
    sequence = live.execute("SELECT pg_get_serial_sequence(quote_ident(%s), 'id')", [name]).fetchone()
    if sequence is None or sequence[0] is None:
        return
    move = sql.SQL("SELECT setval({0}, max(id)) FROM {1} HAVING max(id) > nextval({0})")
    live.execute(move.format(sql.Literal(sequence[0]), sql.Identifier(name)))


def _make_scratch(connection: Connection) -> str:
    """A new empty database as the live one is; drops those that dead processes have left."""
    query = (
        "SELECT current_database() AS name, current_user AS role, pg_encoding_to_char(encoding) AS encoding,"
        " datcollate, datctype FROM pg_database WHERE datname = current_database()"
    )
    live = connection.execute(text(query)).one()
    prefix = f"{live.name.encode()[:40].decode(errors='ignore')}_scratch_"
    left = connection.scalars(
        text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"), {"prefix": prefix}
    ).all()
    for name in left:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    name = f"{prefix}{secrets.token_hex(4)}"
    made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
        sql.Identifier(name), *(sql.Literal(v) for v in (live.encoding, live.datcollate, live.datctype))
    )
    try:
        _driver(connection).execute(made)
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError("failed", _NO_SCRATCH, role=live.role) from error
    return name


def _load(there: Settings, dump: Path, scratch: Path) -> bool:
    """False where the dump is none. What else goes wrong is not the file's fault: raises BackupError."""
    command = [_tool("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "--no-password"]
    command += [f"--dbname={_address(there, scratch)}", str(dump)]
    with (scratch / "said").open("w+b") as said:
        code = subprocess.run(command, stdout=said, stderr=said, check=False).returncode  # noqa: S603
    words = _last_words(said.name)
    if code and not any(sign in words for sign in _SIGNS_OF_DAMAGE):
        raise BackupError("failed", _LOAD_FAILED, reason=words)
    return code == 0


def _url(settings: Settings) -> URL:
    return make_url(settings.database_url).set(drivername="postgresql")


def _address(settings: Settings, scratch: Path) -> str:
    """For the command line of a program, where others could read a password: that is in a file of its own."""
    url = _url(settings)
    given = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    parts = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in given.items()}
    if (password := parts.pop("password", None)) is not None:
        file = scratch / "password"
        escaped = re.sub(r"([\\:])", r"\\\1", str(password))
        file.touch(0o600)
        file.write_text(f"*:*:*:*:{escaped}\n")
        parts["passfile"] = str(file)
    return make_conninfo(**parts)


def _tool(name: str) -> str:
    """The program on the PATH, else the newest one of the packages, which may not be on it."""
    if found := shutil.which(name):
        return found
    folders = [folder for root, pattern in PACKAGES for folder in root.glob(pattern)]
    there = [folder / name for folder in folders if (folder / name).exists()]
    if not there:
        raise BackupError("failed", _NO_TOOL, tool=name)
    return str(max(there, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))]))


def _last_words(path: str) -> str:
    lines = Path(path).read_text("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "?"
