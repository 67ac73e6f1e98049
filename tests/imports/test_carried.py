"""The columns that an import carries over from the file and from the state before it are those that the table
has, whatever came before."""

import asyncio
import random
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update

from otrs_web.database import Database, SyncDatabase
from otrs_web.imports.service import clear
from otrs_web.imports.state_names import set_state_types
from otrs_web.models import DataState, StoredFacts, Ticket
from otrs_web.tickets import carried
from otrs_web.tickets.columns import CODED, Columns
from otrs_web.tickets.facts import store_facts
from tests.imports.test_service import load
from tests.tickets.test_columns import assert_equal

COLUMNS = {
    "Created": ["2026-01-05 09:00:00", "2026-01-06 10:30:00", "1999-12-31 23:59:59"],
    "Closed": ["", "2026-01-07 09:00:00"],
    "State": ["open", "closed successful", "new", "Wartet auf Godot", "merged"],
    "Priority": ["3 normal", "5 very high", ""],
    "FirstResponse": ["", "2026-01-06 10:00:00"],
    "Queue": ["Support", "客户支持", "Support::2nd", ""],
    "Owner": ["anna", "bo", ""],
    "Responsible": ["anna", "", "cy"],
    "Service": ["", "Mail"],
    "Type": ["Incident", ""],
    "Category": ["", "Hardware"],
    "CustomerID": ["ACME", "NA", ""],
}


def stored(settings):
    """What is kept with the newest state, and what the table says."""
    db = SyncDatabase(settings)
    with db.read() as session:
        facts = session.scalars(select(StoredFacts)).one()
        state = session.get_one(DataState, 1)
        table = Columns.read(session.connection(), state.version)
    db.dispose()
    assert facts.version == state.version
    return Columns.decode(facts.columns, facts.version), table


def export(chance, numbers):
    """A header with some of the columns, and one row for each number."""
    names = [name for name in COLUMNS if name == "Created" or chance.random() < 0.7]
    chance.shuffle(numbers)
    rows = [",".join([number, *(chance.choice(COLUMNS[name]) for name in names)]) for number in numbers]
    return ",".join(["Ticket Number", *names]), rows


def run(settings, action, *args, **options):
    async def go():
        db = Database(settings)
        await action(db, *args, address="", user_agent="", **options)
        await db.dispose()

    asyncio.run(go())


@pytest.fixture
def no_reading_back(monkeypatch):
    """Fails a test in which the whole table is read although the state before was known."""

    def read(_connection, version):
        raise AssertionError(f"all tickets were read for version {version}")

    return lambda: monkeypatch.setattr(carried.Columns, "read", read)


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_imports(install, seed):
    settings, chance = install(), random.Random(seed)
    days = iter(range(10, 28))
    for step in range(9):
        numbers = [f"N{n}" for n in chance.sample(range(40), chance.randrange(1, 40))]
        header, rows = export(chance, numbers)
        mode = chance.choice(["replace", "incremental", "incremental"])
        # also an export that is older than what is stored, and the same one again
        as_of = f"2026-01-{chance.choice([next(days), 9]):02} 18:00"
        for _ in range(chance.choice([1, 2])):
            assert load(settings, *rows, header=header, mode=mode, as_of=as_of).status == "done"
        if step == 4:
            run(settings, set_state_types, {"Wartet auf Godot": chance.choice(["pending", "closed"])})
        if step == 6 and seed % 2:
            run(settings, clear)
            continue
        kept, table = stored(settings)
        assert_equal(kept, table)


def test_a_known_state_is_not_read_again(install, no_reading_back, monkeypatch):
    settings, chance = install(), random.Random(1)
    numbers = [f"N{n}" for n in range(30)]
    no_reading_back()
    header, rows = export(chance, numbers)
    load(settings, *rows, header=header, mode="replace")
    load(settings, *rows[:7], header=header, mode="incremental", as_of="2026-01-11 18:00")
    run(settings, set_state_types, {"new": "closed"})
    monkeypatch.undo()
    kept, table = stored(settings)
    assert_equal(kept, table)
    assert len(kept) == 30


def test_without_a_column_of_states_new_tickets_have_an_unknown_one(install):
    settings = install()
    load(settings, "N1,2026-01-05 09:00:00,open", header="Ticket Number,Created,State")
    rows = ["N1,2026-01-05 09:00:00", "N2,2026-01-06 09:00:00"]
    load(settings, *rows, header="Ticket Number,Created", mode="incremental", as_of="2026-01-12 18:00")
    kept, _ = stored(settings)
    everything = np.full(2, True)
    assert kept.coded["state"].counts(everything) == {"open": 1, None: 1}
    assert kept.coded["state_type"].counts(everything) == {"open": 1, "unknown": 1}


@pytest.mark.parametrize("spoil", ["gone", "damaged", "older", "unknown tickets"])
def test_what_is_kept_may_be_missing_or_wrong(install, spoil):
    """Then the table is read; the numbers are right in any case."""
    settings = install()
    header, rows = export(random.Random(2), [f"N{n}" for n in range(20)])
    load(settings, *rows, header=header, mode="replace")
    db = SyncDatabase(settings)
    with db.write() as session:
        if spoil == "gone":
            session.execute(delete(StoredFacts))
        elif spoil == "damaged":
            session.execute(update(StoredFacts).values(columns=b"\x93"))
        elif spoil == "older":
            session.execute(update(DataState).values(version=DataState.version + 3))
        else:
            session.execute(
                insert(Ticket).values(
                    ticket_number="by hand",
                    state="open",
                    state_type="open",
                    is_open=True,
                    snapshot_at=datetime(2026, 1, 1),
                    import_time=datetime(2026, 1, 1, tzinfo=UTC),
                )
            )
    db.dispose()
    load(settings, rows[0], header=header, mode="incremental", as_of="2026-01-12 18:00")
    kept, table = stored(settings)
    assert_equal(kept, table)


def test_what_no_export_says_stays_with_its_ticket(install):
    """An estimated creation is written by no import, and no import takes it away."""
    settings = install()
    header, rows = export(random.Random(3), ["N1", "N2"])
    load(settings, *rows, header=header, mode="replace")
    db = SyncDatabase(settings)
    with db.write() as session:
        values = {"estimated_created": datetime(2020, 1, 1), "created_date": None}
        session.execute(update(Ticket).where(Ticket.ticket_number == "N2").values(values))
        session.execute(update(DataState).values(version=DataState.version + 1))
        store_facts(session.connection())
    db.dispose()
    for mode in ("incremental", "replace"):
        load(settings, *rows, header=header, mode=mode, as_of="2026-01-13 18:00")
        kept, table = stored(settings)
        assert_equal(kept, table)
        assert 1577836800 in kept.times["estimated_created"]
    assert set(kept.coded) == set(CODED)
