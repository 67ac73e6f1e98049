"""What all statistics of a page are made of: the counts of the filtered tickets. The statistics only add
these up, so their sums agree by construction.

The unfiltered facts are counted once per state of the data, inside the transaction that made that state, and
stored with its version and the columns, so that every process serves them without counting.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import numpy as np
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import DailyStatistics, DataState, StoredFacts
from otrs_web.tickets.columns import EARLY, Booleans, Columns
from otrs_web.tickets.days import COMPUTED, rebuild_days
from otrs_web.tickets.filter import VALUE_FIELDS, TicketFilter
from otrs_web.tickets.snapshot import Instant, instant, memory, view_at
from otrs_web.tickets.view import View

_UNFILTERED = TicketFilter()

#: tickets by a value, None for a blank one; a list, since JSON has no key for that
Values = list[tuple[str | None, int]]


class Counts(msgspec.Struct, frozen=True):
    """Tickets of the filter at `as_of`. `values` counts them by each field that a filter may name, `ages` and
    `unanswered` (by priority) the open ones. `new` and `left` are tickets by day up to `as_of`, of all that
    match the filter without its `from` and `to`. `last_import` is in seconds since 1970, UTC."""

    total: int
    open: int
    reopened: int
    undated_open: int
    sources: int
    last_import: int | None
    values: dict[str, Values]
    state_types: list[tuple[str | None, str]]
    ages: Values
    unanswered: Values
    new: dict[date, int]
    left: dict[date, int]

    @property
    def unanswered_total(self) -> int:
        return sum(tickets for _, tickets in self.unanswered)

    @property
    def figures(self) -> dict[str, int]:
        """The columns of a `statistic` row that say what was counted."""
        return {
            "total_records": self.total,
            "current_open_count": self.open,
            "empty_firstresponse_count": self.unanswered_total,
            "daily_new_count": sum(self.new.values()),
            "daily_closed_count": sum(self.left.values()),
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """The counts of a filter at an instant."""

    filter: TicketFilter
    as_of: datetime
    counts: Counts

    @property
    def state_types(self) -> Mapping[str | None, str]:
        """What each state means, as the tickets in it were stored."""
        return dict(self.counts.state_types)


def count(view: View) -> Counts:
    """All facts of a view; a few milliseconds per hundred thousand tickets."""
    columns, chosen = view.columns, view.chosen
    is_open = chosen & view.is_open
    unanswered = is_open & ~columns.answered
    imported = columns.times["import_time"][chosen]
    last_import = int(imported.max()) if len(imported) else EARLY
    values = {name: list(columns.coded[name].counts(chosen).items()) for name in VALUE_FIELDS}
    return Counts(
        total=view.total,
        open=int(np.count_nonzero(is_open)),
        reopened=int(np.count_nonzero(is_open & view.is_reopened)),
        undated_open=int(np.count_nonzero(is_open & ~columns.is_dated)),
        sources=sum(name is not None for name in columns.coded["data_source"].counts(chosen)),
        last_import=None if last_import == EARLY else last_import,
        values=values,
        state_types=_state_types(columns, chosen),
        ages=list(view.ages.counts(is_open).items()),
        unanswered=list(columns.coded["priority"].counts(unanswered).items()),
        new=view.by_day("created_date"),
        left=view.by_day("left_at"),
    )


def _state_types(columns: Columns, chosen: Booleans) -> list[tuple[str | None, str]]:
    states, kinds = columns.coded["state"], columns.coded["state_type"]
    kind_of = np.full(len(states.values) + 1, -1)
    kind_of[states.codes[chosen] + 1] = kinds.codes[chosen]
    named = zip([None, *states.values], kind_of.tolist(), strict=True)
    return [(state, kinds.values[kind]) for state, kind in named if kind >= 0]


async def load_facts(session: AsyncSession, ticket_filter: TicketFilter) -> Facts:
    """The facts of a filter: at most two queries where the process knows the data's version, whatever the
    filter and the data, and one more for a filter that searches."""
    return await facts_at(session, ticket_filter, await instant(session, ticket_filter))


async def facts_at(session: AsyncSession, ticket_filter: TicketFilter, now: Instant) -> Facts:
    """The same where the instant is known already."""
    chosen = ticket_filter.pinned(now.as_of)
    known = memory(session, now.version)
    key = ("facts", chosen, now.as_of)
    if facts := known.get(key, Facts):
        return facts
    counts = await _stored(session, now) if chosen == _UNFILTERED else None
    if counts is None:
        view = await view_at(session, chosen, now)
        counts = await asyncio.to_thread(count, view)
    facts = Facts(chosen, now.as_of, counts)
    known.keep(key, facts)
    return facts


def store_facts(connection: Connection, columns: Columns | None = None) -> Counts | None:
    """Keep the data's present state as columns, all that can be counted of them, and every day's row; called
    by whatever made that state, with its columns where they are known. None where nothing was ever
    imported."""
    state = connection.execute(select(DataState.version, DataState.as_of).where(DataState.id == 1)).one()
    connection.execute(delete(StoredFacts))
    if state.as_of is None:
        connection.execute(delete(DailyStatistics).where(COMPUTED))
        return None
    if columns is None:
        columns = Columns.read(connection, state.version)
    counts = count(View(columns, _UNFILTERED, state.as_of))
    stored = {"version": state.version, "counts": _encode(counts), "columns": columns.encode()}
    connection.execute(insert(StoredFacts).values(stored))
    rebuild_days(connection, columns, state.as_of)
    return counts


async def _stored(session: AsyncSession, now: Instant) -> Counts | None:
    text = await session.scalar(select(StoredFacts.counts).where(StoredFacts.version == now.version))
    return None if text is None else msgspec.json.decode(text, type=Counts)


def _encode(counts: Counts) -> str:
    return msgspec.json.encode(counts).decode()
