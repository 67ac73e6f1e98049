"""What all statistics of a page are made of: counts of the filtered tickets, in a fixed number of queries
whatever the data. The statistics only add up these groups, so their sums agree by construction.

The unfiltered facts are counted once per state of the data, inside the transaction that made that state, and
stored with its version, so that every process serves them without counting.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Select, case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import DataState, StoredFacts, Ticket
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import resolve

_UNFILTERED = TicketFilter()


class Group(NamedTuple):
    """`tickets` of the filter that are equal in all of this."""

    priority: str | None
    state: str | None
    state_type: str
    tickets: int


class OpenGroup(NamedTuple):
    """`tickets` of the filter that are open at `as_of` and equal in all of this; `age` None if unknown."""

    priority: str | None
    age: str | None
    is_reopened: int
    is_undated: int
    lacks_first_response: int
    tickets: int


AnyGroup = TypeVar("AnyGroup", Group, OpenGroup)


class Counts(NamedTuple):
    """`new` and `left` are tickets by ISO day up to `as_of`, of all tickets that match the filter without its
    `from` and `to`: a backlog stays a backlog (interface.md, "The filter")."""

    groups: list[Group]
    open_groups: list[OpenGroup]
    new: dict[str, int]
    left: dict[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """The counts of a filter at an instant."""

    filter: TicketFilter
    as_of: datetime
    counts: Counts

    @property
    def new(self) -> Mapping[date, int]:
        return {date.fromisoformat(day): tickets for day, tickets in self.counts.new.items()}

    @property
    def left(self) -> Mapping[date, int]:
        return {date.fromisoformat(day): tickets for day, tickets in self.counts.left.items()}


def total(groups: Sequence[AnyGroup], condition: Callable[[AnyGroup], object] = lambda _: True) -> int:
    """How many tickets are in the groups that meet `condition`."""
    return sum(group.tickets for group in groups if condition(group))


def count_by(groups: Sequence[AnyGroup], key: str) -> Counter[str | None]:
    """Tickets by the value that their group has in `key`."""
    counts: Counter[str | None] = Counter()
    for group in groups:
        counts[getattr(group, key)] += group.tickets
    return counts


async def load_facts(session: AsyncSession, ticket_filter: TicketFilter) -> Facts:
    """One query where they are stored, else four; and the one that resolves `as_of`."""
    as_of = await resolve(session, ticket_filter)
    ticket_filter = ticket_filter.pinned(as_of)
    if ticket_filter == _UNFILTERED and (stored := await _stored(session)):
        return Facts(ticket_filter, as_of, stored)
    results = [(await session.execute(query)).all() for query in _queries(ticket_filter, as_of)]
    return Facts(ticket_filter, as_of, _counts(results))


def store_facts(connection: Connection) -> Counts | None:
    """Count everything for the data's present state and keep it; called by whatever made that state. None
    where nothing was ever imported."""
    state = connection.execute(select(DataState.version, DataState.as_of).where(DataState.id == 1)).one()
    connection.execute(delete(StoredFacts))
    if state.as_of is None:
        return None
    counts = _counts([connection.execute(query).all() for query in _queries(_UNFILTERED, state.as_of)])
    connection.execute(insert(StoredFacts).values(version=state.version, counts=_encode(counts)))
    return counts


async def _stored(session: AsyncSession) -> Counts | None:
    query = select(StoredFacts.counts).join(DataState, DataState.version == StoredFacts.version)
    text = await session.scalar(query)
    return None if text is None else msgspec.json.decode(text, type=Counts)


def _encode(counts: Counts) -> str:
    return msgspec.json.encode(counts).decode()


def _queries(ticket_filter: TicketFilter, as_of: datetime) -> list[Select[Any]]:
    conditions = ticket_filter.where(as_of)
    is_open = Ticket.is_open_at(as_of)
    over_time = ticket_filter.replace(from_=None, to=None).where(as_of)
    return [
        _grouped([Ticket.priority, Ticket.state, Ticket.state_type], conditions),
        _grouped(
            [
                Ticket.priority,
                Ticket.age_segment(as_of),
                _flag(Ticket.is_open & Ticket.closed_date.is_not(None)),
                _flag(Ticket.created_date.is_(None)),
                _flag(Ticket.lacks_first_response()),
            ],
            [*conditions, is_open],
        ),
        _grouped([func.date(Ticket.created_date)], [*over_time, Ticket.created_date <= as_of]),
        _grouped([func.date(Ticket.left_at)], [*over_time, Ticket.left_at <= as_of]),
    ]


def _grouped(keys: Sequence[Any], conditions: Sequence[Any]) -> Select[Any]:
    # labels, so that bound values inside a key do not make the two mentions of it differ
    inner = select(*(key.label(f"k{i}") for i, key in enumerate(keys))).where(*conditions).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _flag(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _counts(results: Sequence[Sequence[Any]]) -> Counts:
    groups, open_groups, new, left = results
    return Counts(
        [Group(*row) for row in groups],
        [OpenGroup(*row) for row in open_groups],
        # SQLite gives a day as text, PostgreSQL as a date
        {str(day): tickets for day, tickets in new},
        {str(day): tickets for day, tickets in left},
    )
