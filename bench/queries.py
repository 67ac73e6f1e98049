"""What a page has to ask the database: the dashboard with and without a filter, and a page of the list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database import Database
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import dashboard
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import ListOptions, list_tickets

from .figures import Figure, Watch, median, percentile
from .importing import Import, import_once, installation, make_file

Query = Callable[[AsyncSession], Awaitable[object]]
FILTERS = {
    "dashboard, unfiltered": TicketFilter(),
    "dashboard of one queue": TicketFilter(queue=("Servicedesk::1st Level",)),
    "dashboard of tickets created in 2026": TicketFilter(from_=date(2026, 1, 1)),
    "dashboard of a word in the title": TicketFilter(q="Drucker"),
    "dashboard half a year before": TicketFilter(as_of=datetime(2025, 12, 31)),
}
LISTS = {
    "tickets, first page of all": ListOptions(),
    "tickets, page at offset 50,000": ListOptions(offset=50_000),
    "tickets, open ones, by priority": ListOptions(filter=TicketFilter(open=True), sort="priority"),
    "tickets, a word in number or title": ListOptions(filter=TicketFilter(q="Drucker")),
}


def _queries() -> dict[str, Query]:
    def board(chosen: TicketFilter) -> Query:
        return lambda session: dashboard(session, chosen)

    def listing(options: ListOptions) -> Query:
        return lambda session: list_tickets(session, options)

    boards = {name: board(chosen) for name, chosen in FILTERS.items()}
    return boards | {name: listing(options) for name, options in LISTS.items()}


async def _measure(settings: Settings, runs: int) -> list[Figure]:
    db = Database(settings)
    found = []
    for name, query in _queries().items():
        times = []
        for _ in range(runs + 1):  # the first one opens the connection and fills its cache
            watch = Watch()
            async with db.read() as session:
                with watch():
                    await query(session)
            times.append(watch.seconds * 1000)
        value = f"{median(times[1:]):.1f} ms  (p95 {percentile(times[1:], 0.95):.1f}, n = {runs})"
        found.append(Figure(name, value))
    await db.dispose()
    return found


def run(folder: Path, rows: int, runs: int) -> list[Figure]:
    settings = installation(folder / f"queries-{rows}")
    path = make_file(folder, rows)
    asyncio.run(import_once(settings, path, rows, Import()))
    return asyncio.run(_measure(settings, runs))
