import asyncio
from datetime import datetime

import pytest

from otrs_web.database import Database
from otrs_web.imports.state_names import named_states, set_state_types
from otrs_web.stats.dashboard import dashboard
from otrs_web.tickets.filter import TicketFilter
from tests.imports.test_service import load, tickets
from tests.support import migrated

WAITING = "A1,2026-01-05 09:00:00,2026-01-06 09:00:00,Waiting for parts,3 normal,,anna,Printer,"
SOLVED = "B2,2026-01-05 09:00:00,2026-01-06 09:00:00,closed successful,3 normal,,anna,Printer,"
WHO = {"address": "10.0.0.7", "user_agent": "Firefox"}


@pytest.fixture
async def db(tmp_path):
    settings = migrated(tmp_path)
    await asyncio.to_thread(load, settings, WAITING, SOLVED)
    database = Database(settings)
    yield database
    await database.dispose()


async def open_count(db):
    async with db.read() as session:
        return (await dashboard(session, TicketFilter())).totals.open.value


async def test_a_name_that_is_given_a_type_counts_at_once_and_for_later_imports(db):
    assert await open_count(db) == 0
    assert await set_state_types(db, {"Waiting for parts": "pending"}, **WHO) == 1
    assert await open_count(db) == 1
    stored = tickets(db.settings)
    assert (stored["A1"]["is_open"], stored["A1"]["left_at"]) == (True, None)

    later = WAITING.replace("A1", "C3")
    await asyncio.to_thread(load, db.settings, later, as_of="2026-01-12 18:00")
    assert tickets(db.settings)["C3"]["is_open"] is True


async def test_taking_the_word_back_brings_the_built_in_meaning(db):
    await set_state_types(db, {"closed successful": "open"}, **WHO)
    assert await open_count(db) == 1
    await set_state_types(db, {"closed successful": None}, **WHO)
    assert await open_count(db) == 0
    assert tickets(db.settings)["B2"]["left_at"] == datetime(2026, 1, 6, 9)


async def test_names_of_unknown_meaning_come_first(db):
    async with db.read() as session:
        states = await named_states(session)
    assert [(s.name, s.state_type, s.own) for s in states] == [
        ("Waiting for parts", "unknown", False),
        ("closed successful", "closed", False),
    ]


async def test_a_type_that_does_not_exist_is_refused(db):
    with pytest.raises(ValueError, match="finished"):
        await set_state_types(db, {"Waiting for parts": "finished"}, **WHO)
