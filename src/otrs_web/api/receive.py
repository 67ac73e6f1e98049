"""A file on its way from the network to the disk. The form is taken apart while it arrives and the file goes
straight to its place, so an upload of any size needs a megabyte of memory; until the last byte is there it is
called `.part`, so what breaks off leaves nothing that could be taken for an upload."""

import hashlib
import os
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from anyio import to_thread
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from otrs_web.api.labels import file_label
from otrs_web.clock import utc_now
from otrs_web.database.faults import is_full
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest

FILE_FIELD = "file"
MEGABYTE = 1 << 20
#: boundaries and the other fields of the form, which do not count as the file
FORM_OVERHEAD = 64 * 1024
MAX_FIELDS = 20
WRITE_SIZE = 1 << 20
#: a `.part` that nobody has written to for so long belongs to a process that was killed
STALE_SECONDS = 3600
_EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", re.IGNORECASE)


@dataclass(frozen=True)
class ReceivedFile:
    """A complete file in the uploads directory, and the other fields of the form by name."""

    stored_filename: str
    filename: str
    size_bytes: int
    sha256: str
    fields: Mapping[str, str]


class _Disk:
    """Writes and hashes off the event loop, a megabyte at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = hashlib.sha256()
        self._file = path.open("xb")
        self._waiting = bytearray()

    async def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= WRITE_SIZE:
            await to_thread.run_sync(self._flush)

    def _flush(self) -> None:
        self.digest.update(self._waiting)
        self._file.write(self._waiting)
        self._waiting.clear()

    async def finish(self, final: Path) -> None:
        """On the disk for good, under its final name."""

        def close() -> None:
            self._flush()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self.path.rename(final)

        await to_thread.run_sync(close)

    def discard(self) -> None:
        with suppress(OSError):  # on a full disk it cannot even be closed without a complaint
            self._file.close()
        self.path.unlink(missing_ok=True)


class _Form:
    """Takes the parser's events: the file goes to the disk, the few small other fields to memory."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self.identifier = uuid.uuid4().hex
        self.disk: _Disk | None = None
        self.filename = ""
        self.size = 0
        self.fields: dict[str, str] = {}
        self._value = bytearray()
        self._segment: MultipartSegment | None = None
        self._no_file_chosen = False

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            await self._begin(event)
        elif event is None:
            self._end()
        elif self._segment is None:
            await self._take_content(bytes(event))
        else:
            self._value += event
            if len(self._value) > FORM_OVERHEAD:
                raise Problem(413, N_("The form is too large."))

    async def _begin(self, segment: MultipartSegment) -> None:
        label = _filename_of(segment)
        self._segment = segment if label is None else None
        if label is None:
            return
        if segment.name != FILE_FIELD:
            message = N_("Send the file in the field “file”, not “{name}”.")
            raise Problem(400, message, params={"name": segment.name or ""}, field=FILE_FIELD)
        if self.disk or self._no_file_chosen:
            raise Problem(400, N_("Upload one file at a time."), field=FILE_FIELD)
        # Browsers send an empty part without a name where no file was chosen.
        self.filename = file_label(label)
        self._no_file_chosen = not self.filename
        if self.filename:
            self.disk = await to_thread.run_sync(_Disk, self.directory / f"{self.identifier}.part")

    async def _take_content(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self.max_bytes:
            raise too_large(self.max_bytes)
        if self.disk:
            await self.disk.write(data)

    def _end(self) -> None:
        if self._segment is not None:
            name = self._segment.name or ""
            try:
                value = self._value.decode()
            except UnicodeDecodeError:
                raise Problem(400, N_("The field is not readable as UTF-8."), field=name) from None
            if self.fields.setdefault(name, value) != value:
                message = N_("{name} was given twice, with different values.")
                raise Problem(400, message, params={"name": name}, field=name)
        self._segment = None
        self._value.clear()

    async def finish(self) -> ReceivedFile:
        if self.disk is None:
            raise Problem(400, N_("No file was chosen."), field=FILE_FIELD)
        stored = self.identifier + _suffix(self.filename)
        await self.disk.finish(self.directory / stored)
        digest = self.disk.digest.hexdigest()
        return ReceivedFile(stored, self.filename, self.size, digest, self.fields)


async def receive_file(request: AnyRequest, directory: Path, max_bytes: int) -> ReceivedFile:
    """Take the form of an upload from the network. Raises Problem 400, 413, 415, 503 or 507 (disk full), and
    then nothing is left of the file."""
    boundary = _boundary(request)
    if (request.content_length or 0) > max_bytes + FORM_OVERHEAD:
        raise too_large(max_bytes)
    form = _Form(directory, max_bytes)
    done = False
    try:
        await to_thread.run_sync(lambda: directory.mkdir(parents=True, exist_ok=True))
        await _parse(request, boundary, form)
        received = await form.finish()
        done = True
    except OSError as error:
        if is_full(error):
            raise Problem(507) from error
        message = N_("The file could not be stored: {reason}. Nothing was changed.")
        raise Problem(503, message, params={"reason": error.strerror or str(error)}) from error
    finally:
        if not done and form.disk:
            form.disk.discard()
    return received


async def _parse(request: AnyRequest, boundary: str, form: _Form) -> None:
    try:
        # Names of files from old clients are not always UTF-8, so headers are decoded by hand.
        parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS, header_charset="latin1")
        with parser:
            async for chunk in _body(request):
                for event in parser.parse(chunk):
                    await form.take(event)
    except ParserLimitReached:
        raise Problem(413, N_("The form is too large.")) from None
    except MultipartError:
        raise Problem(400, N_("The upload is incomplete or damaged. Send the file again.")) from None


async def _body(request: AnyRequest) -> AsyncIterator[bytes]:
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, N_("The upload was broken off."))
        if message["type"] == "http.request":
            if message["body"]:  # the parser takes an empty chunk for the end
                yield message["body"]
            if not message["more_body"]:
                return


def _boundary(request: AnyRequest) -> str:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Problem(415, N_("Send the file as a form (multipart/form-data) with the field “file”."))
    return str(options["boundary"])


def too_large(max_bytes: int) -> Problem:
    message = N_("The file is larger than {limit} MB, the most that is accepted here.")
    return Problem(413, message, params={"limit": max_bytes // MEGABYTE}, field=FILE_FIELD)


def _filename_of(segment: MultipartSegment) -> str | None:
    """The file's name as meant: RFC 5987 (`filename*`), else UTF-8, else GB 18030; None for a field."""
    if extended := _EXTENDED_NAME.search(segment.header("Content-Disposition", "")):
        return unquote(extended[1])
    if segment.filename is None:
        return None
    octets: bytes = segment.filename.encode("latin1")
    for charset in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return octets.decode(charset)
    return str(segment.filename)


def _suffix(filename: str) -> str:
    match = re.search(r"\.[A-Za-z0-9]{1,8}$", filename)
    return match[0].lower() if match else ""


def remove_stale_parts(directory: Path) -> None:
    """At the start: what a killed process left of uploads that never became complete."""
    before = utc_now().timestamp() - STALE_SECONDS
    for part in directory.glob("*.part"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < before:
                part.unlink()
