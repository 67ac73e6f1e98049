"""All tables. Names and columns of the original application stay; what the design adds stands behind them."""

from otrs_web.models.base import Base, UtcDateTime, WallClock
from otrs_web.models.records import (
    AppUpdateStatus,
    AuthFailure,
    DailyStatistics,
    ResponsibleConfig,
    Schedule,
    Statistic,
    StatisticsConfig,
    StatisticsLog,
)
from otrs_web.models.ticket import AGE_SEGMENTS, DAILY_AGE_SEGMENTS, OPEN_STATE_TYPES, Ticket
from otrs_web.models.upload import (
    MODES,
    UNFINISHED,
    DatabaseLog,
    DataState,
    StateName,
    StoredFacts,
    TicketChange,
    Upload,
)

__all__ = [
    "AGE_SEGMENTS",
    "DAILY_AGE_SEGMENTS",
    "MODES",
    "OPEN_STATE_TYPES",
    "UNFINISHED",
    "AppUpdateStatus",
    "AuthFailure",
    "Base",
    "DailyStatistics",
    "DataState",
    "DatabaseLog",
    "ResponsibleConfig",
    "Schedule",
    "StateName",
    "Statistic",
    "StatisticsConfig",
    "StatisticsLog",
    "StoredFacts",
    "Ticket",
    "TicketChange",
    "Upload",
    "UtcDateTime",
    "WallClock",
]
