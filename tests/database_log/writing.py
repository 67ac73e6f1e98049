"""Entries of the log as tests want them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from otrs_web.database import SyncDatabase
from otrs_web.database_log import SCHEDULE, browser, entry
from otrs_web.models import DatabaseLog
from otrs_web.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def imported(at: datetime = NOW, filename: str = "export.xlsx", new: int = 1200) -> dict[str, Any]:
    message = "Imported, replacing: {new} new, {updated} updated, {unchanged} unchanged."
    params = {"new": new, "updated": 3, "unchanged": 0}
    who = browser("192.0.2.9", FIREFOX)
    row = entry("upload", message, params, who=who, affected=new, table="otrs_ticket", filename=filename)
    return row | {"operation_time": at}


def backed_up(at: datetime = NOW, name: str = "backup-1.zip") -> dict[str, Any]:
    message = "A backup was made: {file}, {tickets} tickets."
    row = entry("backup", message, {"file": name, "tickets": 7}, who=SCHEDULE, affected=7, filename=name)
    return row | {"operation_time": at}


def adopted(at: datetime = NOW, **values: Any) -> dict[str, Any]:
    """As the original application wrote it."""
    row: dict[str, Any] = {
        "operation_time": at,
        "operation_type": "manual_edit",
        "table_name": "otrs_ticket",
        "records_affected": None,
        "operation_details": "Ticket 2026-17 edited: 100% {done}",
        "message": None,
        "user_info": "root",
        "filename": None,
    }
    return row | values


def write(settings: Settings, *rows: dict[str, Any]) -> None:
    db = SyncDatabase(settings)
    with db.write() as session:
        for row in rows:
            session.execute(insert(DatabaseLog).values(row))
    db.dispose()


def write_many(settings: Settings, number: int) -> None:
    """One entry a minute, the last one at NOW; every tenth is a backup."""
    rows = [
        (backed_up if place % 10 == 0 else imported)(NOW - timedelta(minutes=number - place))
        for place in range(1, number + 1)
    ]
    db = SyncDatabase(settings)
    with db.write() as session:
        session.add_all(DatabaseLog(**row) for row in rows)
    db.dispose()
