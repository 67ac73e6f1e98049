"""Builds database files as the original application left them, in the schemas of several of its releases.
Times are written as SQLAlchemy writes them to SQLite: with microseconds, without a zone."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

TICKET = """
CREATE TABLE otrs_ticket (
    id INTEGER NOT NULL, ticket_number VARCHAR(100) NOT NULL, created_date DATETIME, closed_date DATETIME,
    state VARCHAR(100), priority VARCHAR(50), first_response VARCHAR(255), age VARCHAR(50), age_hours FLOAT,
    queue VARCHAR(255), owner VARCHAR(255), customer_id VARCHAR(255), customer_realname VARCHAR(255),
    title TEXT, service VARCHAR(255), type VARCHAR(100), category VARCHAR(255), sub_category VARCHAR(255),
    responsible VARCHAR(255), import_time DATETIME, data_source VARCHAR(255), raw_data TEXT, PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_otrs_ticket_ticket_number ON otrs_ticket (ticket_number);
CREATE INDEX ix_otrs_ticket_import_time ON otrs_ticket (import_time);
"""
LOOSE_TICKET = TICKET.replace("VARCHAR(100) NOT NULL", "VARCHAR(100)").replace("UNIQUE ", "")
FIRST_TICKET = LOOSE_TICKET.replace("    responsible VARCHAR(255), import_time", "    import_time")
STATISTIC = """
CREATE TABLE statistic (
    id INTEGER NOT NULL, query_time DATETIME, query_type VARCHAR(50), total_records INTEGER,
    current_open_count INTEGER, empty_firstresponse_count INTEGER, daily_new_count INTEGER,
    daily_closed_count INTEGER, age_segment VARCHAR(50), record_count INTEGER, upload_id INTEGER,
    PRIMARY KEY (id), FOREIGN KEY(upload_id) REFERENCES upload_detail (id)
);
"""
FIRST_UPLOAD = """
CREATE TABLE upload_detail (
    id INTEGER NOT NULL, filename VARCHAR(255) NOT NULL, upload_time DATETIME, record_count INTEGER NOT NULL,
    import_mode VARCHAR(50), PRIMARY KEY (id)
);
"""
UPLOAD = FIRST_UPLOAD.replace(
    "    import_mode", "    new_records_count INTEGER, stored_filename VARCHAR(255), import_mode"
)
RECORDS = """
CREATE TABLE daily_statistics (
    id INTEGER NOT NULL, statistic_date DATE NOT NULL, opening_balance INTEGER, new_tickets INTEGER,
    resolved_tickets INTEGER, closing_balance INTEGER, age_lt_24h INTEGER, age_24_48h INTEGER,
    age_48_72h INTEGER, age_72_96h INTEGER, age_gt_96h INTEGER, created_at DATETIME, updated_at DATETIME,
    PRIMARY KEY (id), UNIQUE (statistic_date)
);
CREATE TABLE statistics_config (
    id INTEGER NOT NULL, schedule_time VARCHAR(5), enabled BOOLEAN, created_at DATETIME, updated_at DATETIME,
    PRIMARY KEY (id)
);
CREATE TABLE responsible_config (
    id INTEGER NOT NULL, user_identifier VARCHAR(255), selected_responsibles TEXT, created_at DATETIME,
    updated_at DATETIME, PRIMARY KEY (id)
);
CREATE TABLE database_log (
    id INTEGER NOT NULL, operation_time DATETIME, operation_type VARCHAR(50), table_name VARCHAR(50),
    records_affected INTEGER, operation_details TEXT, user_info VARCHAR(255), filename VARCHAR(255),
    PRIMARY KEY (id)
);
"""
FIRST_RUN = """
CREATE TABLE statistics_log (
    id INTEGER NOT NULL, execution_time DATETIME, statistic_date DATE, age_24h INTEGER, age_24_48h INTEGER,
    age_48_72h INTEGER, age_72_96h INTEGER, total_open INTEGER, status VARCHAR(20), error_message TEXT,
    created_at DATETIME, PRIMARY KEY (id)
);
"""
RUN = """
CREATE TABLE statistics_log (
    id INTEGER NOT NULL, execution_time DATETIME, statistic_date DATE, opening_balance INTEGER,
    new_tickets INTEGER, resolved_tickets INTEGER, closing_balance INTEGER, age_lt_24h INTEGER,
    age_24_48h INTEGER, age_48_72h INTEGER, age_72_96h INTEGER, age_gt_96h INTEGER, status VARCHAR(20),
    error_message TEXT, created_at DATETIME, PRIMARY KEY (id)
);
"""
UPDATES = """
CREATE TABLE app_update_status (
    id INTEGER NOT NULL, current_version VARCHAR(64) NOT NULL, latest_version VARCHAR(64),
    release_name VARCHAR(255), release_body TEXT, release_url VARCHAR(512), published_at DATETIME,
    status VARCHAR(32), notified_at DATETIME, last_checked_at DATETIME, last_update_started_at DATETIME,
    last_update_completed_at DATETIME, last_error TEXT, created_at DATETIME, updated_at DATETIME,
    PRIMARY KEY (id)
);
CREATE TABLE system_config (id INTEGER NOT NULL, "key" VARCHAR(255) NOT NULL, value TEXT, PRIMARY KEY (id));
"""
#: what a release's database looks like: the last one, one with tables changed by hand, and the first one
LAST = TICKET + UPLOAD + STATISTIC + RECORDS + RUN + UPDATES
LOOSE = LOOSE_TICKET + UPLOAD + STATISTIC + RECORDS + RUN + UPDATES
FIRST = FIRST_TICKET + FIRST_UPLOAD + STATISTIC + FIRST_RUN
Row = Mapping[str, Any]


def build(path: Path, schema: str = LAST, **tables: Iterable[Row]) -> Path:
    """A closed database file with rows by table."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema)
        fill(connection, **tables)
    return path


def fill(connection: sqlite3.Connection, **tables: Iterable[Row]) -> None:
    for table, rows in tables.items():
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def ticket(number: Any, created: Any = "2025-08-20 09:00:00.000000", **values: Any) -> Row:
    return {
        "ticket_number": number,
        "created_date": created,
        "state": "open",
        "import_time": "2025-08-27 18:20:05.123456",
        "data_source": "ticket_search_2025-08-27_18-18.xlsx",
        **values,
    }
