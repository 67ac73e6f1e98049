"""The journal of the update that runs or ran last, as `scripts/update_app.py` writes it, read by those who
must know how far it came: `run`, which changes over and finishes or undoes what was interrupted, and the
page. It is a file, since the database itself is among the things that an update may have to bring back."""

import fcntl
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from otrs_web.settings import Settings

Phase = Literal["preparing", "ready", "switching", "switched", "undoing", "settling", "done", "failed"]
GoOn = Literal["switch", "confirm", "recover"]

_JOURNAL, _LOCK, _RESTART = "journal.json", "lock", "restart"
_RUN = "otrs-web.lock"


class Reason(msgspec.Struct, frozen=True):
    message: str
    params: dict[str, str] = {}


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """`step` is the last one that began, `version` that of the new program once it is known, `at` the time
    of the last change, in UTC."""

    id: str
    phase: Phase
    step: str
    target: str
    from_version: str
    version: str | None
    script: str
    who: str
    wheel: str | None = None
    at: datetime
    reason: Reason | None = None

    @property
    def is_over(self) -> bool:
        return self.phase in ("done", "failed")

    @property
    def is_being_prepared(self) -> bool:
        """Whether the old version is still in place, untouched."""
        return self.phase in ("preparing", "ready")


def read(settings: Settings) -> Journal | None:
    try:
        return msgspec.json.decode((settings.updates_dir / _JOURNAL).read_bytes(), type=Journal)
    except FileNotFoundError:
        return None


def forget(settings: Settings) -> None:
    """Put away the journal of an update that is over: the next one found is that of the next update."""
    found = read(settings)
    if found is not None and found.is_over:
        (settings.updates_dir / _JOURNAL).unlink(missing_ok=True)


def folder(settings: Settings, journal: Journal) -> Path:
    """Where the update keeps its progress and what its commands said."""
    return settings.updates_dir / journal.id


def is_locked(settings: Settings) -> bool:
    """Whether a process is at work on an update."""
    return _held(settings.updates_dir / _LOCK)


def is_run(settings: Settings) -> bool:
    """Whether an `otrs-web run` holds the data directory, which can change over and begin anew."""
    return _held(settings.data_dir / _RUN)


def is_restart_asked(settings: Settings) -> bool:
    """Whether an update is prepared and waits for the program to end; the question is taken up thereby."""
    asked = settings.updates_dir / _RESTART
    if not asked.exists():
        return False
    asked.unlink()
    found = read(settings)
    return found is not None and found.phase == "ready"


def go_on(settings: Settings, what: GoOn, why: str | None = None) -> bool:
    """Have the script, as it was when the update began, exchange the versions, or finish or undo what was
    begun, where there is a reason for `why`; whether it could. It may take as long as a copy of the
    database."""
    found = read(settings)
    if found is None:
        return False
    command = [python(), "-I", found.script, "--go-on", what, "--updates", str(settings.updates_dir)]
    command += [f"--why={why}"] if why else []
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0  # noqa: S603


def python() -> str:
    """The Python that the virtual environment was made with: it stays when the environment is exchanged."""
    return str(Path(sys.executable).resolve())


def _held(path: Path) -> bool:
    try:
        with path.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
