"""The file of a backup: a zip with the dump of the database and `manifest.json`. Any program that knows zips
opens it, a dump of SQLite in it is a database that any tool reads, and the manifest at its end is read
without reading the rest."""

import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import msgspec

from otrs_web.backups.errors import BackupError
from otrs_web.i18n import N_

KINDS = {
    "daily": N_("daily"),
    "by_hand": N_("by hand"),
    "before_restore": N_("before a restore"),
}
Kind = Literal["daily", "by_hand", "before_restore"]
Backend = Literal["sqlite", "postgresql"]

PROGRAM = "otrs-web"
FORMAT = 1
_MANIFEST = "manifest.json"
#: pg_dump compresses by itself
_MEMBERS = {"sqlite": ("database.sqlite", ZIP_DEFLATED), "postgresql": ("database.pgdump", ZIP_STORED)}
#: the higher levels take several times as long for a few per cent
_LEVEL = 3
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1_000_000
#: what the library says of a zip that is none, is damaged, or is packed or encrypted in a way unknown to it
_UNREADABLE = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)

_NOT_OURS = N_("{file} is not a backup of otrs-web. Choose a file that was made by it.")
_DAMAGED = N_("{file} is damaged and cannot be used. Choose another backup.")
_NEWER = N_("{file} was made by a newer version of otrs-web. Update this program, then restore it.")
_ODD_NAME = N_("The name of {file} is not UTF-8 text. Rename the file in the folder to use it.")
#: what can be shown on every clock of the world
_YEARS = range(1970, 9999)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. `revision` is the schema's, `rows` counts each table, `size` and `sha256` are those
    of the dump as it comes out of the zip."""

    program: str = PROGRAM
    format: int = FORMAT
    created_at: datetime
    kind: Kind
    database: Backend
    revision: str
    version: str = msgspec.field(default_factory=lambda: version("otrs-web"))
    rows: dict[str, int]
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is None or self.created_at.year not in _YEARS:
            raise ValueError("a time without its offset, or of no backup")

    @property
    def tickets(self) -> int:
        return self.rows.get("otrs_ticket", 0)


class _Head(msgspec.Struct):
    program: str
    format: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a dump before it is written."""

    created_at: datetime
    kind: Kind
    database: Backend
    revision: str
    rows: dict[str, int]


def write(part: Path, dump: BinaryIO, origin: Origin) -> Manifest:
    """Write a backup to a new file, readable by its owner alone, and onto the disk."""
    member, compression = _MEMBERS[origin.database]
    digest, size = hashlib.sha256(), 0
    with open(part, "xb", opener=_private) as file:
        with ZipFile(file, "w", compression, compresslevel=_LEVEL) as archive:
            with archive.open(member, "w", force_zip64=True) as target:
                while octets := dump.read(_CHUNK):
                    digest.update(octets)
                    size += len(octets)
                    target.write(octets)
            manifest = Manifest(**msgspec.structs.asdict(origin), size=size, sha256=digest.hexdigest())
            archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def has_odd_name(path: Path) -> bool:
    """Whether the name is octets that are no text, which no address, answer or note can hold."""
    return shown_name(path) != path.name


def shown_name(path: Path) -> str:
    """The file's name as it can be printed."""
    return os.fsencode(path.name).decode(errors="replace")


def read_manifest(path: Path) -> Manifest:
    """What the file says that it is. Raises BackupError for what is damaged, foreign or of a newer format."""
    if has_odd_name(path):
        raise BackupError("refused", _ODD_NAME, file=shown_name(path))
    with _opened(path) as archive:
        if _MANIFEST not in archive.namelist():
            raise BackupError("refused", _NOT_OURS, file=path.name)
        with archive.open(_MANIFEST) as file:
            text = file.read(_LARGEST_MANIFEST)
    try:
        head = msgspec.json.decode(text, type=_Head)
    except msgspec.MsgspecError:
        head = _Head("", 0)
    if head.program != PROGRAM:
        raise BackupError("refused", _NOT_OURS, file=path.name)
    if head.format > FORMAT:
        raise BackupError("refused", _NEWER, file=path.name)
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise BackupError("refused", _DAMAGED, file=path.name) from error


def extract(path: Path, manifest: Manifest, target: Path) -> None:
    """Write the dump to a new file. Raises BackupError unless it is what the manifest says, to the bit."""
    member, _ = _MEMBERS[manifest.database]
    digest, size = hashlib.sha256(), 0
    with _opened(path) as archive, open(target, "xb", opener=_private) as file:
        if member not in archive.namelist():
            raise BackupError("refused", _DAMAGED, file=path.name)
        with archive.open(member) as dump:
            while size <= manifest.size and (octets := dump.read(_CHUNK)):
                digest.update(octets)
                size += len(octets)
                file.write(octets)
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise damaged(path)


def damaged(path: Path) -> BackupError:
    return BackupError("refused", _DAMAGED, file=path.name)


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _UNREADABLE as error:
        raise damaged(path) from error
