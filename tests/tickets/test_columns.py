"""The arrays that everything is counted from: as stored as read, never older than the data, and made anew
where what is stored cannot be used."""

import zlib
from datetime import datetime

import msgspec
import numpy as np
import pytest
from sqlalchemy import delete, func, insert, select, update

from otrs_web.database import Database, SyncDatabase, migrate
from otrs_web.models import DataState, StoredFacts, Ticket
from otrs_web.stats.dashboard import database_stats
from otrs_web.tickets.columns import CODED, EARLY, LATE, TIMES, Columns
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import ListOptions, count_tickets, list_tickets
from otrs_web.tickets.snapshot import load_view
from tests.support import AS_OF, QueryCounter, store_tickets

ALL = TicketFilter()
BLANK = {"state": None, "state_type": "unknown"}
ODD = [
    BLANK,
    {"state": "неизвестно \x1f\t\\N", "state_type": "unknown", "queue": "客户支持::账单", "owner": "🙂"},
    {"created_date": "1970-01-01 00:00:00", "closed_date": "1970-01-01 00:00:01", "state": "merged"},
    {"created_date": "1969-12-31 23:59:59"},
    {"created_date": "2199-12-31 23:59:59", "queue": "", "type": "(none)"},
    {"created_date": None, "estimated_created": datetime(1999, 12, 31, 23, 59, 59), "queue": "a" * 3000},
]


def read(settings):
    db = SyncDatabase(settings)
    with db.read() as session:
        columns = Columns.read(session.connection(), 7)
    db.dispose()
    return columns


