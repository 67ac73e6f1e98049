"""What an export adds up to, counted the long way: one ticket after the other, one loop for one number.

The definitions are those that the application shows beside its numbers; nothing here is clever or fast, so
that it can be checked by reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .desk import Ticket

NONE = "(none)"
OPEN_KINDS = {"new", "open", "pending"}
DISTRIBUTIONS = (
    "priority",
    "state",
    "queue",
    "type",
    "service",
    "category",
    "responsible",
    "owner",
    "customer_id",
)


@dataclass
class Truth:
    """Numbers at `as_of`; the daily figures run from the day of the first ticket to `as_of`'s."""

    as_of: datetime
    total: int = 0
    open: int = 0
    open_by_kind: Counter[str] = field(default_factory=Counter)
    reopened: int = 0
    undated: int = 0
    undated_open: int = 0
    not_open_without_close_time: int = 0
    without_close_time: int = 0
    empty_first_response: int = 0
    empty_first_response_by_priority: Counter[str] = field(default_factory=Counter)
    ages: dict[str, int] = field(default_factory=dict)
    unknown_age: int = 0
    new: dict[date, int] = field(default_factory=dict)
    closed: dict[date, int] = field(default_factory=dict)
    backlog: dict[date, int] = field(default_factory=dict)
    distributions: dict[str, Counter[str]] = field(default_factory=dict)
    closed_by_responsible: Counter[str] = field(default_factory=Counter)
    open_by_responsible: Counter[str] = field(default_factory=Counter)
    closed_by_month: dict[str, Counter[str]] = field(default_factory=dict)
    closed_by_week: dict[str, Counter[str]] = field(default_factory=dict)


def open_now(ticket: Ticket, open_by: str = "state") -> bool:
    """Open as far as the file says, whatever the time."""
    if open_by == "closed_date":
        return ticket.closed is None
    if ticket.kind == "unknown":
        return ticket.closed is None
    return ticket.kind in OPEN_KINDS


def left_at(ticket: Ticket, open_by: str = "state") -> datetime | None:
    """When a ticket left the backlog: when it was closed; at its creation if that is later or all there is.

    None for a ticket that is open now, and for an undated one, which is in no figure over time.
    """
    if open_now(ticket, open_by) or ticket.created is None:
        return None
    return max(ticket.closed or ticket.created, ticket.created)


def open_at(ticket: Ticket, moment: datetime, open_by: str = "state") -> bool:
    """Open at an instant; an undated ticket counts if it is open now, since nobody knows since when."""
    if ticket.created is None:
        return open_now(ticket, open_by)
    if ticket.created > moment:
        return False
    left = left_at(ticket, open_by)
    return left is None or left > moment


def hours_open(ticket: Ticket, moment: datetime, snapshot: datetime) -> float | None:
    """Since its creation; if that is unknown, its age at the export's `snapshot` and the time since then."""
    if ticket.created is not None:
        return (moment - ticket.created).total_seconds() / 3600
    if ticket.age_hours is None:
        return None
    return ticket.age_hours + (moment - snapshot).total_seconds() / 3600


def segment(hours: float) -> str:
    """Segments of the dashboard: a boundary belongs to the lower one."""
    if hours <= 24:
        return "age_24h"
    if hours <= 48:
        return "age_24_48h"
    return "age_48_72h" if hours <= 72 else "age_72h"


def daily_segment(hours: float) -> str:
    """Segments of the daily statistics: a boundary belongs to the upper one."""
    if hours < 24:
        return "age_lt_24h"
    if hours < 48:
        return "age_24_48h"
    if hours < 72:
        return "age_48_72h"
    return "age_72_96h" if hours < 96 else "age_gt_96h"


