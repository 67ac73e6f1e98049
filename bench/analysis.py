"""The analysis of 100,000 and of a million tickets, on both databases: counting them anew, dashboards, lists
and people.

A process keeps what it has counted. So figures are taken cold, with everything forgotten but the columns, and
these are judged; `warm` is the same question asked again. Ratios are to the original's queries on the same
data, which are asked in between."""

from __future__ import annotations

import asyncio
import gc
import shutil
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.generator import AS_OF
from tests.generator import Ticket as MadeTicket
from tests.generator.words import AGENTS
from tests.postgres import Postgres

from otrs_web.database import Database, SyncDatabase
from otrs_web.models import DailyStatistics, DataState, Ticket
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import dashboard
from otrs_web.stats.people import people
from otrs_web.tickets.carried import after_import, after_rules, before
from otrs_web.tickets.columns import Columns
from otrs_web.tickets.days import rebuild_days
from otrs_web.tickets.facts import count, store_facts
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.listing import ListOptions, list_tickets
from otrs_web.tickets.view import View

from .figures import JUDGED_FROM, Figure, median
from .original_queries import analysis
from .stock import gather, made, replacing, stocked

QUEUE, RESPONSIBLE = "Servicedesk::1st Level", "anna.schmidt"
SINCE, UNTIL = date(2026, 1, 1), date(2026, 3, 31)
#: filters, and what the original's queries would need for the same; None where they have no word for it
FILTERS: Mapping[str, tuple[TicketFilter, tuple[ColumnElement[bool], ...] | None]] = {
    "one queue": (TicketFilter(queue=(QUEUE,)), (Ticket.queue == QUEUE,)),
    "priority 3 normal": (TicketFilter(priority=("3 normal",)), (Ticket.priority == "3 normal",)),
    "three months": (
        TicketFilter(from_=SINCE, to=UNTIL),
        (Ticket.created_date >= datetime(2026, 1, 1), Ticket.created_date < datetime(2026, 4, 1)),
    ),
    "one responsible": (TicketFilter(responsible=(RESPONSIBLE,)), (Ticket.responsible == RESPONSIBLE,)),
    "as of half a year before": (TicketFilter(as_of=datetime(2025, 12, 31)), None),
}
WORDS = TicketFilter(q="Drucker")
OPEN_IN_QUEUE = TicketFilter(queue=(QUEUE,), open=True)
DEEP = 0.4


@dataclass
class Needed:
    """Milliseconds that are allowed, at up to so many tickets; not judged below 100,000."""

    rows: int
    small: float
    large: float | None

    def judge(self, took: float) -> tuple[str, bool | None]:
        limit = self.small if self.rows <= 100_000 else self.large
        if limit is None or self.rows < JUDGED_FROM:
            return "", None
        return f"< {limit:g} ms", took < limit


@dataclass
class Bench:
    rows: int
    runs: int
    settings: Settings
    figures: list[Figure] = field(default_factory=list)

    def add(
        self, what: str, took: list[float], small: float | None = None, large: float | None = None
    ) -> None:
        self.note(what, median(took), f"n = {len(took)}", small, large)

    def note(
        self, what: str, took: float, more: str = "", small: float | None = None, large: float | None = None
    ) -> None:
        """A line of the table: `more` stands behind the time; `small` and `large` are what is allowed at
        100,000 tickets and above."""
        needed, met = ("", None) if small is None else Needed(self.rows, small, large).judge(took)
        self.figures.append(Figure(what, f"{took:.1f} ms  ({more})", needed, met))


def run(folder: Path, rows: int, runs: int) -> Iterator[tuple[str, list[Figure]]]:
    """The figures of one size on one database after the other."""
    tickets = made(rows)
    server = Postgres()
    try:
        for name, url in (("SQLite", None), ("PostgreSQL", server.create())):
            place = folder / f"analysis-{rows}-{name}"
            bench = Bench(rows, runs, stocked(place, tickets, url))
            measure_facts(bench, tickets)
            asyncio.run(measure_questions(bench))
            shutil.rmtree(place)
            yield f"Analysis of {rows:,} tickets on {name}", bench.figures
    finally:
        server.stop()


