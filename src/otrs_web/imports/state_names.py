"""What the site's state names mean: the built-in map, and what the administrator says on the settings page.

A change counts for the stored tickets at once, in one transaction with everything that is derived from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from otrs_web.database import Database
from otrs_web.database_log import browser, entry
from otrs_web.i18n import N_
from otrs_web.imports.states import TYPES, state_type
from otrs_web.models import DatabaseLog, StateName, Ticket
from otrs_web.tickets.carried import after_rules, before
from otrs_web.tickets.facts import store_facts
from otrs_web.tickets.rules import data_state, state_types, touch


@dataclass(frozen=True, slots=True)
class NamedState:
    """A state of the stored tickets: how many have it, what it means, and what it meant without the
    administrator's word (`own` says whether there is one)."""

    name: str
    tickets: int
    state_type: str
    built_in: str
    own: bool


async def named_states(session: AsyncSession) -> Sequence[NamedState]:
    """All state names of the stored tickets, those of unknown meaning first, then by size."""
    own = await session.run_sync(state_types)
    counts = select(Ticket.state, Ticket.state_type, func.count()).where(Ticket.state.is_not(None))
    rows = await session.execute(counts.group_by(Ticket.state, Ticket.state_type))
    found = [
        NamedState(name or "", tickets, kind, built_in=state_type(name), own=name in own)
        for name, kind, tickets in rows
    ]
    return sorted(found, key=lambda state: (state.state_type != "unknown", -state.tickets, state.name))


async def set_state_types(
    db: Database, types: Mapping[str, str | None], *, address: str, user_agent: str
) -> int:
    """Give state names types, or with None the built-in one again; how many tickets that concerns. All of it
    or nothing. Raises ValueError for a type that does not exist."""
    if unknown := set(types.values()) - {None, *TYPES}:
        raise ValueError(unknown.pop())

    def change(session: Session) -> int:
        counts = [_set(session, name, kind, browser(address, user_agent)) for name, kind in types.items()]
        connection = session.connection()
        derived = Ticket.derived(dict(Ticket.__table__.columns), db.settings.open_by)
        session.execute(update(Ticket).where(Ticket.state.in_(types)).values(derived))
        touch(state := data_state(session))
        session.flush()
        store_facts(connection, after_rules(connection, state.version, before(connection, state.version)))
        return sum(counts)

    async with db.write() as session:
        return await session.run_sync(change)


def _set(session: Session, name: str, kind: str | None, who: str) -> int:
    session.execute(delete(StateName).where(StateName.name == name))
    if kind is not None:
        session.add(StateName(name=name, state_type=kind))
    meaning = kind or state_type(name)
    changed = update(Ticket).where(Ticket.state == name).values(state_type=meaning)
    count = session.connection().execute(changed).rowcount
    session.execute(
        insert(DatabaseLog).values(
            entry(
                "state_type",
                N_("State “{name}” now means {meaning}."),
                {"name": name, "meaning": meaning},
                who=who,
                affected=count,
                table="state_name",
            )
        )
    )
    return count