def count(
    tickets: Sequence[Ticket], as_of: datetime, open_by: str = "state", snapshot: datetime | None = None
) -> Truth:
    """Everything at once; `open_by="closed_date"` is the rule that looks at the close time alone.

    `snapshot` is the time of the export, `as_of` unless said otherwise.
    """
    truth = Truth(as_of, ages={"age_24h": 0, "age_24_48h": 0, "age_48_72h": 0, "age_72h": 0})
    for ticket in tickets:
        truth.total += 1
        truth.undated += ticket.created is None
        truth.without_close_time += ticket.closed is None
        truth.not_open_without_close_time += ticket.closed is None and not open_now(ticket, open_by)
        if open_at(ticket, as_of, open_by):
            _count_open(truth, ticket, hours_open(ticket, as_of, snapshot or as_of))
            truth.reopened += open_now(ticket, open_by) and ticket.closed is not None
    for name in DISTRIBUTIONS:
        truth.distributions[name] = Counter(getattr(ticket, name) or NONE for ticket in tickets)
    _count_days(truth, tickets, open_by)
    _count_people(truth, tickets, open_by)
    return truth


def _count_open(truth: Truth, ticket: Ticket, hours: float | None) -> None:
    truth.open += 1
    truth.open_by_kind[ticket.kind] += 1
    truth.undated_open += ticket.created is None
    truth.open_by_responsible[ticket.responsible or NONE] += 1
    if ticket.first_response is None:
        truth.empty_first_response += 1
        truth.empty_first_response_by_priority[ticket.priority or NONE] += 1
    if hours is None:
        truth.unknown_age += 1
    else:
        truth.ages[segment(hours)] += 1


def _count_days(truth: Truth, tickets: Sequence[Ticket], open_by: str) -> None:
    new: Counter[date] = Counter()
    closed: Counter[date] = Counter()
    for ticket in tickets:
        if ticket.created is None or ticket.created > truth.as_of:
            continue
        new[ticket.created.date()] += 1
        left = left_at(ticket, open_by)
        if left is not None and left <= truth.as_of:
            closed[left.date()] += 1
    backlog = 0
    for day in _days(new, truth.as_of.date()):
        truth.new[day], truth.closed[day] = new[day], closed[day]
        backlog += new[day] - closed[day]
        truth.backlog[day] = backlog


def _days(new: Iterable[date], last: date) -> list[date]:
    """Every day from the first ticket on; none if there is no ticket yet."""
    first = min(new, default=None)
    if first is None:
        return []
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _count_people(truth: Truth, tickets: Sequence[Ticket], open_by: str) -> None:
    for ticket in tickets:
        left = left_at(ticket, open_by)
        if left is None or left > truth.as_of:
            continue
        who = ticket.responsible or NONE
        truth.closed_by_responsible[who] += 1
        year, week, _ = left.isocalendar()
        truth.closed_by_month.setdefault(f"{left:%Y-%m}", Counter())[who] += 1
        truth.closed_by_week.setdefault(f"{year}-W{week:02d}", Counter())[who] += 1


def daily_row(
    tickets: Sequence[Ticket], day: date, as_of: datetime, open_by: str = "state"
) -> dict[str, int]:
    """A line of the daily statistics: balances, what came and went, and the ages at the end of the day."""
    midnight = datetime(day.year, day.month, day.day)
    end = min(midnight + timedelta(days=1) - timedelta(seconds=1), as_of)
    row = dict.fromkeys(("age_lt_24h", "age_24_48h", "age_48_72h", "age_72_96h", "age_gt_96h"), 0)
    row |= {"opening_balance": 0, "new_tickets": 0, "resolved_tickets": 0, "closing_balance": 0}
    for ticket in tickets:
        if ticket.created is None:
            continue
        left = left_at(ticket, open_by)
        row["opening_balance"] += open_at(ticket, midnight - timedelta(seconds=1), open_by)
        row["new_tickets"] += midnight <= ticket.created <= end
        row["resolved_tickets"] += left is not None and midnight <= left <= end
        if open_at(ticket, end, open_by):
            row["closing_balance"] += 1
            row[daily_segment((end - ticket.created).total_seconds() / 3600)] += 1
    return row
