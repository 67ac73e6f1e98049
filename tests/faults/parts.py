"""The parts of an installation as real processes, each of which can be ended, killed and started again on its
own: web servers and workers of one data directory, a Valkey, and what scripts and browsers ask them for."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from otrs_web import broker
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from tests.ops.site import COMMAND, free_port
from tests.postgres import children
from tests.waiting import wait_until

PASSWORD = "a-word-for-tests"
BROWSER = {"accept": "text/html", "accept-language": "en"}
CHINESE = {**BROWSER, "accept-language": "zh-CN"}
#: these make a command speak as its users would hear it, and ask nobody outside
ENVIRON = {"OTRS_WEB_TIMEZONE": "Europe/Berlin", "PYTHONUNBUFFERED": "1", "APP_UPDATE_ENABLED": "false"}


class Part:
    """One process and what it says."""

    def __init__(self, command: list[str], environ: dict[str, str], log: Path) -> None:
        self.log = log
        # it ends with the tests, however they end
        command = ["setpriv", "--pdeathsig", "KILL", *command]
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                command, env=environ, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """As `kill -9`: what it has started ends with it."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """As systemd does it; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


class Valkey:
    """A broker of its own address, which keeps what it is told on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = broker.command(Settings(data_dir=self.folder / "unused", database_url=""))[0]
        options = {"bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder), "save": ""}
        options |= {"appendonly": "yes", "logfile": "valkey.log"}
        command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command])
        wait_until(lambda: self.says(b"PING") == b"+PONG\r\n")

    def stop(self) -> None:
        """Gone at once, as with its machine."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile it takes what is sent, and does nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def hurry(self) -> None:
        """Let what comes every minute come now."""
        with redis.Redis(port=self.port) as client:
            for job, due in client.zrange("saq:otrs-web:incomplete", 0, -1, withscores=True):
                if due:
                    client.zadd("saq:otrs-web:incomplete", {job: 1}, xx=True)

    def is_idle(self) -> bool:
        """Whether no job waits or is being done."""
        with redis.Redis(port=self.port) as client:
            return not any(client.llen(f"saq:otrs-web:{name}") for name in ("queued", "active"))

    def says(self, command: bytes) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                client.sendall(command + b"\r\n")
                return client.recv(100)
        except OSError:
            return b""


class Desk:
    """One data directory, and the processes that share it."""

    def __init__(self, folder: Path, database_url: str = "", queue_url: str = "", **environ: str) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.database_url = database_url or f"sqlite:///{self.data_dir / 'otrs-web.db'}"
        self.command = COMMAND
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTRS_WEB", "APP_"))}
        self.environ = {
            **kept,
            **ENVIRON,
            "OTRS_WEB_DATA_DIR": str(self.data_dir),
            "OTRS_WEB_DATABASE_URL": self.database_url,
            "OTRS_WEB_ADMIN_PASSWORD": PASSWORD,
            **({"OTRS_WEB_QUEUE_URL": queue_url} if queue_url else {}),
            **environ,
        }
        self.parts: list[Part] = []

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)

    def start(self, *arguments: str, **environ: str) -> Part:
        """Start one more process without waiting for it."""
        log = self.folder / f"{len(self.parts)}-{arguments[0]}.log"
        part = Part([*self.command, *arguments], {**self.environ, **environ}, log)
        self.parts.append(part)
        return part

    def web(self) -> "Web":
        """One more web server, which need not answer yet."""
        port = free_port()
        return Web(self.start("web", OTRS_WEB_PORT=str(port)), port)

    def worker(self) -> Part:
        return self.start("worker")

    def run(self) -> "Web":
        """Everything, ready."""
        port = free_port()
        part = self.start("run", OTRS_WEB_PORT=str(port))
        wait_until(lambda: "is ready at" in part.output or not part.lives)
        assert part.lives, part.output
        return Web(part, port)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """What is in the database; for statements that change something as well."""
        db = SyncDatabase(self.settings)
        try:
            with db.write() as session:
                found = session.execute(text(sql), values)
                return [tuple(row) for row in found] if found.returns_rows else []
        finally:
            db.dispose()

    def value(self, sql: str, **values: Any) -> Any:
        (row,) = self.rows(sql, **values)
        return row[0]

    def is_done(self, upload_id: int) -> bool:
        status = self.value("SELECT status FROM upload_detail WHERE id = :id", id=upload_id)
        assert status in ("queued", "running", "done"), status
        return bool(status == "done")

    def wait_for(self, upload_id: int, seconds: float = 30) -> None:
        def is_done() -> bool:
            with suppress(OperationalError):
                return self.is_done(upload_id)
            return False

        wait_until(is_done, seconds)

    @property
    def output(self) -> str:
        return "".join(part.output for part in self.parts)

    def clean(self) -> None:
        for part in self.parts:
            if part.lives:
                part.kill()


class Web:
    """A web server and what it answers."""

    def __init__(self, part: Part, port: int) -> None:
        self.part = part
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(
            base_url=self.url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def wait(self) -> "Web":
        wait_until(lambda: self.answers() or not self.part.lives)
        assert self.part.lives, self.part.output
        return self

    def answers(self) -> bool:
        try:
            return self.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def page(self, path: str, headers: dict[str, str] = BROWSER) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def post(
        self, path: Path, mode: str = "replace", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        with path.open("rb") as file:
            form = {"file": (path.name, file)}
            return self.client.post("/upload", files=form, data={"mode": mode}, headers=headers)

    def upload(self, path: Path, mode: str = "replace") -> int:
        """Hand over an export; the upload's id."""
        answer = self.post(path, mode)
        assert answer.status_code in (200, 202), answer.text
        return int(answer.json()["upload_id"])

    def tickets(self) -> int:
        return int(self.get("/database-stats").json()["stats"]["total_records"])


def export(folder: Path, name: str, rows: int, *, title: str = "Something is wrong", skip: int = 0) -> Path:
    """An export of so many tickets; `skip` leaves out the first ones."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}_2026-06-30_18-00.csv"
    with path.open("w") as file:
        file.write("Ticket Number,Created,Closed,State,Priority,Queue,Title\n")
        for number in range(skip, skip + rows):
            day = f"2026-0{number % 6 + 1}-{number % 28 + 1:02d}"
            closed, state = (f"{day} 15:00:00", "closed successful") if number % 3 else ("", "open")
            start = f"{10**12 + number},{day} 08:15:00,{closed},{state}"
            file.write(f"{start},3 normal,Queue {number % 9},{title} {number}\n")
    return path


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    """A disk of that size; what is on it is gone afterwards."""
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Write a file that leaves so many bytes free on the disk.

    Others write there too, and may have the last of the room before this does: the disk is full all the same.
    """
    path = disk / "in-the-way"
    status = os.statvfs(disk)
    with path.open("ab", buffering=0) as file, suppress(OSError):
        file.write(b"\0" * max(0, status.f_bavail * status.f_frsize - leave))
    return path


def import_process(worker: int) -> int:
    """The process that a worker's import runs in, in the fork server that the worker has started."""
    (fork_server,) = [pid for pid in children(worker) if b"forkserver" in _command(pid)]
    return max(children(fork_server))


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
