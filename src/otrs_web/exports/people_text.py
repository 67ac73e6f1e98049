"""The figures by person as plain text, with the original application's headings in every language."""

from collections.abc import AsyncIterator

from otrs_web.exports.aligned import aligned
from otrs_web.exports.people import ACROSS, about, long_table, name_of, period_table, person_table, persons
from otrs_web.exports.tables import Edition
from otrs_web.exports.width import one_line
from otrs_web.stats.people import People
from otrs_web.stats.wording import in_words

BOX = "=" * 60
#: so many names are told at the top
NAMED = 100


async def people_text(found: People, kind: str, edition: Edition) -> AsyncIterator[bytes]:
    """The bytes of the text, UTF-8; `kind` is `summary` or `details`."""
    parts = _details(found, edition) if kind == "details" else _summary(found, edition)
    yield _top(found, edition).encode(errors="replace")
    async for text in parts:
        yield text.encode(errors="replace")
    yield _definitions(found, edition).encode(errors="replace")


def _top(found: People, edition: Edition) -> str:
    others = found.filter.without(found.field)
    restrictions = [f"  {name}: {one_line(values)}" for name, values in in_words(others, edition.gettext)]
    names = [one_line(name_of(name, edition.gettext)) for name in found.names[:NAMED]]
    more = f" … ({len(found.names)})" if len(found.names) > NAMED else ""
    lines = [
        *(BOX, "RESPONSIBLE WORKLOAD STATISTICS REPORT", BOX),
        f"Generated: {edition.made_at:%Y-%m-%d %H:%M:%S}",
        f"Data as of: {found.as_of:%Y-%m-%d %H:%M:%S}",
        f"Period: {found.period}",
        f"Selected Responsibles: {', '.join(names)}{more}",
        *(["Filter:", *restrictions] if restrictions else ["Filter: none"]),
    ]
    return "\n".join(lines) + "\n"


async def _summary(found: People, edition: Edition) -> AsyncIterator[str]:
    yield "\nSUMMARY STATISTICS\n" + "-" * 50 + "\n"
    async for lines in aligned(person_table(found, "", edition.gettext)):
        yield lines
    if found.periods:
        yield "\nPERIOD BREAKDOWN STATISTICS\n" + "-" * 80 + "\n"
        table = period_table if len(found.names) <= ACROSS else long_table
        async for lines in aligned(table(found, "", edition.gettext)):
            yield lines


async def _details(found: People, edition: Edition) -> AsyncIterator[str]:
    for person in persons(found, edition.gettext):
        yield f"\nDETAILS FOR: {one_line(person.name)}\n{BOX}\n"
        async for lines in aligned(person.table):
            yield lines


def _definitions(found: People, edition: Edition) -> str:
    _ = edition.gettext
    told = about(found, _).definitions
    return "\nDEFINITIONS\n" + "".join(f"  {_(one.figure)}: {_(one.meaning)}\n" for one in told)
