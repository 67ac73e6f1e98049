"""Keeps what is derived from a ticket's state and dates true when the rules change: which state names mean
what, and whether the state or the close time decides what is open. Imports derive their own rows; this
derives the stored ones anew.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from otrs_web.clock import utc_now
from otrs_web.models import DataState, StateName, StoredFacts, Ticket
from otrs_web.tickets.facts import store_facts


def data_state(session: Session) -> DataState:
    """The one row that says which state the data is in; made if it is missing."""
    state = session.get(DataState, 1)
    if state is None:
        state = DataState(id=1, version=0, open_by="state", as_of=None)
        session.add(state)
        session.flush()
    return state


def touch(state: DataState) -> None:
    """Count the data's version up: whatever was computed from the old one is stale."""
    state.version += 1
    state.changed_at = utc_now()


def apply_rules(session: Session, open_by: str) -> None:
    """Derive all tickets anew if the stored ones were derived by another rule, and count them anew if what is
    kept of them is of another release."""
    state = data_state(session)
    is_counted = session.scalar(select(StoredFacts.version).where(StoredFacts.version == state.version))
    if state.open_by == open_by and is_counted is not None:
        return
    if state.open_by != open_by:
        session.execute(update(Ticket).values(Ticket.derived(dict(Ticket.__table__.columns), open_by)))
        state.open_by = open_by
        touch(state)
        session.flush()
    store_facts(session.connection())


def state_types(session: Session) -> dict[str, str]:
    """State names with the types that the site's administrator gave them."""
    return {row.name: row.state_type for row in session.scalars(select(StateName))}