def measure_facts(bench: Bench, tickets: list[MadeTicket]) -> None:
    """What an import and a state's new meaning do at their ends, and what the parts take."""
    db, repeats = SyncDatabase(bench.settings), max(3, bench.runs // 5)
    gathered = gather(tickets)
    times: dict[str, list[float]] = defaultdict(list)
    gc.disable()  # as the import does
    with db.write() as session:
        connection = session.connection()
        store_facts(connection)
        version = session.scalars(select(DataState.version)).one() + 1
        new = replacing(session, gathered)
        for _ in range(repeats):
            with timed(times["import"]):
                columns = after_import(connection, version, before(connection, version), new)
                count(View(columns, TicketFilter(), AS_OF))
            with timed(times["rules"]):
                columns = after_rules(connection, version, before(connection, version))
                count(View(columns, TicketFilter(), AS_OF))
            with timed(times["count"]):
                count(View(columns, TicketFilter(), AS_OF))
            with timed(times["days"]):
                rebuild_days(connection, columns, AS_OF)
            with timed(times["encode"]):
                columns.encode()
            with timed(times["read"]):
                Columns.read(connection, 1)
        days = session.scalar(select(func.count()).select_from(DailyStatistics))
    gc.enable()
    bench.add("facts anew: after an import that replaced all tickets", times["import"], 250)
    bench.add("facts anew: after a state was given another meaning", times["rules"], 250)
    bench.add("  counting alone", times["count"])
    bench.add(f"  the daily statistics of {days} days, stored", times["days"], 2000)
    bench.add("  making bytes of the columns", times["encode"])
    bench.add("reading all columns from the table (after an upgrade)", times["read"])
    db.dispose()


async def measure_questions(bench: Bench) -> None:
    await first_requests(bench)
    db = Database(bench.settings)
    original = SyncDatabase(bench.settings)
    with original.read() as session:
        plain = session.connection()
        took = await asked(db, bench.runs, dashboard, TicketFilter())
        theirs = original_times(plain, 3)
        bench.note("dashboard, unfiltered", median(took.cold), took.ratio(theirs), 10, 10)
        for name, (chosen, where) in FILTERS.items():
            took = await asked(db, bench.runs, dashboard, chosen)
            theirs = [] if where is None else original_times(plain, 3, *where)
            bench.note(f"dashboard, {name}", median(took.cold), took.ratio(theirs), 150, 1200)
        took = await asked(db, bench.runs, dashboard, WORDS)
        bench.note("dashboard, a word in the title", median(took.cold), took.ratio([]))
    original.dispose()
    await measure_lists(bench, db)
    chosen = TicketFilter(responsible=(*AGENTS, NONE))
    took = await asked(db, bench.runs, _people_by_day, chosen)
    bench.note("closed by ten people, day by day", median(took.cold), took.ratio([]), 40, 250)
    await db.dispose()


async def _people_by_day(session: AsyncSession, chosen: TicketFilter) -> Any:
    found = await people(session, chosen, "responsible", "day")
    return found.block(slice(0, 100), slice(0, 10))


async def first_requests(bench: Bench) -> None:
    """In a process that knows nothing yet, such as the first one after an import."""
    for name, chosen in (("unfiltered", TicketFilter()), ("one queue", TicketFilter(queue=(QUEUE,)))):
        times: list[float] = []
        for _ in range(max(3, bench.runs // 5)):
            db = Database(bench.settings)
            async with db.read() as session:
                await session.scalar(select(DataState.version))  # connected
                with timed(times):
                    await dashboard(session, chosen)
            await db.dispose()
        bench.add(f"very first dashboard, {name}", times)


async def measure_lists(bench: Bench, db: Database) -> None:
    deep = int(bench.rows * DEEP)
    lists = {
        "first page of all": ListOptions(),
        f"page at offset {deep:,}": ListOptions(offset=deep),
        "open ones of a queue, by priority": ListOptions(OPEN_IN_QUEUE, sort="priority"),
        f"by responsible, at offset {deep:,}": ListOptions(sort="responsible", offset=deep),
    }
    for name, options in lists.items():
        took = await asked(db, bench.runs, list_tickets, options)
        bench.note(f"tickets, {name}", median(took.cold), took.ratio([]), 15, 30)
    took = await asked(db, max(3, bench.runs // 5), list_tickets, ListOptions(sort="title"))
    bench.note("tickets, by title", median(took.cold), took.ratio([]))


@dataclass
class Took:
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def ratio(self, theirs: list[float]) -> str:
        times = f", {median(theirs) / median(self.cold):.1f} × as fast as the original" if theirs else ""
        return f"warm {median(self.warm):.1f}{times}, n = {len(self.cold)}"


Ask = Callable[[AsyncSession, Any], Awaitable[Any]]


async def asked(db: Database, runs: int, ask: Ask, question: Any) -> Took:
    """Each time a new session as every request has one; cold, then warm."""
    took = Took()
    for at in range(runs + 1):  # the first one loads the columns and fills the database's cache
        for times in (took.cold, took.warm):
            async with db.read() as session:
                await session.scalar(select(DataState.version))
                if times is took.cold:
                    forget(session)
                with timed(times if at else []):
                    await ask(session, question)
    return took


def forget(session: AsyncSession) -> None:
    """What the process keeps of the data, but not the columns."""
    if newest := session.info["memory"].get("newest"):
        newest.forget()


def original_times(connection: Any, runs: int, *where: ColumnElement[bool]) -> list[float]:
    times: list[float] = []
    for at in range(runs + 1):
        with timed(times if at else []):
            analysis(connection, AS_OF, *where)
    return times


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    into.append((time.perf_counter() - begin) * 1000)
