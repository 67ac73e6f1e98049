"""What all of a dashboard's statistics are made of, in a fixed number of queries, whatever the data.

One pass groups the filtered tickets by everything that cards and distributions ask for; two more count by
day. The statistics then only add up groups, so their sums agree by construction.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import Ticket
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import resolve


class Group(NamedTuple):
    """`tickets` tickets that are equal in all of this. `age` is None unless open with a known age."""

    priority: str | None
    state: str | None
    state_type: str
    is_open: bool
    is_reopened: bool
    is_undated: bool
    lacks_first_response: bool
    age: str | None
    tickets: int


@dataclass(frozen=True, slots=True)
class Facts:
    """`new` and `left` count tickets by day up to `as_of`, of all tickets that match the filter without its
    `from` and `to`: a backlog stays a backlog (interface.md, "The filter")."""

    filter: TicketFilter
    as_of: datetime
    groups: Sequence[Group]
    new: Mapping[date, int]
    left: Mapping[date, int]

    def count(self, condition: Callable[[Group], bool]) -> int:
        """How many of the filtered tickets meet `condition`."""
        return sum(group.tickets for group in self.groups if condition(group))

    def by(self, key: Callable[[Group], str | None], among: Callable[[Group], bool]) -> Counter[str | None]:
        """Counts of the filtered tickets that meet `among`, by `key`."""
        counts: Counter[str | None] = Counter()
        for group in self.groups:
            if among(group):
                counts[key(group)] += group.tickets
        return counts


async def load_facts(session: AsyncSession, ticket_filter: TicketFilter) -> Facts:
    """Three queries beside the one that resolves `as_of`."""
    as_of = await resolve(session, ticket_filter)
    ticket_filter = ticket_filter.pinned(as_of)
    groups = [Group(*row) for row in await session.execute(groups_query(ticket_filter, as_of))]
    over_time = ticket_filter.replace(from_=None, to=None)
    new = await session.execute(_by_day(Ticket.created_date, over_time, as_of))
    left = await session.execute(_by_day(Ticket.left_at, over_time, as_of))
    return Facts(ticket_filter, as_of, groups, _days(new.all()), _days(left.all()))


def groups_query(ticket_filter: TicketFilter, as_of: datetime) -> Select[Any]:
    """The filtered tickets, grouped as `Group` says."""
    is_open = Ticket.is_open_at(as_of)
    reopened = is_open & Ticket.is_open & Ticket.closed_date.is_not(None)
    keys = [
        Ticket.priority,
        Ticket.state,
        Ticket.state_type,
        _flag(is_open),
        _flag(reopened),
        _flag(Ticket.created_date.is_(None)),
        _flag(Ticket.lacks_first_response()),
        case((is_open, Ticket.age_segment(as_of)), else_=None),
    ]
    inner = select(*(key.label(f"k{i}") for i, key in enumerate(keys))).where(*ticket_filter.where(as_of))
    labels = list(inner.subquery().c)
    return select(*labels, func.count()).group_by(*labels)


def _flag(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _by_day(column: Any, ticket_filter: TicketFilter, as_of: datetime) -> Select[Any]:
    day = func.date(column)
    conditions = ticket_filter.where(as_of)
    return select(day, func.count()).where(column <= as_of, *conditions).group_by(day).order_by(day)


def _days(rows: Sequence[Any]) -> dict[date, int]:
    # SQLite gives text, PostgreSQL a date
    return {date.fromisoformat(str(day)): count for day, count in rows}
