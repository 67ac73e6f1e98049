"""A JSON object that ends with a long list, batch by batch: its other members first, then the rows."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

MEDIA_TYPE = "application/json"
#: rows between two pauses in which other requests get their turn
SLICE_ROWS = 100


async def json_stream(
    members: Mapping[str, Any],
    name: str,
    columns: Sequence[str],
    batches: AsyncIterator[Sequence[Sequence[object]]],
) -> AsyncIterator[bytes]:
    """The bytes of `members` and, as the list `name`, all rows of `batches` as objects by `columns`."""
    encode = msgspec.json.Encoder().encode
    yield encode(members)[:-1] + b"," + encode(name) + b":["
    comma = b""
    async for batch in batches:
        for start in range(0, len(batch), SLICE_ROWS):
            rows = batch[start : start + SLICE_ROWS]
            yield comma + b",".join(encode(dict(zip(columns, row, strict=True))) for row in rows)
            comma = b","
            await asyncio.sleep(0)
    yield b"]}"
