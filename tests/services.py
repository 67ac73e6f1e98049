"""What the tests' installations stand on: by default SQLite and the embedded broker, as `otrs-web run` has
them by itself; with TESTS_ON=postgresql, one PostgreSQL and one Valkey that they all share, as several
machines would. Each data directory has a database and a queue of its own there."""

import atexit
import functools
import itertools
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from otrs_web import broker
from otrs_web.settings import Settings
from tests.postgres import Postgres
from tests.waiting import wait_until

_ON = os.environ.get("TESTS_ON", "sqlite")
assert _ON in ("sqlite", "postgresql"), f"TESTS_ON is {_ON!r}, but must be sqlite or postgresql"
SHARED = _ON == "postgresql"
#: one for each data directory; the server keeps nothing for those that are empty
_QUEUES = 100_000

_numbers = itertools.count()
_addresses: dict[Path, dict[str, str]] = {}


@functools.cache
def postgres() -> Postgres:
    """A server for this process of the test run, started when the first test asks for it."""
    server = Postgres()
    atexit.register(server.stop)
    return server


@functools.cache
def valkey() -> int:
    """The port of a Valkey server for this process of the test run; the kernel ends it with the process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    folder = tempfile.TemporaryDirectory(prefix="otrs-valkey-", dir="/tmp")
    atexit.register(folder.cleanup)
    binary = broker.command(Settings(data_dir=Path(folder.name), database_url=""))[0]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder.name, "--save", ""]
    command = [binary, *options, "--databases", str(_QUEUES), "--logfile", "valkey.log"]
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command])
    atexit.register(process.kill)
    wait_until(lambda: _listens(port))
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def addresses(data_dir: Path) -> dict[str, str]:
    """The settings that lead an installation to what is shared, by name; none where it has all by itself."""
    return shared(data_dir) if SHARED else {}


def shared(data_dir: Path) -> dict[str, str]:
    """The same for a test that needs shared services in any case. The database is there, migrated and empty;
    the same directory gets the same one again."""
    if data_dir not in _addresses:
        _addresses[data_dir] = {
            "OTRS_WEB_DATABASE_URL": postgres().create(),
            "OTRS_WEB_QUEUE_URL": f"redis://127.0.0.1:{valkey()}/{next(_numbers)}",
        }
    return _addresses[data_dir]


def database_url(data_dir: Path) -> str:
    return addresses(data_dir).get("OTRS_WEB_DATABASE_URL", f"sqlite:///{data_dir / 'otrs.db'}")


def forget(data_dir: Path) -> None:
    """Delete what this installation had there."""
    if found := _addresses.pop(data_dir, None):
        postgres().drop(found["OTRS_WEB_DATABASE_URL"])


@contextmanager
def forgetting() -> Iterator[None]:
    """At the end, delete what installations that were made meanwhile had there."""
    before = set(_addresses)
    yield
    for data_dir in set(_addresses) - before:
        forget(data_dir)
