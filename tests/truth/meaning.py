"""What a filter means, said once more: ticket by ticket, in plain Python, from metrics.md and interface.md.

The application selects from arrays, in one place. That is quick and hard to check by reading; this is slow
and easy, and shares nothing with it but the filter's own fields."""

from datetime import datetime

from otrs_web.tickets.filter import TicketFilter
from tests.generator import Ticket
from tests.generator.truth import NONE, hours_open, left_at, open_at, open_now, segment

FIELDS = ("state", "priority", "queue", "type", "service", "category", "customer_id", "responsible", "owner")


def chooses(
    chosen: TicketFilter,
    ticket: Ticket,
    as_of: datetime,
    snapshot: datetime,
    open_by: str,
    upload: int | None,
) -> bool:
    """Whether the filter chooses the ticket at `as_of`. `snapshot` is the time of the export, `upload` the
    import that the ticket came from."""
    return (
        all(_is_one_of(getattr(ticket, name), getattr(chosen, name)) for name in FIELDS)
        and _is_one_of(ticket.kind, chosen.state_type)
        and _by_creation(chosen, ticket)
        and _by_period(chosen, ticket, as_of, open_by)
        and _by_openness(chosen, ticket, as_of, open_by)
        and _by_age(chosen, ticket, as_of, snapshot, open_by)
        and _by_daily_age(chosen, ticket, as_of, open_by)
        and chosen.first_response in (None, "given" if ticket.first_response else "empty")
        and chosen.upload_id in (None, upload)
        and _by_words(chosen, ticket)
    )


def _is_one_of(value: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or (value if value is not None else NONE) in wanted


def _by_creation(chosen: TicketFilter, ticket: Ticket) -> bool:
    if chosen.undated is not None and chosen.undated != (ticket.created is None):
        return False
    if chosen.from_ is None and chosen.to is None:
        return True
    if ticket.created is None:
        return False
    day = ticket.created.date()
    return (chosen.from_ is None or chosen.from_ <= day) and (chosen.to is None or day <= chosen.to)


def _by_period(chosen: TicketFilter, ticket: Ticket, as_of: datetime, open_by: str) -> bool:
    asked = [(chosen.created_on, ticket.created), (chosen.closed_on, left_at(ticket, open_by))]
    return all(period is None or _lies_in(moment, period, as_of) for period, moment in asked)


def _lies_in(moment: datetime | None, period: str, as_of: datetime) -> bool:
    if moment is None or moment > as_of:
        return False
    day, (year, week, _) = moment.date().isoformat(), moment.isocalendar()
    if ".." in period:
        first, last = period.split("..")
        return first <= day <= last
    return period in (day, day[:7], f"{year}-W{week:02d}")


def _by_openness(chosen: TicketFilter, ticket: Ticket, as_of: datetime, open_by: str) -> bool:
    is_open = open_at(ticket, as_of, open_by)
    reopened = is_open and open_now(ticket, open_by) and ticket.closed is not None
    return chosen.open in (None, is_open) and chosen.reopened in (None, reopened)


def _by_age(chosen: TicketFilter, ticket: Ticket, as_of: datetime, snapshot: datetime, open_by: str) -> bool:
    if not chosen.age:
        return True
    if not open_at(ticket, as_of, open_by):
        return False
    hours = hours_open(ticket, as_of, snapshot)
    return (NONE if hours is None else segment(hours).removeprefix("age_")) in chosen.age


def _by_daily_age(chosen: TicketFilter, ticket: Ticket, as_of: datetime, open_by: str) -> bool:
    if not chosen.daily_age:
        return True
    if ticket.created is None or not open_at(ticket, as_of, open_by):
        return False
    days = int((as_of - ticket.created).total_seconds() // 86_400)
    return ("lt_24h", "24_48h", "48_72h", "72_96h", "gt_96h")[min(days, 4)] in chosen.daily_age


def _by_words(chosen: TicketFilter, ticket: Ticket) -> bool:
    if chosen.q is None:
        return True
    return any(chosen.q.lower() in text.lower() for text in (ticket.number, ticket.title) if text)
