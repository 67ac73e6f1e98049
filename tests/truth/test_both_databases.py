"""SQLite and PostgreSQL give the same answers: the same exports go into both, and every figure, every order
and every page that comes out is compared."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database, SyncDatabase
from otrs_web.imports import service
from otrs_web.imports.state_names import named_states, set_state_types
from otrs_web.models import TicketChange, Upload
from otrs_web.stats.dashboard import database_stats
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.listing import COLUMNS, ListOptions, list_tickets, stream_tickets
from tests.generator import AS_OF, Generated, generate
from tests.truth.figures import expected_stats
from tests.truth.installation import Installation, findings
from tests.truth.test_truth import check_distributions, check_fields, check_report, earlier

WHO = {"address": "192.0.2.7", "user_agent": "pytest"}
FILTERS = [
    TicketFilter(),
    TicketFilter(open=True, as_of=AS_OF - timedelta(days=40, hours=3)),
    TicketFilter(queue=("Raw", NONE), priority=("3 normal",)),
    TicketFilter(q="1", from_=(AS_OF - timedelta(days=90)).date()),
    TicketFilter(closed_on="2026-W20"),
]
#: what is a matter of the import and not of the data
MOMENTS = {"import_time"}


@dataclass
class Pair:
    """The same installation on both databases."""

    sqlite: Installation
    postgresql: Installation

    def import_file(self, path: Path, mode: str, as_of: datetime | None = None) -> Upload:
        """Into both; the upload's results are those of either."""
        uploads = [here.import_file(path, mode=mode, as_of=as_of) for here in (self.sqlite, self.postgresql)]
        first, second = (_result(upload) for upload in uploads)
        assert first == second
        return uploads[0]

    def same(self, ask: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """What both answer."""
        first, second = (asyncio.run(_asked(here, ask)) for here in (self.sqlite, self.postgresql))
        assert first == second
        return first

    def both(self, do: Callable[[Database], Awaitable[Any]]) -> Any:
        first, second = (asyncio.run(_done(here, do)) for here in (self.sqlite, self.postgresql))
        assert first == second
        return first


def _result(upload: Upload) -> dict[str, Any]:
    names = [column.name for column in Upload.__table__.columns]
    names = [name for name in names if not name.endswith(("_time", "_at"))]
    return {name: getattr(upload, name) for name in [*names, "snapshot_at"]}


async def _asked(here: Installation, ask: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    async def read(db: Database) -> Any:
        async with db.read() as session:
            return await ask(session)

    return await _done(here, read)


async def _done(here: Installation, do: Callable[[Database], Awaitable[Any]]) -> Any:
    db = Database(here.settings)
    try:
        return await do(db)
    finally:
        await db.dispose()


@pytest.fixture
def pair(tmp_path: Path, postgres_url: str) -> Pair:
    there = Installation.at(tmp_path / "postgresql", database_url=postgres_url)
    return Pair(Installation.at(tmp_path / "sqlite"), there)


@pytest.mark.parametrize(("dialect", "fmt"), [("otrs-de", "csv"), ("otrs-zh", "xlsx"), ("statistics", "csv")])
def test_all_figures_and_fields(tmp_path: Path, postgres_url: str, dialect: str, fmt: str) -> None:
    made = generate(300, 7, dialect, fmt)
    here = Installation.at(tmp_path / "data", database_url=postgres_url)
    upload = here.import_file(made.write(tmp_path))
    assert (upload.status, upload.error, upload.record_count) == ("done", None, 300)
    assert here.stats(TicketFilter()) == expected_stats(made.truth)
    check_distributions(here, made)
    check_fields(here, made.tickets)
    check_report(made, findings(upload))


def test_the_same_exports_give_the_same_answers(tmp_path: Path, pair: Pair) -> None:
    late = generate(500, 11, custom_states=True)
    moment = AS_OF - timedelta(days=7)
    seen = [earlier(t, moment) for t in late.tickets if t.created and t.created <= moment]
    early = Generated(seen, late.dialect, "csv", moment)
    pair.import_file(early.write(tmp_path), "incremental")
    check_answers(pair)

    upload = pair.import_file(late.write(tmp_path), "incremental")
    assert upload.updated_records_count
    check_changes(pair)
    check_answers(pair)
    assert pair.postgresql.stats(TicketFilter()) == expected_stats(late.truth)

    upload = pair.import_file(early.write(tmp_path), "replace", moment)
    assert upload.removed_records_count == len(late.tickets) - len(seen)
    check_answers(pair)


def test_a_states_new_meaning_and_the_end_of_all_tickets(tmp_path: Path, pair: Pair) -> None:
    made = generate(200, 13, custom_states=True)
    pair.import_file(made.write(tmp_path), "replace")
    states = pair.same(named_states)
    types: dict[str, str | None] = {states[0].name: "pending", states[-1].name: "open"}
    before = pair.sqlite.stats(TicketFilter())["current_open_count"]
    assert pair.both(lambda db: set_state_types(db, types, **WHO))
    check_answers(pair)
    assert pair.sqlite.stats(TicketFilter())["current_open_count"] != before
    assert pair.both(lambda db: service.clear(db, **WHO)) == 200
    assert pair.postgresql.stats(TicketFilter())["total_records"] == 0
    # as of the present, which is never quite the same
    gone = TicketFilter(as_of=AS_OF)
    assert pair.same(lambda session: database_stats(session, gone))["total_records"] == 0


def check_changes(pair: Pair) -> None:
    query = select(TicketChange.ticket_number, TicketChange.changes).order_by(TicketChange.ticket_number)
    found = []
    for here in (pair.sqlite, pair.postgresql):
        db = SyncDatabase(here.settings)
        with db.read() as session:
            found.append([tuple(row) for row in session.execute(query)])
        db.dispose()
    assert found[0] == found[1] != []


def check_answers(pair: Pair) -> None:
    """Statistics, and lists in the order of every column, forwards and backwards, by page and whole."""
    for chosen in FILTERS:
        pair.same(lambda session, chosen=chosen: database_stats(session, chosen))
    for at, name in enumerate(COLUMNS):
        chosen = FILTERS[at % len(FILTERS)]
        for sort in (name, f"-{name}"):
            whole = pair.same(lambda session, sort=sort, chosen=chosen: _listed(session, chosen, sort))
            assert whole["pages"] == whole["streamed"]


async def _listed(session: AsyncSession, chosen: TicketFilter, sort: str) -> dict[str, Any]:
    page = await list_tickets(session, ListOptions(chosen, sort=sort, limit=170))
    pages = [*page.tickets]
    while page.next_after:
        page = await list_tickets(session, ListOptions(chosen, sort=sort, limit=170, after=page.next_after))
        pages += page.tickets
    streamed = [row async for batch in stream_tickets(session, chosen, sort) for row in batch]
    deep = await list_tickets(session, ListOptions(chosen, sort=sort, limit=7, offset=101))
    assert [_plain(row) for row in deep.tickets] == [_plain(row) for row in pages[101:108]]
    return {
        "total": page.total,
        "as_of": page.as_of,
        "pages": [_plain(row) for row in pages],
        "streamed": [_plain(row) for row in streamed],
    }


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS if name not in (*MOMENTS, "id"))
