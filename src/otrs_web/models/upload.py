"""Uploads, what they changed, and the one row that says which state the data is in.

The upload row is the only record of an import's progress and result: pages and scripts read it, the job
queue only carries its id.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from otrs_web.models.base import Base, UtcDateTime, WallClock

#: what a request calls a mode -> what `import_mode` holds, in the original application's words
MODES = {"replace": "clear_existing", "incremental": "incremental"}
UNFINISHED = ("queued", "running")


class Upload(Base):
    __tablename__ = "upload_detail"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    filename: Mapped[str] = mapped_column(String(255), index=True)
    upload_time: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    record_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    new_records_count: Mapped[int | None] = mapped_column(Integer)
    import_mode: Mapped[str | None] = mapped_column(String(50))
    stored_filename: Mapped[str | None] = mapped_column(String(255))

    status: Mapped[str] = mapped_column(String(12), default="done", server_default="done")
    step: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_total: Mapped[int | None] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    as_of_given: Mapped[datetime | None] = mapped_column(WallClock)
    snapshot_at: Mapped[datetime | None] = mapped_column(WallClock)
    snapshot_source: Mapped[str | None] = mapped_column(String(12))
    updated_records_count: Mapped[int | None] = mapped_column(Integer)
    unchanged_records_count: Mapped[int | None] = mapped_column(Integer)
    rejected_records_count: Mapped[int | None] = mapped_column(Integer)
    removed_records_count: Mapped[int | None] = mapped_column(Integer)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    report: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (Index("ix_upload_detail_status", "status"),)

    @property
    def mode(self) -> str:
        """`replace` or `incremental`."""
        return "incremental" if self.import_mode == "incremental" else "replace"

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED


class TicketChange(Base):
    """What one import changed on one known ticket: `changes` is {column: [before, after]}."""

    __tablename__ = "ticket_change"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_number: Mapped[str] = mapped_column(String(100), index=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload_detail.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class DataState(Base):
    """One row (id 1): the version of the stored tickets, counted up by whatever changes them.

    `as_of` is the latest snapshot's time, `open_by` the rule that `is_open` and `left_at` were derived with.
    """

    __tablename__ = "data_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=0)
    as_of: Mapped[datetime | None] = mapped_column(WallClock)
    open_by: Mapped[str] = mapped_column(String(12), default="state")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StoredFacts(Base):
    """One version of the data: the unfiltered facts (tickets/facts.py) as JSON, and all tickets as columns
    (tickets/columns.py)."""

    __tablename__ = "stored_facts"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counts: Mapped[str] = mapped_column(Text)
    columns: Mapped[bytes] = mapped_column(LargeBinary)


class StateName(Base):
    """A state name that the site's administrator has given a type."""

    __tablename__ = "state_name"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    state_type: Mapped[str] = mapped_column(String(10))


class DatabaseLog(Base):
    """One change to the data (database_log.py)."""

    __tablename__ = "database_log"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    operation_time: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    operation_type: Mapped[str] = mapped_column(String(50), index=True)
    table_name: Mapped[str | None] = mapped_column(String(50))
    records_affected: Mapped[int | None] = mapped_column(Integer)
    operation_details: Mapped[str | None] = mapped_column(Text)
    user_info: Mapped[str | None] = mapped_column(Text)
    filename: Mapped[str | None] = mapped_column(String(255))
    message: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
