"""Tickets as rows, for lists and files. What the arrays hold is taken from them; only the rest, such as
numbers and titles, is asked of the database, by id."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import cache, partial
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import Ticket
from otrs_web.tickets.columns import EARLY, Coded, Columns, Integers

#: what gives the values of a column at some places
_Reader = Callable[[Integers], Sequence[Any]]


async def read_rows(
    session: AsyncSession, columns: Columns, places: Integers, names: Sequence[str]
) -> Sequence[Any]:
    """The tickets at these places, in this order, as named tuples of the columns `names`: no query, or one
    if no array holds one of them. It takes every id as a parameter: some thousand tickets at most."""
    held = _held(columns)
    missing = [name for name in names if name not in held]
    ids = columns.ids[places].tolist()
    asked = await _asked(session, ids, missing) if missing and ids else {}
    values = [held[name](places) if name in held else asked.get(name, ()) for name in names]
    return list(map(_row_type(tuple(names))._make, zip(*values, strict=True)))


def _held(columns: Columns) -> Mapping[str, _Reader]:
    """The columns that arrays hold."""
    return {
        "id": lambda places: columns.ids[places].tolist(),
        "is_open": lambda places: columns.is_open[places].tolist(),
        "upload_id": lambda places: [one or None for one in columns.upload_ids[places].tolist()],
        "created_date": partial(_times, columns.times["created_date"]),
        "closed_date": partial(_times, columns.times["closed_date"]),
        "import_time": partial(_system_times, columns.times["import_time"]),
        **{name: partial(_words, coded) for name, coded in columns.coded.items()},
    }


def _times(seconds: Integers, places: Integers) -> Sequence[Any]:
    chosen = seconds[places]
    moments = np.where(chosen == EARLY, np.datetime64("NaT"), chosen.astype("datetime64[s]"))
    return list(moments.tolist())


def _system_times(seconds: Integers, places: Integers) -> Sequence[Any]:
    return [at and at.replace(tzinfo=UTC) for at in _times(seconds, places)]


def _words(coded: Coded, places: Integers) -> Sequence[str | None]:
    return [None if code < 0 else coded.values[code] for code in coded.codes[places].tolist()]


async def _asked(
    session: AsyncSession, ids: Sequence[int], names: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    query = select(Ticket.id, *(getattr(Ticket, name) for name in names)).where(Ticket.id.in_(ids))
    connection = await session.connection()  # plain rows: the session would look for entities in each
    found = {row[0]: row for row in (await connection.execute(query)).all()}
    _, *columns = zip(*(found[one] for one in ids), strict=True)
    return dict(zip(names, columns, strict=True))


@cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("TicketRow", names)
