"""On any data, however odd, on both databases: the figures are those of plain counting, they add up, every
one of them is the length of the list that it links to, and a list has what its filter means."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.database import Database, migrate
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import Dashboard, as_stats, dashboard
from otrs_web.stats.report import Count
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import COLUMNS, ListOptions, list_tickets, stream_tickets
from tests.generator import Ticket as Made
from tests.generator import Truth, count
from tests.truth.examples import SNAPSHOT, Store, few, filters, instants, narrow, tickets, upload_of
from tests.truth.figures import expected_stats
from tests.truth.meaning import chooses

STORES = [(database, rule) for database in ("sqlite", "postgresql") for rule in ("state", "closed_date")]


@pytest.fixture(scope="module", params=STORES, ids="-".join)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    database, rule = request.param
    folder = tmp_path_factory.mktemp("identities")
    server = request.getfixturevalue("postgres") if database == "postgresql" else None
    url = server.create() if server else f"sqlite:///{folder}/otrs.db"
    chosen = Settings(data_dir=folder, database_url=url, open_by=rule)
    migrate(chosen)
    yield Store(chosen)
    if server:
        server.drop(url)


@few
@given(made=tickets(), as_of=instants)
def test_figures_are_those_of_plain_counting(store: Store, made: list[Made], as_of: Any) -> None:
    store.fill(made)
    truth = count(made, as_of, store.settings.open_by, SNAPSHOT)
    # without a time they are the stored figures, with one they are counted
    for chosen in [TicketFilter(as_of=as_of)] + [TicketFilter()] * (as_of == SNAPSHOT):
        board = asyncio.run(load(store, chosen))
        assert as_stats(board) == expected_stats(truth)
        check_sums(board)
        check_distributions(board, truth)
        assert board.totals.undated.value == truth.undated_open


def check_distributions(board: Dashboard, truth: Truth) -> None:
    for field, report in board.distributions.items():
        rows = {row.value or "(none)": row.tickets.value for row in report.rows}
        assert rows == truth.distributions[field], field


def check_sums(board: Dashboard) -> None:
    totals, chosen = board.totals, board.filter
    for field, report in board.distributions.items():
        assert report.total == totals.total.value, field
    assert board.ages.total == totals.open.value
    assert board.empty_first_response.total == totals.empty_first_response.value
    rows = board.daily.rows
    before = rows[0].backlog.value + rows[0].closed.value - rows[0].new.value if rows else 0
    if chosen.from_ is None:
        assert before == 0
    for line in rows:
        assert before + line.new.value - line.closed.value == line.backlog.value
        before = line.backlog.value
    if chosen.from_ is None and chosen.to is None:
        assert before + totals.undated.value == totals.open.value


@few
@given(made=tickets(), chosen=narrow() | filters)
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
    check_sums(board)
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
    reports = [board.daily, board.over_time, *board.distributions.values()]
    for report in [*reports, board.ages, board.empty_first_response]:
        for line in report.rows:
            yield from _of(report.slug, line)
    yield from _of("totals", board.totals)


def _of(slug: str, line: Any) -> Iterator[tuple[str, Count]]:
    for name in line.__dataclass_fields__:
        value = getattr(line, name)
        if isinstance(value, Count):
            yield f"{slug}.{name}", value


@few
@given(made=tickets(), asked=st.lists(narrow() | filters, min_size=12, max_size=12))
def test_a_list_has_what_its_filter_means(store: Store, made: list[Made], asked: list[TicketFilter]) -> None:
    store.fill(made)
    asyncio.run(check_meaning(store, made, asked))


async def check_meaning(store: Store, made: list[Made], asked: list[TicketFilter]) -> None:
    db = Database(store.settings)
    async with db.read() as session:
        for at, chosen in enumerate(asked):
            sort = ("-" if at % 2 else "") + COLUMNS[at % len(COLUMNS)]
            listed = await list_tickets(session, ListOptions(chosen, sort=sort))
            batches = [batch async for batch in stream_tickets(session, chosen, sort)]
            numbers = [row.ticket_number for row in listed.tickets]
            assert [row.ticket_number for batch in batches for row in batch] == numbers
            as_of, rule = chosen.as_of or SNAPSHOT, store.settings.open_by
            expected = [t for t in made if chooses(chosen, t, as_of, SNAPSHOT, rule, upload_of(t))]
            assert sorted(numbers) == [ticket.number for ticket in expected], chosen.query()
    await db.dispose()


@few
@given(made=tickets())
def test_a_list_is_in_the_order_of_any_column(store: Store, made: list[Made]) -> None:
    """Blank before all others and the id between equals, from `stored` values that Python puts in order; the
    same on every database."""
    store.fill(made)
    asyncio.run(check_orders(store))


async def check_orders(store: Store) -> None:
    db = Database(store.settings)
    async with db.read() as session:
        stored = (await list_tickets(session, ListOptions(sort="id"))).tickets
        for name in COLUMNS:
            values = [(getattr(row, name) is not None, getattr(row, name), row.id) for row in stored]
            expected = [key[2] for key in sorted(values, key=lambda v: v if v[0] else (v[0], v[2]))]
            for sort, ids in ((name, expected), (f"-{name}", expected[::-1])):
                listed = await list_tickets(session, ListOptions(sort=sort))
                assert [row.id for row in listed.tickets] == ids, sort
    await db.dispose()
