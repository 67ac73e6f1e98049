"""On any data, however odd: the figures are those of plain counting, they add up, and every one of them is
the length of the list that it links to."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from otrs_web.database import Database, SyncDatabase, migrate
from otrs_web.models import DataState, Ticket
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import Dashboard, as_stats, dashboard
from otrs_web.stats.report import Count
from otrs_web.tickets.facts import store_facts
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.listing import ListOptions, list_tickets, stream_tickets
from tests.generator import Ticket as Made
from tests.generator import Truth, count
from tests.truth.figures import expected_stats

SNAPSHOT = datetime(2026, 6, 30, 18, 0)
# of age segments, and of days: the snapshot is taken at 18:00
BOUNDARIES = [timedelta(hours=h, seconds=s) for h in (0, 18, 24, 42, 48, 72, 96) for s in (-1, 0, 1)]
STATES: list[tuple[str | None, str]] = [
    ("new", "new"),
    ("open & more=100%", "open"),
    ("warten zur Erinnerung", "pending"),
    ("closed successful", "closed"),
    ("merged", "merged"),
    ("removed", "removed"),
    ("Parked (Finance) + x", "unknown"),
    (None, "unknown"),
]
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spans(low: timedelta, high: timedelta) -> st.SearchStrategy[timedelta]:
    return st.sampled_from(BOUNDARIES) | st.timedeltas(low, high).map(
        lambda d: timedelta(seconds=d // timedelta(seconds=1))
    )


created = st.none() | spans(timedelta(days=-3), timedelta(days=9)).map(lambda back: SNAPSHOT - back)


@st.composite
def tickets(draw: st.DrawFn) -> list[Made]:
    made = []
    for at in range(draw(st.integers(0, 25))):
        born = draw(created)
        state, kind = draw(st.sampled_from(STATES))
        later = draw(st.none() | spans(timedelta(days=-4), timedelta(days=9)))
        ticket = Made(f"20260630{at:05d}", born, None, None, state, kind)
        ticket.closed = None if later is None else (born or SNAPSHOT) + later
        ticket.first_response = draw(st.none() | st.just(SNAPSHOT))
        ticket.priority = draw(st.sampled_from([None, "3 normal", "5 very high", "sehr hoch / +&="]))
        ticket.queue = draw(st.sampled_from([None, "Raw", "客户支持::账单"]))
        ticket.age_hours = draw(st.none() | st.sampled_from([0.0, 24.0, 47.5, 72.0, 500.0]))
        made.append(ticket)
    return made


instants = st.just(SNAPSHOT) | spans(timedelta(days=-5), timedelta(days=10)).map(lambda back: SNAPSHOT - back)
days = st.integers(-2, 9).map(lambda back: (SNAPSHOT - timedelta(days=back)).date())
filters = st.builds(
    TicketFilter,
    from_=st.none() | days,
    to=st.none() | days,
    state=st.just(())
    | st.lists(st.sampled_from([s or NONE for s, _ in STATES]), max_size=3, unique=True).map(tuple),
    priority=st.just(()) | st.sampled_from([(NONE,), ("3 normal", NONE), ("sehr hoch / +&=",)]),
    queue=st.just(()) | st.just((NONE, "Raw")),
    state_type=st.just(()) | st.just(("open", "unknown", "closed")),
    open=st.none() | st.booleans(),
    age=st.just(()) | st.sampled_from([("24h",), ("24_48h", "72h")]),
    first_response=st.none() | st.sampled_from(["empty", "given"]),
    reopened=st.none() | st.booleans(),
    created_on=st.none() | st.sampled_from(["2026-W26", "2026-06", "2026-06-28"]),
    closed_on=st.none() | st.sampled_from(["2026-W27", "2026-06", "2026-06-29"]),
    as_of=st.none() | instants,
)


@dataclass
class Store:
    """A database that examples fill anew."""

    settings: Settings = field(repr=False)

    def fill(self, made: Sequence[Made]) -> None:
        """Store the tickets directly: an installation may hold rows that no import would accept."""
        db = SyncDatabase(self.settings)
        with db.write() as session:
            session.execute(delete(Ticket))
            if made:
                session.execute(insert(Ticket), [row(ticket) for ticket in made])
            derived = Ticket.derived(dict(Ticket.__table__.columns), self.settings.open_by)
            session.execute(update(Ticket).values(derived))
            session.execute(update(DataState).values(as_of=SNAPSHOT, version=DataState.version + 1))
            store_facts(session.connection())
        db.dispose()


def row(ticket: Made) -> dict[str, Any]:
    undated_age = ticket.age_hours is not None and ticket.created is None
    return {
        "ticket_number": ticket.number,
        "created_date": ticket.created,
        "closed_date": ticket.closed,
        "first_response": ticket.first_response and str(ticket.first_response),
        "state": ticket.state,
        "state_type": ticket.kind,
        "priority": ticket.priority,
        "queue": ticket.queue,
        "is_open": False,
        "estimated_created": SNAPSHOT - timedelta(hours=ticket.age_hours or 0) if undated_age else None,
        "snapshot_at": SNAPSHOT,
    }


@pytest.fixture(scope="module", params=["state", "closed_date"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("identities")
    chosen = Settings(data_dir=folder, database_url=f"sqlite:///{folder}/otrs.db", open_by=request.param)
    migrate(chosen)
    return Store(chosen)


@few
@given(made=tickets(), as_of=instants)
def test_figures_are_those_of_plain_counting(store: Store, made: list[Made], as_of: datetime) -> None:
    store.fill(made)
    truth = count(made, as_of, store.settings.open_by, SNAPSHOT)
    # without a time they are the stored figures, with one they are counted
    for chosen in [TicketFilter(as_of=as_of)] + [TicketFilter()] * (as_of == SNAPSHOT):
        board = asyncio.run(load(store, chosen))
        assert as_stats(board) == expected_stats(truth)
        check_sums(board, truth)


def check_sums(board: Dashboard, truth: Truth) -> None:
    totals = board.totals
    assert board.priority.total == board.state.total == totals.total.value
    assert board.ages.total == totals.open.value
    assert board.empty_first_response.total == totals.empty_first_response.value
    before = 0
    for line in board.daily.rows:
        assert before + line.new.value - line.closed.value == line.backlog.value
        before = line.backlog.value
    assert before + totals.undated.value == totals.open.value
    assert totals.undated.value == truth.undated_open


@few
@given(made=tickets(), chosen=filters)
def test_every_number_is_the_length_of_its_list(store: Store, made: list[Made], chosen: TicketFilter) -> None:
    store.fill(made)
    asyncio.run(check_lists(store, chosen))


async def load(store: Store, chosen: TicketFilter) -> Dashboard:
    db = Database(store.settings)
    async with db.read() as session:
        board = await dashboard(session, chosen)
    await db.dispose()
    return board


async def check_lists(store: Store, chosen: TicketFilter) -> None:
    board = await load(store, chosen)
    db = Database(store.settings)
    async with db.read() as session:
        for name, number in counts(board):
            chosen_again = number.filter
            if chosen_again is None:
                continue
            options = ListOptions.parse(parse_qsl(chosen_again.query()))
            assert options.filter == chosen_again, name
            listed = await list_tickets(session, options)
            streamed = [
                r.ticket_number async for batch in stream_tickets(session, options.filter) for r in batch
            ]
            assert listed.total == len(listed.tickets) == number.value, (name, chosen_again.query())
            assert streamed == [r.ticket_number for r in listed.tickets], name
    await db.dispose()


def counts(board: Dashboard) -> Iterator[tuple[str, Count]]:
    """Every number of the dashboard with a name for it."""
    for report in (board.daily, board.priority, board.state, board.ages, board.empty_first_response):
        for line in report.rows:
            yield from _of(report.slug, line)
    yield from _of("totals", board.totals)


def _of(slug: str, line: Any) -> Iterator[tuple[str, Count]]:
    for name in line.__dataclass_fields__:
        value = getattr(line, name)
        if isinstance(value, Count):
            yield f"{slug}.{name}", value
