"""A real `otrs-web run` for tests: its own data directory and port, its output, its processes."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from otrs_web.database import SyncDatabase
from otrs_web.imports.lock import import_lock
from otrs_web.settings import Settings
from tests import services
from tests.waiting import wait_until

COMMAND = [sys.executable, "-m", "otrs_web"]


def free_port() -> int:
    """A free port below those that the system gives to outgoing connections, so that it stays free."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Site:
    """One data directory, on which the program can be started and stopped."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.command = COMMAND
        self.data_dir = data_dir
        self.port = free_port()
        self.environ = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("OTRS_WEB", "APP_"))
            },
            "OTRS_WEB_DATA_DIR": str(data_dir),
            "OTRS_WEB_PORT": str(self.port),
            "OTRS_WEB_TIMEZONE": "Europe/Berlin",
            "OTRS_WEB_LANGUAGE": "en",
            "PYTHONUNBUFFERED": "1",
            # nothing outside of this machine is asked by a test
            "APP_UPDATE_ENABLED": str("APP_UPDATE_API_URL" in environ),
            **services.addresses(data_dir),
            **environ,
        }
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        return self.environ.get("OTRS_WEB_DATABASE_URL", f"sqlite:///{self.data_dir}/otrs-web.db")

    def launch(self, *arguments: str, command: str = "run") -> subprocess.Popen[bytes]:
        """Start the program without waiting for it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command, command, *arguments],
                env=self.environ,
                cwd=self.data_dir.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def start(self, *arguments: str) -> str:
        """Start the program, wait until it says that it is ready, and give the address that it says."""
        said = len(self.output)
        process = self.launch(*arguments)

        def ready() -> bool:
            assert process.poll() is None, self.output
            return "is ready at" in self.output[said:]

        wait_until(ready)
        match = re.search(r"is ready at (http://\S+)", self.output[said:])
        assert match is not None
        return match[1]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on this data directory to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.environ,
            cwd=self.data_dir.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def stop(self, signum: signal.Signals = signal.SIGTERM) -> float:
        """Send the signal and wait for the end; how many seconds that took."""
        assert self.process is not None
        begin = time.monotonic()
        self.process.send_signal(signum)
        self.process.wait(30)
        return time.monotonic() - begin

    @contextmanager
    def imports_held(self) -> Iterator[None]:
        """Meanwhile no import runs: they wait."""
        db = SyncDatabase(Settings(data_dir=self.data_dir, database_url=self.database_url))
        with import_lock(db):
            yield
        db.dispose()

    @property
    def output(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def processes(self) -> dict[int, str]:
        """The living processes of this data directory: by their environment, or, since the broker overwrites
        its own, by their title."""
        mark = f"OTRS_WEB_DATA_DIR={self.data_dir}\0".encode()
        title = f"{self.data_dir}/broker".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                if title in command or mark in (folder / "environ").read_bytes():
                    found[int(folder.name)] = command.replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def clean(self) -> None:
        """End whatever is left, after a test that failed."""
        for pid in self.processes():
            with suppress(ProcessLookupError):  # its parent has ended it meanwhile
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)
        services.forget(self.data_dir)


def status(address: str, path: str = "/health/live") -> int:
    # The program also runs where nobody has told the machine what "localhost" means.
    address = address.replace("localhost", "127.0.0.1")
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        return int(answer.status)
