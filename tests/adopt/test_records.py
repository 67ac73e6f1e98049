"""The records beside the tickets: which values they become, by which clock, and that they never double."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from otrs_web.adopt.selections import parse_selection
from otrs_web.clock import frozen
from otrs_web.database import SyncDatabase
from otrs_web.models import (
    AppUpdateStatus,
    DailyStatistics,
    DatabaseLog,
    ResponsibleConfig,
    Statistic,
    StatisticsConfig,
    StatisticsLog,
    StoredFacts,
    Ticket,
    Upload,
)
from tests.adopt.conftest import take
from tests.adopt.original import FIRST_RUN, TICKET, build, ticket

NAME = "ticket_search_2025-08-27_18-18.xlsx"
NOW = datetime(2026, 1, 12, 17, tzinfo=UTC)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def upload(**values):
    return {"id": 7, "filename": NAME, "record_count": 1, "import_mode": "clear_existing", **values}


def logged(time, **values):
    return {
        "operation_time": time,
        "operation_type": "upload",
        "table_name": "otrs_ticket",
        "records_affected": 1,
        "operation_details": "Imported tickets from Excel file (batch import)",
        "user_info": "IP: 10.0.0.5, Browser: Firefox",
        "filename": NAME,
        **values,
    }


def everything():
    """A file with something in all nine tables."""
    return {
        "otrs_ticket": [ticket("1")],
        "upload_detail": [upload(upload_time="2025-08-27 18:20:06.000000", new_records_count=1)],
        "statistic": [
            {
                "query_time": "2025-08-27 16:20:09.000000",
                "query_type": "main_analysis",
                "total_records": 1,
                "upload_id": 7,
            },
            {"query_time": "2025-08-27 16:21:00.000000", "query_type": "age_details", "age_segment": "24h"},
            {"query_time": "2025-08-27 16:21:00.000000", "query_type": "age_details", "age_segment": "24h"},
        ],
        "daily_statistics": [
            {"statistic_date": "2020-01-01", "opening_balance": 1, "new_tickets": "2", "closing_balance": 3}
        ],
        "statistics_config": [
            {"schedule_time": "7:30", "enabled": 0, "updated_at": "2025-08-01 00:00:00.000000"}
        ],
        "statistics_log": [
            {
                "execution_time": "2025-08-27 23:59:00.000000",
                "statistic_date": "2025-08-27",
                "age_lt_24h": 4,
                "age_24_48h": 1,
                "closing_balance": 9,
                "status": "success",
                "created_at": "2025-08-27 15:59:00.000000",
            }
        ],
        "responsible_config": [
            {"user_identifier": "10.0.0.5", "selected_responsibles": "['Ann', \"O'Neill\"]"}
        ],
        "database_log": [logged("2025-08-27 16:20:05.900000")],
        "app_update_status": [
            {
                "current_version": "1.2.8",
                "latest_version": "1.3.0",
                "status": "updating",
                "published_at": "2025-08-01 10:00:00.000000",
            }
        ],
    }


RECORDS = (
    Upload, Statistic, StatisticsConfig, StatisticsLog, ResponsibleConfig, AppUpdateStatus,
)  # fmt: skip


def test_all_nine_tables_are_taken_over(install, tmp_path, rows_of):
    settings = install()
    with frozen(NOW):
        report = take(settings, build(tmp_path / "otrs_data.db", **everything()))
    assert {name: (table.found, table.taken) for name, table in report.tables.items()} == {
        "upload_detail": (1, 1),
        "otrs_ticket": (1, 1),
        "statistic": (3, 3),
        "daily_statistics": (1, 1),
        "statistics_config": (1, 1),
        "statistics_log": (1, 1),
        "responsible_config": (1, 1),
        "database_log": (1, 1),
        "app_update_status": (1, 1),
    }
    (stored,) = rows_of(settings, Upload)
    assert (stored["filename"], stored["import_mode"], stored["status"]) == (NAME, "clear_existing", "done")
    first, *twice = rows_of(settings, Statistic)
    assert (first["query_time"], first["total_records"], first["upload_id"]) == (
        utc(2025, 8, 27, 16, 20, 9),
        1,
        stored["id"],
    )
    assert [row["age_segment"] for row in twice] == ["24h", "24h"]
    (config,) = rows_of(settings, StatisticsConfig)
    assert (config["schedule_time"], config["enabled"]) == ("07:30", False)
    (run,) = rows_of(settings, StatisticsLog)
    assert (run["execution_time"], run["age_24h"], run["total_open"]) == (utc(2025, 8, 27, 15, 59), 4, 9)
    (chosen,) = rows_of(settings, ResponsibleConfig)
    assert json.loads(chosen["selected_responsibles"]) == ["Ann", "O'Neill"]
    log, adopted = rows_of(settings, DatabaseLog)
    assert (log["operation_time"], log["message"]) == (utc(2025, 8, 27, 16, 20, 5), None)
    assert (adopted["operation_type"], adopted["user_info"], adopted["operation_time"]) == (
        "adopt",
        "Command line",
        NOW,
    )
    assert (
        adopted["operation_details"]
        == "Taken over from the original application: 1 tickets and 10 other records."
    )
    assert adopted["records_affected"] == 11
    (status,) = rows_of(settings, AppUpdateStatus)
    assert (status["current_version"], status["status"], status["published_at"]) == (
        "1.2.8",
        "idle",
        utc(2025, 8, 1, 10),
    )


def test_the_same_file_twice_adds_nothing(install, tmp_path, rows_of):
    settings = install()
    path = build(tmp_path / "otrs_data.db", **everything())
    take(settings, path)
    before = [rows_of(settings, model) for model in RECORDS]
    days = [row["statistic_date"] for row in rows_of(settings, DailyStatistics)]
    tickets = rows_of(settings, Ticket)
    report = take(settings, path, replace=True)
    assert [rows_of(settings, model) for model in RECORDS] == before
    assert {name: table.known for name, table in report.tables.items() if table.known} == {
        "upload_detail": 1,
        "statistic": 3,
        "statistics_config": 1,
        "statistics_log": 1,
        "responsible_config": 1,
        "database_log": 1,
        "app_update_status": 1,
    }
    assert [row["statistic_date"] for row in rows_of(settings, DailyStatistics)] == days
    again = rows_of(settings, Ticket)
    assert [row | {"id": 0} for row in again] == [row | {"id": 0} for row in tickets]
    assert [row["operation_type"] for row in rows_of(settings, DatabaseLog)] == ["upload", "adopt", "adopt"]
    db = SyncDatabase(settings)
    with db.read() as session:
        assert session.scalar(select(StoredFacts.version)) == 2
    db.dispose()


@pytest.mark.parametrize(
    ("written", "log", "stored"),
    [
        ("2025-08-27 18:20:06.000000", "2025-08-27 16:20:05.000000", 16),
        ("2025-08-27 18:20:06.000000", "2025-08-27 18:20:05.000000", 18),
        ("2025-08-27 18:20:06.000000", None, 16),
    ],
    ids=["by the machine's clock", "in UTC", "nothing tells"],
)
def test_the_log_tells_by_which_clock_an_upload_was_written(install, tmp_path, rows_of, written, log, stored):
    settings = install()
    path = build(
        tmp_path / "otrs_data.db",
        otrs_ticket=[ticket("1", import_time=written)],
        upload_detail=[upload(upload_time=written, stored_filename="20250827_182005_a.xlsx")],
        database_log=[logged(log)] if log else [],
    )
    with frozen(NOW):
        take(settings, path)
    assert rows_of(settings, Upload)[0]["upload_time"].hour == stored
    assert rows_of(settings, Ticket)[0]["import_time"].hour == stored


def test_a_ticket_belongs_to_the_upload_of_its_time(install, tmp_path, rows_of):
    settings = install()
    path = build(
        tmp_path / "otrs_data.db",
        otrs_ticket=[
            ticket("1", import_time="2025-08-27 18:20:05.000000"),
            ticket("2", import_time="2025-08-29 08:00:00.000000"),
        ],
        upload_detail=[
            upload(id=3, upload_time="2025-08-27 18:20:06.000000"),
            upload(id=4, upload_time="2025-08-29 08:00:02.000000", stored_filename="../../etc/passwd"),
        ],
    )
    take(settings, path)
    early, late = rows_of(settings, Upload)
    assert [row["upload_id"] for row in rows_of(settings, Ticket)] == [early["id"], late["id"]]
    assert late["stored_filename"] is None


def test_runs_of_older_releases_were_in_utc_or_shanghai_s_clock(install, tmp_path, rows_of):
    settings = install()
    runs = [
        {"execution_time": "2025-08-27 23:59:00", "age_24h": 2, "total_open": 5, "status": "success"},
        {"execution_time": "2025-08-27 15:59:00", "status": "error", "error_message": "no such column"},
        {"execution_time": None, "status": "success"},
    ]
    report = take(settings, build(tmp_path / "otrs_data.db", TICKET + FIRST_RUN, statistics_log=runs))
    first, second = rows_of(settings, StatisticsLog)
    assert (first["execution_time"], first["age_24h"], first["total_open"]) == (
        utc(2025, 8, 27, 15, 59),
        2,
        5,
    )
    assert (second["execution_time"], second["error_message"]) == (utc(2025, 8, 27, 15, 59), "no such column")
    assert report["statistics_log"].left_out.total() == 1


def test_what_cannot_be_read_is_counted(install, tmp_path, rows_of):
    settings = install()
    path = build(
        tmp_path / "otrs_data.db",
        statistic=[
            {
                "query_time": "2025-08-27 16:20:09",
                "query_type": "x" * 60,
                "total_records": "many",
                "upload_id": 99,
            },
            {"query_time": "0000-00-00", "query_type": "main_analysis"},
            {"query_time": "yesterday", "query_type": "main_analysis"},
        ],
        statistics_config=[{"schedule_time": "25:61", "enabled": 1}],
        responsible_config=[
            {"user_identifier": None, "selected_responsibles": "[]"},
            {"user_identifier": "a", "selected_responsibles": "[1, 2]"},
            {"user_identifier": "b", "selected_responsibles": "[]"},
            {"user_identifier": "b", "selected_responsibles": '["Ann"]'},
        ],
        daily_statistics=[{"statistic_date": "soon"}, {"statistic_date": "2020-01-01", "new_tickets": 2**40}],
    )
    report = take(settings, path)
    (kept,) = rows_of(settings, Statistic)
    assert (kept["query_type"], kept["total_records"], kept["upload_id"]) == ("x" * 50, None, None)
    assert report["statistic"].left_out.total() == 2
    assert sorted(report["statistic"].changed.values()) == [1, 2]  # cut, unreadable
    assert rows_of(settings, StatisticsConfig) == []
    assert report["statistics_config"].left_out.total() == 1
    (selected,) = rows_of(settings, ResponsibleConfig)
    assert (selected["user_identifier"], selected["selected_responsibles"]) == ("b", '["Ann"]')
    assert report["responsible_config"].left_out.total() == 3
    assert report["daily_statistics"].changed.total() == 2


def test_what_was_changed_here_later_stays(install, tmp_path, rows_of):
    settings = install()
    db = SyncDatabase(settings)
    with db.write() as session:
        session.add(StatisticsConfig(schedule_time="06:00", enabled=True, updated_at=utc(2026, 1, 1)))
    db.dispose()
    report = take(settings, build(tmp_path / "otrs_data.db", **everything()))
    assert rows_of(settings, StatisticsConfig)[0]["schedule_time"] == "06:00"
    taken = report["statistics_config"]
    assert (taken.taken, taken.left_out.total()) == (0, 1)


def test_days_are_computed_from_the_tickets_where_these_tell(install, tmp_path, rows_of):
    settings = install()
    days = ["2025-08-21", "2025-08-27", "2020-01-01", "2999-01-01"]
    path = build(
        tmp_path / "otrs_data.db",
        otrs_ticket=[ticket("1")],
        daily_statistics=[{"statistic_date": day, "new_tickets": 99} for day in days],
    )
    taken = take(settings, path)["daily_statistics"]
    # of the first days of 2020 nobody knows more than the original did
    assert (taken.found, taken.taken) == (4, 1)
    assert sorted(taken.left_out.values()) == [1, 2]
    stored = {row["statistic_date"]: row["new_tickets"] for row in rows_of(settings, DailyStatistics)}
    assert stored.pop(date(2020, 1, 1)) == 99
    assert min(stored) == date(2025, 8, 20)
    assert max(stored) == date(2025, 8, 27)
    assert sum(stored.values()) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("['Ann', \"O'Neill\"]", ["Ann", "O'Neill"]),
        ('["Ann", "张三"]', ["Ann", "张三"]),
        ("('Ann', ' Ann ', '')", ["Ann"]),
        ("[]", []),
        ("'Ann'", ["Ann"]),
    ],
)
def test_selections_are_literals_or_json(text, names):
    assert parse_selection(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "[x for x in (1,)]",
        "{'a': 1}",
        "[1]",
        "['a'",
        "[" * 5000,
        "-" * 90_000 + "1",
        "1" * 99_999,
        "['" + "a" * 100_000 + "']",
        "nonsense",
        "None",
    ],
    ids=lambda text: text[:20],
)
def test_anything_else_is_no_selection(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        parse_selection(text)
