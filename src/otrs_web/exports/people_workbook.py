"""The figures by person as a workbook: the tables of the page with a chart, or a sheet for each person. In
Chinese the sheets have the names that the original application gave them."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

from otrs_web.exports.about import draw_about
from otrs_web.exports.charts import COLOURS, Canvas, Part
from otrs_web.exports.people import (
    ACROSS,
    about,
    long_table,
    name_of,
    period_table,
    person_table,
    persons,
)
from otrs_web.exports.sheet import shortened
from otrs_web.exports.tables import Edition
from otrs_web.exports.workbook import NAME_CHARACTERS, Drawn, Sheet, xlsx_stream
from otrs_web.i18n import N_
from otrs_web.stats.people import People, PersonRow
from otrs_web.stats.report import columns_of

#: people with a sheet of their own; more stand below each other on one
SHEETS = 250
#: people in a chart
CHARTED = 30
#: what the name of a sheet may not have, and an apostrophe at its ends
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: from young to old, as on the page
_AGES = (
    ("age_24h", "#b1cbf1"),
    ("age_24_48h", "#7ba7e8"),
    ("age_48_72h", "#3b7ddd"),
    ("age_72h", COLOURS["backlog"]),
)
#: the columns of the sheet before the ages: person, tickets, closed, open
_BEFORE_AGES = 4


async def people_xlsx(found: People, kind: str, edition: Edition) -> AsyncIterator[bytes]:
    """The bytes of the workbook; `kind` is `summary` or `details`."""
    make = _details if kind == "details" else _summary
    sheets = await asyncio.to_thread(lambda: list(make(found, edition)))
    async for octets in xlsx_stream(sheets, edition.timezone):
        yield octets


def _about(found: People, edition: Edition) -> Drawn:
    return Drawn("About", lambda book, sheet: draw_about(book, sheet, about(found, edition.gettext), edition))


def _summary(found: People, edition: Edition) -> Iterator[Sheet]:
    _ = edition.gettext
    summary = _(N_("Summary"))
    yield _about(found, edition)
    yield person_table(found, summary, _)
    if found.periods:
        table = period_table if len(found.names) <= ACROSS else long_table
        yield table(found, _(N_("Closed by period")), _)
    yield Drawn("Charts", lambda book, sheet: _chart(Canvas(book, sheet, _), summary, found, edition))


def _chart(canvas: Canvas, summary: str, found: People, edition: Edition) -> None:
    rows = found.persons(slice(CHARTED))
    if any(row.open.value for row in rows):
        titles = {column.name: edition.gettext(column.title) for column in columns_of(PersonRow)}
        labels = [name_of(row.person, edition.gettext) for row in rows]
        parts = [
            Part(_BEFORE_AGES + at, titles[name], colour, [getattr(row, name).value for row in rows])
            for at, (name, colour) in enumerate(_AGES)
        ]
        canvas.stacked(summary, N_("Open tickets by person and age"), labels, parts)
    canvas.finish()


def _details(found: People, edition: Edition) -> Iterator[Sheet]:
    yield _about(found, edition)
    if len(found.names) > SHEETS:
        yield long_table(found, edition.gettext(N_("Details")), edition.gettext)
        return
    taken = {"about"}
    for person in persons(found, edition.gettext):
        words = edition.gettext(N_("{name} details"))
        yield person.table.named(_free_name(person.name, words, taken))


def _free_name(person: str, words: str, taken: set[str]) -> str:
    """A name for a person's sheet that no other has, whatever its case."""
    name, number = _FORBIDDEN.sub(" ", person).strip(" '"), 1
    room = NAME_CHARACTERS - len(words.format(name=""))
    while True:
        ending = f" {number}" if number > 1 else ""
        sheet = words.format(name=shortened(name, room - len(ending)) + ending)
        if sheet.casefold() not in taken:
            taken.add(sheet.casefold())
            return sheet
        number += 1