def assert_equal(one, other):
    assert one.version == other.version
    for name in ("ids", "is_open", "answered", "upload_ids"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    for name in TIMES:
        np.testing.assert_array_equal(one.times[name], other.times[name], name)
    for name in CODED:
        assert list(one.coded[name].values) == list(other.coded[name].values), name
        np.testing.assert_array_equal(one.coded[name].codes, other.coded[name].codes, name)


@pytest.mark.parametrize("rows", [[], [BLANK], [BLANK] * 1001, ODD, ODD * 50], ids=len)
def test_what_is_stored_is_what_is_read(install, rows):
    settings = install()
    store_tickets(settings, rows)
    columns = read(settings)
    assert len(columns) == len(rows)
    again = Columns.decode(columns.encode(), 7)
    assert again is not None
    assert_equal(columns, again)


def test_values_arrive_as_they_are(install):
    settings = install()
    store_tickets(settings, ODD)
    columns = read(settings)
    assert columns.times["created_date"].tolist() == [EARLY, EARLY, 0, -1, 7258118399, EARLY]
    assert columns.times["closed_date"].tolist() == [EARLY, EARLY, 1, EARLY, EARLY, EARLY]
    assert columns.times["left_at"].tolist() == [LATE, LATE, 1, LATE, LATE, LATE]
    assert columns.times["estimated_created"].tolist() == [EARLY] * 5 + [946684799]
    assert columns.is_open.tolist() == [True, True, False, True, True, True]
    queues = [
        None if code < 0 else columns.coded["queue"].values[code] for code in columns.coded["queue"].codes
    ]
    assert queues == [None, "客户支持::账单", None, None, "", "a" * 3000]
    assert columns.coded["state"].values == ["merged", "open", "неизвестно \x1f\t\\N"]
    assert columns.coded["owner"].values == ["🙂"]
    assert columns.coded["responsible"].codes.tolist() == [-1] * 6


def stored(settings):
    db = SyncDatabase(settings)
    with db.read() as session:
        octets = session.scalars(select(StoredFacts.columns)).one()
    db.dispose()
    return octets


def spoiled(octets):
    """What another release, or a broken disk, might have left."""
    whole = msgspec.msgpack.decode(octets)
    ids = whole["arrays"]["ids"]
    yield b""
    yield b"garbled"
    yield octets[: len(octets) // 2]
    yield msgspec.msgpack.encode([1, 2])
    yield msgspec.msgpack.encode({**whole, "layout": 99})
    yield msgspec.msgpack.encode({**whole, "values": {}})
    yield msgspec.msgpack.encode({**whole, "arrays": {}})
    yield msgspec.msgpack.encode({**whole, "arrays": {**whole["arrays"], "ids": (ids[0], b"not compressed")}})
    yield msgspec.msgpack.encode({**whole, "arrays": {**whole["arrays"], "ids": ("<no", ids[1])}})
    yield msgspec.msgpack.encode({**whole, "arrays": {**whole["arrays"], "ids": (ids[0], ids[1][:-3])}})
    short = zlib.compress(b"\0" * 8)
    yield msgspec.msgpack.encode({**whole, "arrays": {**whole["arrays"], "ids": (ids[0], short)}})


async def numbers(db, chosen=ALL):
    async with db.read() as session:
        page = await list_tickets(session, ListOptions(chosen, sort="ticket_number"))
        assert page.total == (await database_stats(session, chosen))["total_records"]
    return [row.ticket_number for row in page.tickets]


async def test_stored_columns_that_cannot_be_used_are_made_anew(install):
    settings = install()
    store_tickets(settings, ODD)
    for octets in spoiled(stored(settings)):
        assert Columns.decode(octets, 7) is None, octets[:40]
        writer = SyncDatabase(settings)
        with writer.write() as session:
            session.execute(update(StoredFacts).values(columns=octets))
        writer.dispose()
        db = Database(settings)
        assert await numbers(db, TicketFilter(queue=("客户支持::账单",))) == ["T00001"]
        await db.dispose()


async def test_columns_that_are_missing_are_read_from_the_table(install):
    settings = install()
    store_tickets(settings, ODD)
    writer = SyncDatabase(settings)
    with writer.write() as session:
        session.execute(delete(StoredFacts))
    writer.dispose()
    db = Database(settings)
    assert len(await numbers(db)) == len(ODD)
    async with db.read() as session:
        assert_equal((await load_view(session, ALL)).columns, renumbered(settings, 1))
    await db.dispose()


def renumbered(settings, version):
    columns = read(settings)
    return Columns(
        version,
        columns.ids,
        columns.times,
        columns.coded,
        columns.is_open,
        columns.answered,
        columns.upload_ids,
    )


async def test_a_newer_version_is_seen_at_once_and_the_old_one_forgotten(install):
    settings = install()
    store_tickets(settings, ODD[:2])
    db = Database(settings)
    assert await numbers(db) == ["T00000", "T00001"]
    store_tickets(settings, [{"ticket_number": "new"}])
    assert len(await numbers(db)) == 3
    assert await numbers(db, TicketFilter(open=True, state=("open",))) == ["new"]
    async with db.read() as session:
        with QueryCounter(db) as counter:
            await count_tickets(session, TicketFilter(queue=("Raw",)))
        assert len(counter.statements) == 1, "what a process knows already is not read again"
    await db.dispose()


async def test_a_reader_keeps_its_version_while_another_one_is_stored(install):
    """One request sees one state of the data, whatever is committed meanwhile, and does not make the process
    forget the newer state."""
    settings = install()
    store_tickets(settings, ODD)
    db = Database(settings)
    async with db.read() as slow:
        assert await slow.scalar(select(DataState.version)) == 1
        writer = SyncDatabase(settings)
        with writer.write() as session:
            session.execute(delete(Ticket).where(Ticket.ticket_number != "T00001"))
        writer.dispose()
        store_tickets(settings, [{"ticket_number": "later"}])
        assert await numbers(db) == ["T00001", "later"]

        assert await slow.scalar(select(func.count()).select_from(Ticket)) == len(ODD)
        assert (await database_stats(slow, ALL))["total_records"] == len(ODD)
        page = await list_tickets(slow, ListOptions(sort="ticket_number"))
        assert [row.ticket_number for row in page.tickets] == [f"T{at:05}" for at in range(len(ODD))]
        with QueryCounter(db) as counter:
            assert await numbers(db) == ["T00001", "later"]
        assert not [text for text in counter.statements if "stored_facts" in text]
    await db.dispose()


async def test_what_is_not_yet_committed_is_not_seen(install):
    settings = install()
    store_tickets(settings, ODD[:1])
    db = Database(settings)
    async with db.write() as writing:
        values = {"ticket_number": "soon", "state_type": "open", "is_open": True, "snapshot_at": AS_OF}
        await writing.execute(insert(Ticket).values(values))
        await writing.execute(update(DataState).values(version=DataState.version + 1))
        assert await numbers(db) == ["T00000"]
    assert await numbers(db) == ["T00000", "soon"]
    await db.dispose()


async def test_an_upgrade_counts_what_the_release_before_has_stored_otherwise(install):
    settings = install()
    store_tickets(settings, [{"created_date": "2026-01-10 09:00"}, {"state": "merged"}])
    db = SyncDatabase(settings)
    with db.write() as session:
        session.execute(delete(StoredFacts))
    migrate(settings)
    with db.read() as session:
        stored = session.scalars(select(StoredFacts)).one()
        version = session.scalar(select(DataState.version))
    db.dispose()
    columns = Columns.decode(stored.columns, stored.version)
    assert (stored.version, columns and len(columns)) == (version, 2)
