"""The original's records beside the tickets, one function for each table: a row of the file to the row that
is stored here. Its system times are in UTC (uploads.py tells which are not)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any

import msgspec

from otrs_web.adopt.cells import Cells, LeftOut
from otrs_web.adopt.selections import parse_selection
from otrs_web.adopt.uploads import Uploads
from otrs_web.i18n import N_
from otrs_web.models import MODES

Values = dict[str, Any]
DAILY_COUNTS = (
    "opening_balance", "new_tickets", "resolved_tickets", "closing_balance",
    "age_lt_24h", "age_24_48h", "age_48_72h", "age_72_96h", "age_gt_96h",
)  # fmt: skip
_NO_TIME = N_("Left out, since the time is missing or cannot be read: {n}.")
_NO_DAY = N_("Left out, since the day is missing or cannot be read: {n}.")
_FUTURE = N_("Left out, since the day is yet to come: {n}.")
_NO_NAME = N_("Left out, since the file's name is missing: {n}.")
_NOBODY = N_("Left out, since it is not known whose they are: {n}.")
_NO_SELECTION = N_("Left out, since they are no list of names: {n}.")
_NO_SCHEDULE = N_("Left out, since the time of day is not like 23:59: {n}.")
_NO_VERSION = N_("Left out, since the version is missing: {n}.")
#: a release wrote the runs of its daily statistics by the clock of Shanghai, wherever it ran
_SHANGHAI = timezone(timedelta(hours=8))
_STATES = {"idle", "up_to_date", "update_available", "update_failed", "error"}


@dataclass(frozen=True)
class Context:
    """What rows are read with. `upload_ids` are ours by the original's, once the uploads are stored; `today`
    is the site's."""

    uploads: Uploads
    upload_ids: Mapping[int, int]
    today: date


def upload(cells: Cells, context: Context) -> Values:
    number = cells.raw("id")
    filename = cells.text("filename")
    if filename is None:
        raise LeftOut(_NO_NAME)
    clock = context.uploads.clocks.get(number, UTC) if isinstance(number, int) else UTC
    values = {
        "filename": filename[-255:],
        "upload_time": cells.instant("upload_time", clock),
        "record_count": cells.whole("record_count") or 0,
        "new_records_count": cells.whole("new_records_count"),
        "import_mode": cells.text("import_mode", 50) or MODES["replace"],
        "stored_filename": _inside(cells.text("stored_filename", 255)),
    }
    return _timed(values, "upload_time") | {"status": "done", "step": 7}


def _inside(stored: str | None) -> str | None:
    """The name of a stored file, which is there once somebody brings the original's uploads as well; never a
    way out of their folder."""
    return stored if stored and PurePath(stored).name == stored and "\\" not in stored else None


def statistic(cells: Cells, context: Context) -> Values:
    counts = (
        "total_records",
        "current_open_count",
        "empty_firstresponse_count",
        "daily_new_count",
        "daily_closed_count",
        "record_count",
    )
    values: Values = {
        "query_time": cells.instant("query_time"),
        "query_type": cells.text("query_type", 50) or "unknown",
        **{name: cells.whole(name) for name in counts},
        "age_segment": cells.text("age_segment", 50),
    }
    upload_id = cells.whole("upload_id")
    ours = None if upload_id is None else context.upload_ids.get(upload_id)
    return _timed(values, "query_time") | {"upload_id": ours}


def daily(cells: Cells, context: Context) -> Values:
    """A schema of the original called the day `date`."""
    day = cells.day("statistic_date") or cells.day("date")
    if day is None:
        raise LeftOut(_NO_DAY)
    if day > context.today:
        raise LeftOut(_FUTURE)
    return {
        "statistic_date": day,
        **{name: cells.whole(name) or 0 for name in DAILY_COUNTS},
        "provisional": False,
        "snapshot_at": None,
        "created_at": cells.instant("created_at"),
        "updated_at": cells.instant("updated_at"),
    }


