"""The folder of the backups: what is in it, and what is known of each file. A name from outside is compared
with the names that are there and never made into a path, so it cannot lead anywhere else."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from otrs_web.backups.archive import Manifest, has_odd_name, read_manifest, shown_name
from otrs_web.backups.errors import BackupError, Reason, explained
from otrs_web.backups.revisions import newer
from otrs_web.clock import utc_now
from otrs_web.i18n import N_
from otrs_web.settings import Settings

ENDING = ".zip"
#: what the program calls its own files; only those are ever cleaned up
_OURS = re.compile(r"otrs-web-(\d{4}-\d\d-\d\dT\d{6}Z)(-\d+)?\.(sqlite|postgresql)\.zip")
_CHECKS = ".checks.json"
_UNKNOWN = N_("There is no backup of that name.")


class Check(msgspec.Struct, frozen=True):
    """When a file, of this size and time of change, was last verified, and what was wrong with it, if
    anything."""

    at: datetime
    size: int
    changed_ns: int
    fault: Reason | None


class Backup(NamedTuple):
    """A file in the folder; `fault` says why it cannot be restored, `checked_at` when it was verified."""

    path: Path
    size: int
    created_at: datetime
    manifest: Manifest | None
    fault: Reason | None
    checked_at: datetime | None

    @property
    def name(self) -> str:
        """As it can be shown."""
        return shown_name(self.path)

    @property
    def can_be_named(self) -> bool:
        """Whether a reader can ask for it by its name."""
        return not has_odd_name(self.path)

    @property
    def is_ours(self) -> bool:
        """Whether the program gave it its name."""
        return _OURS.fullmatch(self.name) is not None


def file_name(settings: Settings, at: datetime, database: str) -> str:
    """A name that no file in the folder has yet."""
    for number in range(1, 10_000):
        again = f"-{number}" if number > 1 else ""
        name = f"otrs-web-{at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}{again}.{database}{ENDING}"
        if not (settings.backups_dir / name).exists():
            return name
    raise FileExistsError(settings.backups_dir)


def listing(settings: Settings) -> list[Backup]:
    """All backups, the newest first. Reads the end of each file."""
    checks = _checks(settings)
    found: list[Backup] = []
    for path in _files(settings):
        with suppress(FileNotFoundError):  # deleted just now
            found.append(_backup(path, checks))
    return sorted(found, key=lambda backup: (backup.created_at, backup.name), reverse=True)


def latest(settings: Settings) -> Backup | None:
    """The newest backup that can be restored, as far as is known; its file is not read as a whole."""
    return next((backup for backup in listing(settings) if backup.fault is None), None)


def find(settings: Settings, name: str) -> Path:
    """The file of that name in the folder. Raises BackupError."""
    for path in _files(settings):
        if path.name == name and not has_odd_name(path):
            return path
    raise BackupError("unknown", _UNKNOWN)


def remember_check(settings: Settings, path: Path, fault: Reason | None) -> None:
    """Keep what came of verifying a file in the folder; forgets files that are gone."""
    if path.parent != settings.backups_dir:
        return
    known = {name: check for name, check in _checks(settings).items() if (path.parent / name).exists()}
    facts = path.stat()
    known[path.name] = Check(utc_now(), facts.st_size, facts.st_mtime_ns, fault)
    write_note(settings.backups_dir / _CHECKS, msgspec.json.encode(known))


def write_note(path: Path, octets: bytes) -> None:
    """Put a small file in place, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(octets)
    os.replace(part, path)


def _files(settings: Settings) -> list[Path]:
    if not settings.backups_dir.is_dir():
        return []
    with os.scandir(settings.backups_dir) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.endswith(ENDING)
            and not entry.name.startswith(".")
            and entry.is_file(follow_symlinks=False)
        ]


def _backup(path: Path, checks: Mapping[str, Check]) -> Backup:
    facts = path.stat()
    check = checks.get(path.name)
    if check and (check.size, check.changed_ns) != (facts.st_size, facts.st_mtime_ns):
        check = None
    created_at = _named_time(path.name) or datetime.fromtimestamp(facts.st_mtime, UTC)
    manifest, fault = None, check.fault if check else None
    try:
        manifest = read_manifest(path)
        created_at = manifest.created_at
        fault = fault or newer(path, manifest)
    except FileNotFoundError:
        raise
    except OSError as error:
        fault = explained(error).reason
    except BackupError as error:
        fault = error.reason
    return Backup(path, facts.st_size, created_at, manifest, fault, check.at if check else None)


def _named_time(name: str) -> datetime | None:
    """What is known of a file that cannot be read, however it came here."""
    named = _OURS.fullmatch(name)
    try:
        return datetime.strptime(named[1], "%Y-%m-%dT%H%M%S%z") if named else None
    except ValueError:
        return None


def _checks(settings: Settings) -> dict[str, Check]:
    path = settings.backups_dir / _CHECKS
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Check])
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return {}
