"""What a statistic is: rows of a typed dataclass whose fields say their own title and definition.

A page's table, the JSON, the CSV and the sheet are all made from a Report, so they cannot disagree. Each
count in a row carries the filter of exactly the tickets that it counts: pages make a link of it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.tickets.facts import Facts, load_facts
from otrs_web.tickets.filter import TicketFilter

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tickets, and the filter whose list has exactly that many: `base` with `changes`.

    The filter is made when it is asked for: a series has thousands of counts, a page links a few.
    """

    value: int
    base: TicketFilter | None
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def filter(self) -> TicketFilter | None:
        """None where no list can be given: for zero, whose filter may contradict the page's own, and for a
        backlog of tickets that were chosen by what they are now."""
        if self.base is None or self.value == 0:
            return None
        return self.base.replace(**self.changes)

    @property
    def query(self) -> str | None:
        """The query string of `filter`, made without making it."""
        if self.base is None or self.value == 0:
            return None
        return self.base.query(self.changes)


@dataclass(frozen=True, slots=True)
class Column:
    """`title` and `definition` are English message ids, translated where they are shown."""

    name: str
    title: str
    definition: str


@dataclass(frozen=True, slots=True)
class Report(Generic[Row]):
    """A statistic's rows at `as_of`, a wall-clock time of the site."""

    slug: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    as_of: datetime

    @property
    def total(self) -> int:
        """The sum of the first count of all rows: what a share in a distribution is a share of."""
        counts = (next(v for v in _values(row) if isinstance(v, Count)) for row in self.rows)
        return sum(count.value for count in counts)


def column(title: str, definition: str = "") -> Any:
    """A field of a row type with what is shown above it."""
    return dataclasses.field(metadata={"title": title, "definition": definition})


@dataclass(frozen=True, slots=True)
class Stat(Generic[Row]):
    """A statistic: its row type gives the columns, `query` makes the rows from the loaded facts. `titles` are
    of columns that are called otherwise than in other statistics of the same row type."""

    slug: str
    title: str
    row_type: type[Row]
    query: Callable[[Facts], Sequence[Row]]
    titles: Mapping[str, str] = field(default_factory=dict)

    def from_facts(self, facts: Facts) -> Report[Row]:
        columns = columns_of(self.row_type, self.titles)
        return Report(self.slug, self.title, columns, self.query(facts), facts.as_of)

    async def report(self, session: AsyncSession, ticket_filter: TicketFilter) -> Report[Row]:
        """The statistic alone; a page with several loads the facts once and calls `from_facts`."""
        return self.from_facts(await load_facts(session, ticket_filter))


def columns_of(row_type: type[Any], titles: Mapping[str, str] = {}) -> Sequence[Column]:
    """What stands above the fields of a row type; `titles` take the place of its own."""
    return tuple(
        Column(f.name, titles.get(f.name, f.metadata["title"]), f.metadata["definition"])
        for f in dataclasses.fields(row_type)
    )


def _values(row: object) -> list[Any]:
    return [getattr(row, f.name) for f in dataclasses.fields(row)]  # type: ignore[arg-type]
