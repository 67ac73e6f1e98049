"""Tables as plain text whose columns stand below each other, whatever the script of their values."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from otrs_web.exports.tables import Table
from otrs_web.exports.width import one_line, padded, widest

GAP = "  "
BLANK = "-"
#: a longer value pushes the rest of its line away, rather than all lines
WIDEST = 60
#: tables of so many rows are kept while their columns are measured; longer ones are read twice
KEPT_ROWS = 20_000
#: rows between two pauses in which other requests get their turn
SLICE_ROWS = 500
_RIGHT = frozenset({"number", "decimal", "share"})

#: the texts of some rows, by column: what is done to a whole column at once is done several times as fast
Texts = Sequence[Sequence[str]]


async def aligned(table: Table, *, head: bool = True) -> AsyncIterator[str]:
    """The lines of a table, several at a time and each with its end, below a `head` with the titles."""
    titles = [[column.title] for column in table.columns]
    kept: list[Texts] | None = [] if table.rows <= KEPT_ROWS else None
    widths = [widest(title) if head else 0 for title in titles]
    async for texts in _texts(table):
        widths = [max(width, widest(column)) for width, column in zip(widths, texts, strict=True)]
        if kept is not None:
            kept.append(texts)
    widths = [min(width, WIDEST) for width in widths]
    right = [column.kind in _RIGHT for column in table.columns]
    if head:
        yield _lines(titles, widths, right) + "-" * (sum(widths) + len(GAP) * (len(widths) - 1)) + "\n"
    async for texts in _texts(table) if kept is None else _again(kept):
        yield _lines(texts, widths, right)
        await asyncio.sleep(0)


async def _texts(table: Table) -> AsyncIterator[Texts]:
    async for batch in table.batches():
        for start in range(0, len(batch), SLICE_ROWS):
            yield [_column(values) for values in zip(*batch[start : start + SLICE_ROWS], strict=True)]
            await asyncio.sleep(0)


async def _again(kept: Sequence[Texts]) -> AsyncIterator[Texts]:
    for texts in kept:
        yield texts


def _column(values: Sequence[object]) -> Sequence[str]:
    """A blank value is a dash, a time is written to the second: none that is stored has fractions of one."""
    texts = [BLANK if value is None or value == "" else str(value) for value in values]
    return texts if "".join(texts).isprintable() else [one_line(text) for text in texts]


def _lines(texts: Texts, widths: Sequence[int], right: Sequence[bool]) -> str:
    columns = [
        padded(column, width, right=to_right)
        for column, width, to_right in zip(texts, widths, right, strict=True)
    ]
    return "".join([f"{GAP.join(cells).rstrip()}\n" for cells in zip(*columns, strict=True)])
