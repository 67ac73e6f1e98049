"""Which entries of the log a filter chooses, in which order, and how one leafs through them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otrs_web.database import Database
from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.reading import PAGE_SIZE, conditions, count, kinds, read_page, read_slice, stream
from otrs_web.i18n import translations
from otrs_web.settings import Settings
from otrs_web.tickets.values import FilterError
from tests.database_log.writing import NOW, adopted, backed_up, imported, write, write_many
from tests.support import QueryCounter

ENGLISH, CHINESE = translations("en").gettext, translations("zh-CN").gettext


async def found(settings: Settings, *pairs: tuple[str, str], gettext=ENGLISH, **keys: int):
    db = Database(settings)
    async with db.read() as session:
        page = await read_page(session, LogFilter.parse(pairs), gettext, **keys)
    await db.dispose()
    return page


async def test_the_newest_comes_first_and_of_one_second_the_last_written(
    install: Callable[..., Settings],
) -> None:
    settings = install()
    later = NOW + timedelta(seconds=1)
    write(settings, imported(later), imported(NOW), backed_up(NOW), adopted(NOW - timedelta(days=900)))
    page = await found(settings)
    assert [entry.id for entry in page.entries] == [1, 3, 2, 4]
    assert (page.total, page.first, page.last, page.newer, page.older) == (4, 1, 4, None, None)


@pytest.mark.parametrize("number", [0, 1, PAGE_SIZE, PAGE_SIZE + 1, 130])
async def test_leafing_there_and_back_shows_every_entry_once(
    install: Callable[..., Settings], number: int
) -> None:
    settings = install()
    write_many(settings, number)
    page = await found(settings)
    there = [page]
    while page.older:
        page = await found(settings, older_than=page.older)
        there.append(page)
    assert [entry.id for page in there for entry in page.entries] == list(range(number, 0, -1))
    assert [page.first for page in there] == [1 + n * PAGE_SIZE for n in range(len(there))]
    for before in reversed(there[:-1]):
        page = await found(settings, newer_than=page.newer)
        assert [entry.id for entry in page.entries] == [entry.id for entry in before.entries]
    assert page.newer is None


async def test_leafing_to_newer_entries_ends_with_a_full_page(install: Callable[..., Settings]) -> None:
    settings = install()
    write_many(settings, 130)
    page = await found(settings, newer_than=100)
    assert [page.entries[0].id, len(page.entries)] == [130, PAGE_SIZE]


async def test_an_entry_that_is_not_there_is_named(install: Callable[..., Settings]) -> None:
    settings = install()
    with pytest.raises(FilterError, match="older_than=7"):
        await found(settings, older_than=7)


async def test_days_are_those_of_the_site_and_both_included(install: Callable[..., Settings]) -> None:
    settings = install(timezone=ZoneInfo("Asia/Shanghai"))
    times = ["2026-02-27T15:59:59", "2026-02-27T16:00:00", "2026-02-28T15:59:59", "2026-02-28T16:00:00"]
    write(settings, *(imported(datetime.fromisoformat(t).replace(tzinfo=UTC)) for t in times))

    async def chosen(*pairs: tuple[str, str]) -> set[int]:
        return {entry.id for entry in (await found(settings, *pairs)).entries}

    assert await chosen(("from", "2026-02-28"), ("to", "2026-02-28")) == {2, 3}
    assert await chosen(("from", "2026-02-28")) == {2, 3, 4}
    assert await chosen(("to", "2026-02-27")) == {1}
    assert await chosen(("from", "2026-03-02")) == set()


async def test_a_day_of_23_hours_is_a_whole_day(install: Callable[..., Settings]) -> None:
    settings = install()  # Europe/Berlin: 2026-03-29 has 23 hours
    times = ["2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"]
    write(settings, *(imported(datetime.fromisoformat(t).replace(tzinfo=UTC)) for t in times))
    page = await found(settings, ("from", "2026-03-29"), ("to", "2026-03-29"))
    assert {entry.id for entry in page.entries} == {2, 3}


@pytest.mark.parametrize(
    ("words", "gettext", "ids"),
    [
        ("EXPORT.xlsx", ENGLISH, {1}),
        ("192.0.2.9", ENGLISH, {1}),
        ("schedule", ENGLISH, {2}),
        ("backup was made", ENGLISH, {2}),
        ("已导入", CHINESE, {1}),
        ("已导入", ENGLISH, set()),
        ("imported, repl", CHINESE, {1}),
        ("100%", ENGLISH, {3}),
        ("1_0", ENGLISH, set()),
        ("Édition", ENGLISH, {4}),
        ("ÉDITION", ENGLISH, {4}),
    ],
)
async def test_words_are_looked_for_in_details_file_and_who(
    install: Callable[..., Settings], words, gettext, ids
) -> None:
    settings = install()
    write(settings, imported(), backed_up(), adopted(), adopted(operation_details="édition"))
    page = await found(settings, ("q", words), gettext=gettext)
    assert {entry.id for entry in page.entries} == ids


async def test_kinds_are_counted_and_chosen_also_those_that_nobody_knows(
    install: Callable[..., Settings],
) -> None:
    settings = install()
    write(settings, imported(), backed_up(), adopted(), imported())
    db = Database(settings)
    async with db.read() as session:
        assert list((await kinds(session)).items()) == [("upload", 2), ("backup", 1), ("manual_edit", 1)]
    await db.dispose()
    both = await found(settings, ("kind", "upload"), ("kind", "manual_edit"))
    assert {entry.id for entry in both.entries} == {1, 3, 4}
    assert (await found(settings, ("kind", "restore"))).total == 0
    with pytest.raises(FilterError, match="kind=uplaod"):
        await found(settings, ("kind", "upload"), ("kind", "uplaod"))


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([("kinds", "upload")], "kinds"),
        ([("from", "2026-02-30")], "from"),
        ([("to", "yesterday")], "to"),
        ([("to", "20260228")], "to"),
        ([("from", "2026-01-01"), ("from", "2026-01-02")], "from"),
        ([("q", "a\0b")], "q"),
        ([("limit", "5")], "limit"),
    ],
)
def test_what_cannot_be_is_named(pairs: list[tuple[str, str]], named: str) -> None:
    with pytest.raises(FilterError) as error:
        LogFilter.parse(pairs)
    assert error.value.name == named


def test_a_filter_is_its_query_string_and_loses_what_is_taken_away() -> None:
    pairs = [
        ("kind", "upload"),
        ("kind", "a b"),
        ("from", "2026-01-01"),
        ("to", "2026-02-01"),
        ("q", "x & y"),
    ]
    chosen = LogFilter.parse([*pairs, ("kind", " "), ("q", "")])
    assert list(chosen.items()) == pairs
    for name, value in pairs:
        assert list(chosen.without(name, value).items()) == [p for p in pairs if p != (name, value)]


async def test_stream_and_slice_give_the_same_rows_as_the_pages(install: Callable[..., Settings]) -> None:
    settings = install()
    write_many(settings, 1203)
    db = Database(settings)
    async with db.read() as session:
        chosen = LogFilter(kind=("upload",))
        where = await conditions(session, chosen, ENGLISH)
        rows = [row async for batch in stream(session, where) for row in batch]
        part, total = await read_slice(session, where, limit=20, offset=1000), await count(session, where)
        page = await read_page(session, chosen, ENGLISH)
    await db.dispose()
    assert len(rows) == total == page.total == 1083
    assert [row.id for row in rows[:PAGE_SIZE]] == [entry.id for entry in page.entries]
    assert part == rows[1000:1020]


async def test_a_page_costs_the_same_few_queries_however_long_the_log(
    install: Callable[..., Settings],
) -> None:
    settings = install()
    costs = set()
    for more in (60, 10_000):
        write_many(settings, more)
        db = Database(settings)
        async with db.read() as session:
            await kinds(session)
            with QueryCounter(db) as queries:
                await read_page(session, LogFilter(kind=("upload",), q="x"), ENGLISH, older_than=55)
        await db.dispose()
        costs.add(len(queries.statements))
    assert costs == {4}
