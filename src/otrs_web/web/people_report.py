"""What the page of people shows: whom there is to choose from, their figures, and a part of long tables."""

from typing import Any

from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database
from otrs_web.imports.history import latest_import
from otrs_web.reader import AnyRequest
from otrs_web.selection import remember
from otrs_web.stats.people import PERIODS, PersonRow, people, person_field
from otrs_web.stats.records import Records
from otrs_web.stats.report import columns_of
from otrs_web.tickets.snapshot import instant
from otrs_web.web.bar import filter_bar, picker
from otrs_web.web.pages import page_numbers
from otrs_web.web.people_query import PeopleQuery

#: people and periods on one page of the tables
PERSONS, ROWS = 30, 60


async def people_report(
    request: AnyRequest, db: Database, records: Records, asked: PeopleQuery
) -> tuple[dict[str, Any], list[Cookie]]:
    """The context of `people/_report.html`, and the cookie that remembers who was chosen."""
    async with db.read() as session:
        field = await person_field(session)
        asked = asked.settled(field)
        context = await _context(session, asked, field)
    records.add("responsible_stats", context["number"])
    chosen = None if asked.people == "all" else asked.named(field)
    return context, remember(request, chosen)


async def _context(session: AsyncSession, asked: PeopleQuery, field: str) -> dict[str, Any]:
    now = await instant(session, asked.filter)
    context: dict[str, Any] = {
        "asked": asked,
        "field": field,
        "periods": tuple(PERIODS),
        "latest": await latest_import(session) if now.snapshot else None,
        "data_version": now.version,
        "bar": await filter_bar(session, asked.filter, *asked.pairs(person=0, row=0), without={field}),
        "picker": await picker(session, asked.filter, field),
        "as_of": now.snapshot,
        "found": None,
        "number": 0,
    }
    if not asked.is_nobody(field):
        context |= await _figures(session, asked, field)
    return context


async def _figures(session: AsyncSession, asked: PeopleQuery, field: str) -> dict[str, Any]:
    found = await people(session, asked.filter, field, asked.period, asked.order)
    persons = page_numbers(len(found.names), PERSONS, asked.person)
    rows = page_numbers(len(found.periods), ROWS, asked.row)
    shown = slice(persons.first - 1, persons.last) if found.names else slice(0)
    return {
        "found": found,
        "number": len(found.names),
        "persons": found.persons(shown),
        "everybody": found.everybody,
        "columns": {column.name: column for column in columns_of(PersonRow)},
        "rows": found.rows(slice(rows.first - 1, rows.last), shown) if found.periods else [],
        "sums": found.sums(shown),
        "person_pages": persons,
        "row_pages": rows,
    }
