"""The ticket, and what its dates and state mean.

That is decided once, when it is stored (`Ticket.derived`): `is_open` and `left_at`, the instant at which it
leaves the backlog. Every statistic and every list reads these two, so a number and the list behind it cannot
disagree.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    and_,
    case,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from otrs_web.models.base import Base, UtcDateTime, WallClock

OPEN_STATE_TYPES = ("new", "open", "pending")
#: age segment -> (hours more than, hours at most); a boundary belongs to the lower segment
AGE_SEGMENTS: Mapping[str, tuple[int | None, int | None]] = {
    "24h": (None, 24),
    "24_48h": (24, 48),
    "48_72h": (48, 72),
    "72h": (72, None),
}
#: the same of the daily statistics; a boundary belongs to the upper segment
DAILY_AGE_SEGMENTS: Mapping[str, tuple[int, int | None]] = {
    "lt_24h": (0, 24),
    "24_48h": (24, 48),
    "48_72h": (48, 72),
    "72_96h": (72, 96),
    "gt_96h": (96, None),
}


class Ticket(Base):
    __tablename__ = "otrs_ticket"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_number: Mapped[str] = mapped_column(String(100), unique=True)
    created_date: Mapped[datetime | None] = mapped_column(WallClock, index=True)
    closed_date: Mapped[datetime | None] = mapped_column(WallClock)
    state: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[str | None] = mapped_column(Text)
    first_response: Mapped[str | None] = mapped_column(Text)
    age: Mapped[str | None] = mapped_column(Text)
    age_hours: Mapped[float | None] = mapped_column(Float)
    queue: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    customer_id: Mapped[str | None] = mapped_column(Text)
    customer_realname: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    service: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    sub_category: Mapped[str | None] = mapped_column(Text)
    responsible: Mapped[str | None] = mapped_column(Text, index=True)
    import_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    data_source: Mapped[str | None] = mapped_column(Text)
    raw_data: Mapped[str | None] = mapped_column(Text)

    state_type: Mapped[str] = mapped_column(String(10))
    is_open: Mapped[bool] = mapped_column(Boolean(create_constraint=False))
    left_at: Mapped[datetime | None] = mapped_column(WallClock, index=True)
    estimated_created: Mapped[datetime | None] = mapped_column(WallClock)
    snapshot_at: Mapped[datetime] = mapped_column(WallClock)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload_detail.id"))
    first_upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload_detail.id"))

    __table_args__ = (Index("ix_otrs_ticket_is_open_created_date", "is_open", "created_date"),)

    @classmethod
    def derived(cls, columns: Mapping[str, Any], open_by: str) -> dict[str, ColumnElement[Any]]:
        """`is_open` and `left_at` as SQL over `created_date`, `closed_date` and `state_type` of `columns`.

        `open_by` is `state` or `closed_date` (the original application's rule). A ticket that is not open
        leaves the backlog when it was closed, never before it was created; without a close time at its
        creation; without a creation time it is in no daily figure (metrics.md, "Counts").
        """
        created, closed, state_type = (columns[n] for n in ("created_date", "closed_date", "state_type"))
        is_open = closed.is_(None)
        if open_by == "state":
            is_open = or_(state_type.in_(OPEN_STATE_TYPES), and_(state_type == "unknown", closed.is_(None)))
        left_at = case(
            (or_(is_open, created.is_(None)), None),
            (or_(closed.is_(None), closed < created), created),
            else_=closed,
        )
        return {"is_open": case((is_open, true()), else_=~true()), "left_at": left_at}

    def is_open_at(self, instant: datetime) -> bool:
        """Created at or before `instant` and not yet left; without a creation time if open now."""
        if self.created_date is None:
            return self.is_open
        return self.created_date <= instant and (self.left_at is None or self.left_at > instant)
