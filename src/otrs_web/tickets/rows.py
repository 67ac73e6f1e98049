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
from otrs_web.tickets.view import View, seconds

#: the age of a ticket at the instant of a view: what the table has of it is that of its import
AGE_SECONDS, AGE_TEXT = "age_seconds", "age_text"
#: what gives the values of a column at some places
_Reader = Callable[[Integers], Sequence[Any]]


async def read_rows(
    session: AsyncSession, view: View, places: Integers, names: Sequence[str]
) -> Sequence[Any]:
    """The tickets at these places, in this order, as named tuples of the columns `names`: no query, or one
    if no array holds one of them. It takes every id as a parameter: some thousand tickets at most.

    Beside the columns of the table there are AGE_SECONDS and AGE_TEXT, the age at the view's `as_of`."""
    columns = view.columns
    held: dict[str, _Reader] = {
        **_held(columns),
        AGE_SECONDS: lambda places: _ages(view, places),
        AGE_TEXT: lambda places: [None if age is None else age_text(age) for age in _ages(view, places)],
    }
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


def _ages(view: View, places: Integers) -> Sequence[int | None]:
    born, now = view.columns.born[places], seconds(view.as_of)
    return [None if at == EARLY else max(0, now - at) for at in born.tolist()]


def age_text(age: int) -> str:
    """An age in seconds as OTRS writes it: `35 d 20 h`, `5 h 12 m`, `3 m`."""
    days, hours, minutes = age // 86_400, age % 86_400 // 3600, age % 3600 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} m" if hours else f"{minutes} m"


def _times(held: Integers, places: Integers) -> Sequence[Any]:
    chosen = held[places]
    moments = np.where(chosen == EARLY, np.datetime64("NaT"), chosen.astype("datetime64[s]"))
    return list(moments.tolist())


def _system_times(held: Integers, places: Integers) -> Sequence[Any]:
    return [at and at.replace(tzinfo=UTC) for at in _times(held, places)]


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
