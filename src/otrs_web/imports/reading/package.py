"""The zip around a workbook, looked at before any reader trusts it. A zip can promise anything: sizes that
are not true, a gigabyte in a kilobyte, two entries of one name, damaged bytes. Its directory is judged
first, then every part that a reader would use is unpacked once, in memory and in small blocks, never to
disk."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from otrs_web.imports.quality import Rejected

MAX_DIRECTORY = 1 << 20
"""Bytes of zip directory: some ten thousand entries, when a workbook has dozens."""
MAX_UNPACKED = 4 << 30
SMALL = 64 << 20
"""Up to this unpacked size nothing is suspected."""
MAX_RATIO = 40
"""Unpacked to packed. Exports of a million rows reach 15, sheets of blank rows 20; equal rows begin at 50."""
MAX_STRINGS = 1 << 30
MAX_SMALL_PART = SMALL
_PACKED_BLOCK = 1 << 16
_BLOCK = 4 << 20
_PARTS = (".xml", ".rels", ".bin")


class Package:
    """A zip file whose directory is plausible. Raises Rejected otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            _check_directory(path)
            with zipfile.ZipFile(path) as archive:
                entries = archive.infolist()
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            NotImplementedError,
            ValueError,
            struct.error,
        ) as error:
            raise Rejected("workbook_damaged") from error
        names = {entry.filename.lower() for entry in entries}
        if len(names) != len(entries) or any(entry.header_offset < 0 for entry in entries):
            raise Rejected("workbook_damaged")
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise Rejected("password_protected")
        self.parts = {entry.filename: entry for entry in entries}
        self._check_sizes()

    def _check_sizes(self) -> None:
        packed_total = self.path.stat().st_size
        used = [entry for name, entry in self.parts.items() if name.lower().endswith(_PARTS)]
        unpacked_total = sum(entry.file_size for entry in used)
        if sum(entry.compress_size for entry in self.parts.values()) > packed_total:
            raise Rejected("workbook_damaged")
        sizes = [(entry.file_size, entry.compress_size) for entry in used]
        for unpacked, packed in [*sizes, (unpacked_total, packed_total)]:
            if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > packed * MAX_RATIO):
                raise Rejected("unpacks_too_large", unpacked=unpacked >> 20, packed=packed >> 20)
        for entry in used:
            name = entry.filename.lower()
            limit = MAX_STRINGS if "sharedstrings" in name else MAX_SMALL_PART
            if not is_sheet(name) and entry.file_size > limit:
                raise Rejected(
                    "unpacks_too_large", unpacked=entry.file_size >> 20, packed=entry.compress_size >> 20
                )

    def blocks(self, name: str) -> Iterator[bytes]:
        """The part's content, up to 4 MB at a time; raises Rejected where size or checksum are not as
        promised."""
        entry = self.parts[name]
        size = checksum = 0
        for block in self._inflated(entry):
            size += len(block)
            if size > entry.file_size:
                break
            checksum = zlib.crc32(block, checksum)
            yield block
        if size != entry.file_size or checksum != entry.CRC:
            raise Rejected("workbook_damaged", part=name)

    def _inflated(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        # zipfile's own reader needs twice the time, which is most of what this look at every byte costs
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Rejected("workbook_damaged", part=entry.filename)
        inflate = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        with self.path.open("rb") as file:
            file.seek(entry.header_offset)
            head = file.read(30)
            if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
                raise Rejected("workbook_damaged", part=entry.filename)
            file.seek(sum(struct.unpack("<HH", head[26:])), 1)
            left = entry.compress_size
            while left > 0 and (packed := file.read(min(_PACKED_BLOCK, left))):
                left -= len(packed)
                if inflate is None:
                    yield packed
                    continue
                try:
                    while packed:
                        yield inflate.decompress(packed, _BLOCK)
                        packed = inflate.unconsumed_tail
                except zlib.error as error:
                    raise Rejected("workbook_damaged", part=entry.filename) from error
            if inflate is not None:
                yield inflate.flush()

    def read(self, name: str) -> bytes:
        """A small part as a whole."""
        if self.parts[name].file_size > MAX_SMALL_PART:
            raise Rejected("workbook_damaged", part=name)
        return b"".join(self.blocks(name))


def is_sheet(name: str) -> bool:
    return "worksheets/" in name.lower() or name.lower() == "content.xml"


def _check_directory(path: Path) -> None:
    """The end record tells how large the directory is, before it is read into objects."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - (1 << 16) - 22, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile
    if struct.unpack("<L", tail[at + 12 : at + 16])[0] > MAX_DIRECTORY:
        raise Rejected("unpacks_too_large", unpacked=0, packed=path.stat().st_size >> 20)
