"""What an export consists of, whatever its format: tables whose rows are read when their turn comes, and the
language and the clock of the reader they are made for."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

Batch = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Edition:
    """Translates messages, tells the time on the site's wall, and when the file was asked for (on it)."""

    gettext: Callable[[str], str]
    timezone: ZoneInfo
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is what its values are: text, number (whole), decimal, share (of 1), day, moment, or plain for
    values that are shown as they are. `width` is in characters."""

    title: str
    kind: str = "text"
    width: int = 14


@dataclass(frozen=True)
class Table:
    """`rows` is how many rows `batches` will give; each call reads them anew."""

    name: str
    columns: Sequence[Column]
    rows: int
    batches: Callable[[], AsyncIterator[Batch]]

    def named(self, name: str) -> "Table":
        return replace(self, name=name)


def table_of(name: str, columns: Sequence[Column], rows: Batch) -> Table:
    """A table of rows that are there already."""

    async def batches() -> AsyncIterator[Batch]:
        if rows:
            yield rows

    return Table(name, columns, len(rows), batches)
