"""A PostgreSQL of the tests' own: real, private, and gone with the process that started it.

It listens on a Unix socket in a folder that only its user can open, trusts whoever gets there, and never
waits for the disk. PostgreSQL refuses to run as root, so root hands it to the package's user.
"""

import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from otrs_web.database import migrate
from otrs_web.settings import Settings

#: of the role that owns everything, and of the migrated database that the others are copied from
OWNER, TEMPLATE = "otrs", "migrated"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}
_PATIENCE = 60
#: bytes, for several servers
_ROOM = 4 << 30


class PostgresMissing(RuntimeError):  # noqa: N818 - reads as what happened
    """There is no PostgreSQL here, or none that starts; the text says what to do."""


class Postgres:
    """A running server. `stop` ends it and deletes its data; should this process die before, the kernel ends
    it."""

    def __init__(self, place: Path | None = None, **options: str) -> None:
        """`place` is the folder that it makes its own in; by default it is fast, and has room."""
        binaries = self._binaries = _binaries()
        self._options = _SETTINGS | options
        # short, since a Unix socket's path may be no longer than 107 bytes
        self.folder = Path(tempfile.mkdtemp(prefix="otrs-pg-", dir=place or _memory() or "/tmp"))
        self._numbers = itertools.count()
        try:
            if os.geteuid() == 0:
                shutil.chown(self.folder, "postgres", "postgres")
            self._init(binaries)
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _run_as_user(self, *command: str) -> list[str]:
        # a signal when the parent dies: nothing is left running, however the tests end
        before = ["setpriv", "--pdeathsig", "INT"]
        if os.geteuid() == 0:
            before += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        return [*before, *command]

    def _init(self, binaries: Path) -> None:
        # sorted by a language's rules, as most servers do: what must not depend on them shows here
        options = ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8", "--encoding=UTF8"]
        command = [str(binaries / "initdb"), "-D", str(self.folder / "data"), "-U", OWNER, "-A", "trust"]
        made = subprocess.run(
            self._run_as_user(*command, "--no-sync", *options),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise PostgresMissing(f"PostgreSQL 15 or newer is needed, and initdb said: {made.stderr.strip()}")

    def start(self) -> None:
        """Start the server, at first or again, and wait until it serves."""
        self._process = self._started()
        self._wait()

    def crash(self) -> None:
        """End the server at once, whatever it is doing; its data stay."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_PATIENCE)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile no process of the server does anything."""
        pids = [self._process.pid, *children(self._process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [str(self._binaries / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        for name, value in self._options.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                self._run_as_user(*command), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        log = (self.folder / "log").read_text("utf-8", "replace")
        self.stop()
        raise PostgresMissing(f"PostgreSQL did not start: {log.strip()[-2000:]}")

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True)

    def url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.folder}"

    def create(self) -> str:
        """The address of a new database in the newest schema."""
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
                migrate(Settings(data_dir=self.folder, database_url=self.url(TEMPLATE)))
            name = f"t{next(self._numbers)}"
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, TEMPLATE)))
            )
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database that `create` made, whoever is still connected to it."""
        found = re.search(r"@/(\w+)\?", url)
        assert found, url
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(found[1])))

    def stop(self) -> None:
        self.crash()  # nothing in it is worth a checkpoint
        shutil.rmtree(self.folder, ignore_errors=True)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory() -> Path | None:
    """Where there is plenty of it: a disk takes far longer for the 300 files of each test's database."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if has_room else None


def _binaries() -> Path:
    """The folder of the newest `initdb` and `postgres` of this machine; Debian keeps them off the PATH."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    newest = sorted(found, key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))])
    on_path = shutil.which("initdb")
    found = [folder for folder in newest[::-1] if (folder / "initdb").exists()]
    found += [Path(on_path).resolve().parent] if on_path else []
    if not found:
        raise PostgresMissing(
            "These tests need PostgreSQL 15 or newer, and there is none. As root: sh scripts/postgres.sh"
        )
    return found[0]