#: counts of a run that only some releases logged
_LATER_RUN_COUNTS = ("age_gt_96h", "opening_balance", "new_tickets", "resolved_tickets")


def run(cells: Cells, _context: Context) -> Values:
    """Releases differ: in the names of two columns, and in the clock of `execution_time`, which has been UTC
    and that of Shanghai; but `created_at` was written in UTC in the same moment."""
    created, failed = cells.instant("created_at"), cells.text("status") == "error"
    executed = created or cells.instant("execution_time", UTC if failed else _SHANGHAI)
    values = {
        "execution_time": executed,
        "statistic_date": cells.day("statistic_date"),
        "age_24h": _either(cells, "age_24h", "age_lt_24h"),
        **{name: cells.whole(name) or 0 for name in ("age_24_48h", "age_48_72h", "age_72_96h")},
        "total_open": _either(cells, "total_open", "closing_balance"),
        **{name: cells.whole(name) or 0 for name in _LATER_RUN_COUNTS},
        "status": cells.text("status", 20) or "success",
        "error_message": cells.text("error_message"),
    }
    return _timed(values, "execution_time") | {"created_at": created or executed}


def _either(cells: Cells, *names: str) -> int:
    """Of two names of a count one is blank or zero."""
    return max((cells.whole(name) or 0 for name in names), default=0)


def schedule(cells: Cells, _context: Context) -> Values:
    try:
        at = datetime.strptime(cells.text("schedule_time") or "", "%H:%M")
    except ValueError as error:
        raise LeftOut(_NO_SCHEDULE) from error
    enabled = cells.flag("enabled")
    return {
        "schedule_time": f"{at:%H:%M}",
        "enabled": True if enabled is None else enabled,
        "created_at": cells.instant("created_at"),
        "updated_at": cells.instant("updated_at"),
    }


def selection(cells: Cells, _context: Context) -> Values:
    who = cells.text("user_identifier", 255)
    if who is None:
        raise LeftOut(_NOBODY)
    try:
        names = parse_selection(cells.text("selected_responsibles") or "[]")
    except ValueError as error:
        raise LeftOut(_NO_SELECTION) from error
    return {
        "user_identifier": who,
        "selected_responsibles": msgspec.json.encode(names).decode(),
        "created_at": cells.instant("created_at"),
        "updated_at": cells.instant("updated_at"),
    }


def log_entry(cells: Cells, _context: Context) -> Values:
    values = {
        "operation_time": cells.instant("operation_time"),
        "operation_type": cells.text("operation_type", 50) or "unknown",
        "table_name": cells.text("table_name", 50),
        "records_affected": cells.whole("records_affected"),
        "operation_details": cells.text("operation_details"),
        "user_info": cells.text("user_info"),
        "filename": cells.text("filename", 255),
    }
    return _timed(values, "operation_time") | {"message": None}


def update_status(cells: Cells, _context: Context) -> Values:
    """An update of the original that was under way is over here."""
    version = cells.text("current_version", 64)
    if version is None:
        raise LeftOut(_NO_VERSION)
    status = cells.text("status", 32)
    times = (
        "published_at",
        "notified_at",
        "last_checked_at",
        "last_update_started_at",
        "last_update_completed_at",
        "created_at",
        "updated_at",
    )
    return {
        "current_version": version,
        "latest_version": cells.text("latest_version", 64),
        "release_name": cells.text("release_name", 255),
        "release_body": cells.text("release_body"),
        "release_url": cells.text("release_url", 512),
        "status": status if status in _STATES else "idle",
        "last_error": cells.text("last_error"),
        **{name: cells.instant(name) for name in times},
    }


def _timed(values: Values, name: str) -> Values:
    if values[name] is None:
        raise LeftOut(_NO_TIME)
    return values


READERS: Mapping[str, Callable[[Cells, Context], Values]] = {
    "upload_detail": upload,
    "statistic": statistic,
    "daily_statistics": daily,
    "statistics_config": schedule,
    "statistics_log": run,
    "responsible_config": selection,
    "database_log": log_entry,
    "app_update_status": update_status,
}
