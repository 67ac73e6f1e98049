"""Records beside the tickets: statistics that were computed, their schedule, selections and update status."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from otrs_web.models.base import Base, UtcDateTime, WallClock


class Statistic(Base):
    """One computed analysis: which query, when, and its counts."""

    __tablename__ = "statistic"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    query_time: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    query_type: Mapped[str] = mapped_column(String(50), index=True)
    total_records: Mapped[int | None] = mapped_column(Integer)
    current_open_count: Mapped[int | None] = mapped_column(Integer)
    empty_firstresponse_count: Mapped[int | None] = mapped_column(Integer)
    daily_new_count: Mapped[int | None] = mapped_column(Integer)
    daily_closed_count: Mapped[int | None] = mapped_column(Integer)
    age_segment: Mapped[str | None] = mapped_column(String(50))
    record_count: Mapped[int | None] = mapped_column(Integer)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload_detail.id"))


class DailyStatistics(Base):
    __tablename__ = "daily_statistics"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statistic_date: Mapped[date] = mapped_column(Date, unique=True)
    opening_balance: Mapped[int] = mapped_column(Integer, default=0)
    new_tickets: Mapped[int] = mapped_column(Integer, default=0)
    resolved_tickets: Mapped[int] = mapped_column(Integer, default=0)
    closing_balance: Mapped[int] = mapped_column(Integer, default=0)
    age_lt_24h: Mapped[int] = mapped_column(Integer, default=0)
    age_24_48h: Mapped[int] = mapped_column(Integer, default=0)
    age_48_72h: Mapped[int] = mapped_column(Integer, default=0)
    age_72_96h: Mapped[int] = mapped_column(Integer, default=0)
    age_gt_96h: Mapped[int] = mapped_column(Integer, default=0)
    provisional: Mapped[bool] = mapped_column(Boolean(create_constraint=False), default=False)
    snapshot_at: Mapped[datetime | None] = mapped_column(WallClock)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StatisticsConfig(Base):
    __tablename__ = "statistics_config"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    schedule_time: Mapped[str] = mapped_column(String(5), default="23:59")
    enabled: Mapped[bool] = mapped_column(Boolean(create_constraint=False), default=True)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StatisticsLog(Base):
    """One run of the daily statistics: `occasion` is schedule, missed, manual or command; `days` were
    computed, up to `statistic_date`, whose figures it shows."""

    __tablename__ = "statistics_log"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    execution_time: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    statistic_date: Mapped[date | None] = mapped_column(Date, index=True)
    age_24h: Mapped[int] = mapped_column(Integer, default=0)
    age_24_48h: Mapped[int] = mapped_column(Integer, default=0)
    age_48_72h: Mapped[int] = mapped_column(Integer, default=0)
    age_72_96h: Mapped[int] = mapped_column(Integer, default=0)
    total_open: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(20), default="success")
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    occasion: Mapped[str | None] = mapped_column(String(12))
    days: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    age_gt_96h: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    opening_balance: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    new_tickets: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    resolved_tickets: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Schedule(Base):
    """What happens every day, and for which due instant it was last taken up (schedule.py)."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_due: Mapped[datetime] = mapped_column(UtcDateTime)


class ResponsibleConfig(Base):
    __tablename__ = "responsible_config"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_identifier: Mapped[str | None] = mapped_column(String(255), index=True)
    selected_responsibles: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AppUpdateStatus(Base):
    """One row (updates/status.py). `target_*` is what an update would lead to: its kind is release, tag or
    branch. `answers` is what GitHub said last, by address; `fault` is `last_error` in any language."""

    __tablename__ = "app_update_status"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    current_version: Mapped[str] = mapped_column(String(64))
    latest_version: Mapped[str | None] = mapped_column(String(64))
    release_name: Mapped[str | None] = mapped_column(String(255))
    release_body: Mapped[str | None] = mapped_column(Text)
    release_url: Mapped[str | None] = mapped_column(String(512))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(32), default="idle")
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_update_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_update_completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    target_kind: Mapped[str | None] = mapped_column(String(8))
    target_ref: Mapped[str | None] = mapped_column(String(255))
    target_commit: Mapped[str | None] = mapped_column(String(64))
    assets: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    limited_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updating_from: Mapped[str | None] = mapped_column(String(64))
    updating_to: Mapped[str | None] = mapped_column(String(255))
    update_step: Mapped[str | None] = mapped_column(String(32))


class AuthFailure(Base):
    """A wrong admin password: kept in the database so that every process counts the same ones."""

    __tablename__ = "auth_failure"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_auth_failure_address_at", "address", "at"),)
