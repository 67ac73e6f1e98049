"""Comma-separated text, batch by batch. It begins with a byte order mark, without which Excel reads Chinese
and umlauts as Windows-1252."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

from otrs_web.exports.cells import csv_cell

MEDIA_TYPE = "text/csv"
#: rows between two pauses in which other requests get their turn: about a millisecond's work
SLICE_ROWS = 50
PIECE_CHARACTERS = 1 << 15


async def csv_stream(
    columns: Sequence[str], batches: AsyncIterator[Sequence[Sequence[object]]], timezone: ZoneInfo
) -> AsyncIterator[bytes]:
    """The bytes of a file with a header line and all rows of `batches`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    yield b"\xef\xbb\xbf"
    async for batch in batches:
        for start in range(0, len(batch), SLICE_ROWS):
            for row in batch[start : start + SLICE_ROWS]:
                writer.writerow([csv_cell(value, timezone) for value in row])
            await asyncio.sleep(0)
            if text.tell() >= PIECE_CHARACTERS:
                yield _taken(text)
    if rest := _taken(text):
        yield rest


def _taken(text: io.StringIO) -> bytes:
    # A lone surrogate cannot be written; nothing that was stored by an import has one.
    octets = text.getvalue().encode(errors="replace")
    text.seek(0)
    text.truncate()
    return octets
