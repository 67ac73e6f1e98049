"""What the files of the figures by person consist of, whatever their format: the tables of the page, whole,
and a small one for each person."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

from otrs_web.exports.about import About, Definition
from otrs_web.exports.tables import Batch, Column, Table, table_of
from otrs_web.i18n import N_
from otrs_web.stats.people import People, PersonRow
from otrs_web.stats.report import columns_of
from otrs_web.tickets.filter import NONE

TITLE = N_("Tickets by person")
CLOSED = N_("Closed tickets, by close time")
CLOSED_MEANS = N_(
    "Tickets closed in each period, whenever they were created: a range of days chooses periods here, and"
    " tickets by their creation everywhere else."
)
TOGETHER = N_("All together")
#: what a period is called above its column, and as a choice
PERIOD_NAMES = {"total": N_("Period"), "day": N_("Day"), "week": N_("Week"), "month": N_("Month")}
CHOICES = {"total": N_("In total"), "day": N_("By day"), "week": N_("By week"), "month": N_("By month")}
#: people side by side in a table of periods: Excel has 16,384 columns, and nobody reads so many; more stand
#: below each other
ACROSS = 500
#: rows that are made at a time
BATCH_ROWS = 50

Gettext = Callable[[str], str]


class Person(NamedTuple):
    """A person's name as files write it, and what the person closed: a row per period, and the total."""

    name: str
    table: Table


def name_of(person: str | None, gettext: Gettext) -> str:
    return gettext(NONE) if person is None else person


def about(found: People, gettext: Gettext) -> About:
    facts: list[tuple[str, str | int]] = [
        (N_("People"), len(found.names)),
        (N_("Person"), gettext(N_("Responsible") if found.field == "responsible" else N_("Owner"))),
        (N_("Period"), gettext(CHOICES[found.period])),
    ]
    columns = [column for column in columns_of(PersonRow) if column.definition]
    definitions = [Definition(TITLE, column.title, column.definition) for column in columns]
    definitions.append(Definition(CLOSED, TOGETHER, CLOSED_MEANS))
    return About(TITLE, found.as_of, found.filter, facts, definitions)


def person_table(found: People, name: str, gettext: Gettext) -> Table:
    """A row per person, and one of all together."""
    fields = [column.name for column in columns_of(PersonRow)][1:]
    if not found.everybody.age_unknown.value:
        fields.remove("age_unknown")
    titles = {column.name: gettext(column.title) for column in columns_of(PersonRow)}
    columns = [Column(titles["person"], width=28), *(Column(titles[one], "number") for one in fields)]

    def cells(row: PersonRow, label: str) -> list[object]:
        return [label, *(getattr(row, one).value for one in fields)]

    async def batches() -> AsyncIterator[Batch]:
        for start in range(0, len(found.names), BATCH_ROWS):
            part = found.persons(slice(start, start + BATCH_ROWS))
            yield [cells(row, name_of(row.person, gettext)) for row in part]
        yield [cells(found.everybody, gettext(TOGETHER))]

    return Table(name, columns, len(found.names) + 1, batches)


def period_table(found: People, name: str, gettext: Gettext) -> Table:
    """A row per period, the newest first, with a column per person; totals both ways."""
    heads = [gettext(TOGETHER), *(name_of(person, gettext) for person in found.names)]
    columns = [Column(gettext(PERIOD_NAMES[found.period])), *(Column(head, "number") for head in heads)]

    async def batches() -> AsyncIterator[Batch]:
        sums = [0] * len(found.names)
        for start in range(0, len(found.periods), BATCH_ROWS):
            part = slice(start, start + BATCH_ROWS)
            rows = found.block(part).tolist()
            sums = [before + n for before, n in zip(sums, map(sum, zip(*rows, strict=True)), strict=True)]
            keys = [period.key for period in found.periods[part]]
            yield [[key, sum(row), *row] for key, row in zip(keys, rows, strict=True)]
        yield [[gettext(TOGETHER), sum(sums), *sums]]

    return Table(name, columns, len(found.periods) + 1, batches)


def long_table(found: People, name: str, gettext: Gettext) -> Table:
    """A row for each person and period in which the person closed tickets, or for each person in total."""
    heads = [gettext(N_("Person")), gettext(PERIOD_NAMES[found.period])]
    columns = [Column(heads[0], width=28), Column(heads[1]), Column(gettext(N_("Closed")), "number")]

    async def batches() -> AsyncIterator[Batch]:
        for person, rows, total in _closed(found, gettext):
            shown = rows if found.periods else [(gettext(TOGETHER), total)]
            yield [(person, *row) for row in shown]

    return Table(name, columns, found.filled if found.periods else len(found.names), batches)


def persons(found: People, gettext: Gettext) -> Iterator[Person]:
    """The people one by one, with the periods in which they closed tickets."""
    columns = [Column(gettext(PERIOD_NAMES[found.period])), Column(gettext(N_("Closed")), "number")]
    for person, rows, total in _closed(found, gettext):
        yield Person(person, table_of(person, columns, [*rows, (gettext(TOGETHER), total)]))


def _closed(found: People, gettext: Gettext) -> Iterator[tuple[str, list[tuple[str, int]], int]]:
    """The name of each person, the periods with closed tickets, and the total."""
    keys = [period.key for period in found.periods]
    for start in range(0, len(found.names), BATCH_ROWS):
        by_person = found.block(people=slice(start, start + BATCH_ROWS)).T.tolist()
        for at, closed in enumerate(by_person, start):
            rows = [(key, n) for key, n in zip(keys, closed, strict=True) if n]
            total = sum(closed) if keys else int(found.totals["closed"][at])
            yield name_of(found.names[at], gettext), rows, total
