"""Random tickets and filters, full of boundaries and blanks, and a database that they are stored in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from otrs_web.database import SyncDatabase
from otrs_web.models import DataState, Ticket, Upload
from otrs_web.settings import Settings
from otrs_web.tickets.facts import store_facts
from otrs_web.tickets.filter import NONE, TicketFilter
from tests.generator import Ticket as Made

SNAPSHOT = datetime(2026, 6, 30, 18, 0)
_NOW = datetime(2026, 6, 30, 18, 5, tzinfo=UTC)
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
#: what else a ticket may have, and a filter may ask for
VALUES: dict[str, list[str | None]] = {
    "priority": [None, "3 normal", "5 very high", "sehr hoch / +&="],
    "queue": [None, "Raw", "客户支持::账单"],
    "type": [None, "Incident", "incident"],
    "service": [None, "Mail::IMAP", "Zoë’s Ärger"],
    "category": [None, "Hardware"],
    "responsible": [None, "anna", "Bob", "Ärmel"],
    "owner": [None, "anna"],
    "customer_id": [None, "NA", "000123", "0123"],
}
TITLES = [None, "Drucker 100% defekt", "ÄRGER mit_Mail", "Ärger", "打印机 (2. OG)", "c:\\temp"]
WORDS = ["drucker", "0%", "_", "ärger", "Ä", "打印", "\\", "30000", "nowhere", "  (2"]

few = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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
        for name, values in VALUES.items():
            setattr(ticket, name, draw(st.sampled_from(values)))
        ticket.title = draw(st.sampled_from(TITLES))
        ticket.age_hours = draw(st.none() | st.sampled_from([0.0, 24.0, 47.5, 72.0, 500.0]))
        made.append(ticket)
    return made


def some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Mostly no restriction, else a few of the values."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
    return st.just(()) | st.just(()) | chosen


instants = st.just(SNAPSHOT) | spans(timedelta(days=-5), timedelta(days=10)).map(lambda back: SNAPSHOT - back)
days = st.integers(-2, 9).map(lambda back: (SNAPSHOT - timedelta(days=back)).date())
PERIODS = ["2026-W26", "2026-W27", "2026-06", "2026-06-28", "2026-06-29", "2026-06-24..2026-06-30"]
filters = st.builds(
    TicketFilter,
    from_=st.none() | days,
    to=st.none() | days,
    state=some([s or NONE for s, _ in STATES]),
    state_type=some(["open", "unknown", "closed"]),
    **{name: some([*(v or NONE for v in values), "nobody"]) for name, values in VALUES.items()},
    open=st.none() | st.booleans(),
    age=some(["24h", "24_48h", "48_72h", "72h", NONE]),
    daily_age=some(["lt_24h", "24_48h", "48_72h", "72_96h", "gt_96h"]),
    first_response=st.none() | st.sampled_from(["empty", "given"]),
    reopened=st.none() | st.booleans(),
    undated=st.none() | st.none() | st.booleans(),
    created_on=st.none() | st.sampled_from(PERIODS),
    closed_on=st.none() | st.sampled_from(PERIODS),
    upload_id=st.none() | st.none() | st.sampled_from([1, 2, 77]),
    q=st.none() | st.none() | st.sampled_from([word.strip() for word in WORDS]),
    as_of=st.none() | instants,
)


@st.composite
def narrow(draw: st.DrawFn) -> TicketFilter:
    """A filter of one to three restrictions: one of all of them would nearly always choose nothing."""
    drawn = draw(filters)
    names = draw(st.lists(st.sampled_from(FILTER_NAMES), min_size=1, max_size=3, unique=True))
    kept = {name: getattr(drawn, name) for name in [*names, "as_of"]}
    return TicketFilter(**kept)


FILTER_NAMES = [name for name in TicketFilter.__dataclass_fields__ if name != "as_of"]


def upload_of(ticket: Made) -> int | None:
    """Which import a ticket came from."""
    return [None, 1, 2][int(ticket.number) % 3]


@dataclass
class Store:
    """A database that examples fill anew."""

    settings: Settings = field(repr=False)

    def fill(self, made: Sequence[Made]) -> None:
        """Store the tickets directly: an installation may hold rows that no import would accept."""
        db = SyncDatabase(self.settings)
        with db.write() as session:
            session.execute(delete(Ticket))
            if session.scalar(select(Upload.id).where(Upload.id == 1)) is None:
                uploads = [{"id": at, "filename": f"{at}.csv", "upload_time": _NOW} for at in (1, 2)]
                session.execute(insert(Upload), uploads)
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
        **{name: getattr(ticket, name) for name in VALUES},
        "title": ticket.title,
        "age_hours": ticket.age_hours,
        "is_open": False,
        "estimated_created": SNAPSHOT - timedelta(hours=ticket.age_hours or 0) if undated_age else None,
        "snapshot_at": SNAPSHOT,
        "upload_id": upload_of(ticket),
        "import_time": _NOW,
        "data_source": f"{upload_of(ticket)}.csv",
    }
