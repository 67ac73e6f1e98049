"""What the application that this one follows asks its database for an analysis, as something to compare a
dashboard with: one plain query for each figure, grouped by the day or the value, over the stored tickets
themselves. It has no filters; with one, every query gets the same WHERE. They run one after the other on the
same table with the same indexes, so they are rather quicker here than there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from otrs_web.models import Ticket


def analysis(connection: Connection, as_of: datetime, *where: ColumnElement[bool]) -> dict[str, Any]:
    """All figures of the original's results page."""
    is_open, unanswered = Ticket.closed_date.is_(None), Ticket.first_response.is_(None)
    number = func.count()

    def one(*conditions: ColumnElement[bool]) -> int:
        query = select(number).select_from(Ticket).where(*conditions, *where)
        return int(connection.execute(query).scalar_one())

    def grouped(value: Any, *conditions: ColumnElement[bool]) -> dict[Any, int]:
        query = select(value, number).where(*conditions, *where).group_by(value)
        return {key: n for key, n in connection.execute(query)}  # noqa: C416 - rows, not pairs

    bounds = [as_of - timedelta(hours=hours) for hours in (24, 48, 72)]
    segments = [(Ticket.created_date >= bound, at) for at, bound in enumerate(bounds)]
    return {
        "total": one(),
        "open": one(is_open),
        "unanswered": one(is_open, unanswered),
        "new": grouped(func.date(Ticket.created_date), Ticket.created_date.is_not(None)),
        "closed": grouped(func.date(Ticket.closed_date), Ticket.closed_date.is_not(None)),
        "priority": grouped(Ticket.priority),
        "state": grouped(Ticket.state),
        "unanswered_by_priority": grouped(Ticket.priority, is_open, unanswered),
        "ages": grouped(case(*segments, else_=3), is_open),
    }
