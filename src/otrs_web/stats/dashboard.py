"""The analysis of a filter: every statistic of the results page from one load of facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.stats.cards import TOTALS, Totals
from otrs_web.stats.daily import DAILY, READABLE_DAYS, WEEKLY, DailyRow, WeeklyRow
from otrs_web.stats.distributions import (
    AGE,
    EMPTY_FIRST_RESPONSE,
    AgeRow,
    Distributions,
    EmptyFirstResponseRow,
    StateRow,
    ValueRow,
)
from otrs_web.stats.report import Report
from otrs_web.tickets.facts import Facts, facts_at
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.snapshot import Instant, instant, memory

AnySeries = Report[DailyRow] | Report[WeeklyRow]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`over_time` is `daily`, or the same in weeks where days would be too many to show. `distributions` are
    by field. `sources` counts the files that the tickets came from, `last_import` is a system time. `figures`
    are what is written down of an analysis."""

    as_of: datetime
    filter: TicketFilter
    totals: Totals
    daily: Report[DailyRow]
    over_time: AnySeries
    distributions: Mapping[str, Report[Any]]
    ages: Report[AgeRow]
    empty_first_response: Report[EmptyFirstResponseRow]
    sources: int
    last_import: datetime | None
    figures: Mapping[str, int]

    @property
    def priority(self) -> Report[ValueRow]:
        return self.distributions["priority"]

    @property
    def state(self) -> Report[StateRow]:
        return self.distributions["state"]


async def dashboard(session: AsyncSession, ticket_filter: TicketFilter) -> Dashboard:
    """Everything that the pages of statistics show, in a fixed number of queries; one where the process has
    just shown the same."""
    return await dashboard_at(session, ticket_filter, await instant(session, ticket_filter))


async def dashboard_at(session: AsyncSession, ticket_filter: TicketFilter, now: Instant) -> Dashboard:
    """The same where the instant is known already."""
    known = memory(session, now.version)
    key = ("dashboard", ticket_filter, now.as_of)
    if board := known.get(key, Dashboard):
        return board
    board = _from_facts(await facts_at(session, ticket_filter, now))
    known.keep(key, board)
    return board


def _from_facts(facts: Facts) -> Dashboard:
    daily = DAILY.from_facts(facts)
    imported = facts.counts.last_import
    return Dashboard(
        as_of=facts.as_of,
        filter=facts.filter,
        totals=TOTALS.from_facts(facts).rows[0],
        daily=daily,
        over_time=daily if len(daily.rows) <= READABLE_DAYS else WEEKLY.from_facts(facts),
        distributions=Distributions(facts),
        ages=AGE.from_facts(facts),
        empty_first_response=EMPTY_FIRST_RESPONSE.from_facts(facts),
        sources=facts.counts.sources,
        figures=facts.counts.figures,
        last_import=None if imported is None else datetime.fromtimestamp(imported, UTC),
    )


def as_stats(board: Dashboard) -> dict[str, Any]:
    """The `stats` object of the JSON API (interface.md), with the original's fields."""
    daily = board.daily.rows
    return {
        "total_records": board.totals.total.value,
        "current_open_count": board.totals.open.value,
        "empty_firstresponse_count": board.totals.empty_first_response.value,
        "reopened_count": board.totals.reopened.value,
        "undated_open_count": board.totals.undated.value,
        "daily_new": {row.day.isoformat(): row.new.value for row in daily},
        "daily_closed": {row.day.isoformat(): row.closed.value for row in daily},
        "daily_open": {row.day.isoformat(): row.backlog.value for row in daily},
        "priority_distribution": _by_value(board.priority),
        "state_distribution": _by_value(board.state),
        "age_segments": {
            f"age_{row.value}": row.tickets.value for row in board.ages.rows if row.value != NONE
        },
        "open_age_unknown": sum(row.tickets.value for row in board.ages.rows if row.value == NONE),
        "empty_firstresponse_by_priority": _by_value(board.empty_first_response),
    }


def _by_value(report: Report[Any]) -> dict[str, int]:
    return {row.value or NONE: row.tickets.value for row in report.rows}


async def database_stats(session: AsyncSession, ticket_filter: TicketFilter) -> dict[str, Any]:
    """`as_stats` of the filter."""
    return as_stats(await dashboard(session, ticket_filter))
