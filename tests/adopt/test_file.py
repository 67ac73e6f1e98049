"""The original's file: never written, never trusted, and taken whole or not at all."""

import os
import sqlite3
import threading
import zipfile
from contextlib import closing

import pytest
from sqlalchemy import text

from otrs_web.adopt.report import Refused
from otrs_web.database import SyncDatabase
from otrs_web.imports.lock import import_lock
from otrs_web.models import DatabaseLog, DataState, Ticket
from tests.adopt.conftest import take
from tests.adopt.original import LOOSE, RECORDS, TICKET, build, ticket
from tests.support import migrated, store_tickets


@pytest.fixture
def settings(tmp_path):
    return migrated(tmp_path / "ours")


def folder_state(path):
    return {
        file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in path.iterdir() if file.is_file()
    }


def test_the_file_and_its_folder_stay_as_they_are(settings, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    build(there / "otrs_data.db", otrs_ticket=[ticket("1")])
    (there / "otrs_data.db").chmod(0o400)
    before = folder_state(there)
    take(settings, there / "otrs_data.db")
    assert folder_state(there) == before
    assert not (settings.data_dir / "adopting").exists()


@pytest.mark.parametrize(("mode", "counts"), [("wal", "after"), ("delete", "before")])
def test_what_a_killed_process_left_beside_it_counts(settings, tmp_path, rows_of, mode, counts):
    """With a write-ahead log what was committed to it alone, with a journal what it takes back."""
    there = tmp_path / "there"
    there.mkdir()
    build(there / "live.db", otrs_ticket=[ticket(str(n), title="before" * 100) for n in range(500)])
    with closing(sqlite3.connect(there / "live.db")) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("PRAGMA cache_size=10")  # so that most changed pages are in the file at once
        connection.execute("UPDATE otrs_ticket SET title = ?", ["after " * 100])
        if mode == "wal":
            connection.commit()
        for file in list(there.iterdir()):
            if not file.name.endswith("-shm"):
                file.with_name(file.name.replace("live", "otrs_data")).write_bytes(file.read_bytes())
    for file in there.glob("live*"):
        file.unlink()
    state = folder_state(there)
    assert len(state) == 2
    take(settings, there / "otrs_data.db")
    assert {row["title"][: len(counts)] for row in rows_of(settings, Ticket)} == {counts}
    assert folder_state(there) == state


def test_what_killed_processes_left_is_cleared_away(settings, tmp_path):
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1")])
    for name in ("adopting", "adopt-old", "adopt-new"):
        (settings.data_dir / name).mkdir()
    os.utime(settings.data_dir / "adopt-old", (0, 0))
    take(settings, path)
    assert [folder.name for folder in settings.data_dir.iterdir() if folder.is_dir()] == ["adopt-new"]


def not_there(path):
    pass


def empty(path):
    path.write_bytes(b"")


def a_workbook(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")


def encrypted(path):
    build(path, otrs_ticket=[ticket("1")])
    path.write_bytes(bytes(octet ^ 0x5A for octet in path.read_bytes()))


def cut_off(path):
    build(path, otrs_ticket=[ticket(str(n), title="x" * 300) for n in range(200)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwritten(path):
    build(path, otrs_ticket=[ticket(str(n), title="x" * 300) for n in range(200)])
    octets = bytearray(path.read_bytes())
    octets[8192:20000] = b"\xff" * (20000 - 8192)
    path.write_bytes(octets)


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER)")


def a_view_for_a_table(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW otrs_ticket AS SELECT '1' AS ticket_number")


def numberless(path):
    build(path, LOOSE, otrs_ticket=[ticket(None), ticket("")])


REFUSALS = [
    (not_there, "There is no file otrs_data.db."),
    (empty, "is not an SQLite database"),
    (a_workbook, "is not an SQLite database"),
    (encrypted, "is not an SQLite database"),
    (cut_off, "is damaged"),
    (overwritten, "is damaged"),
    (foreign, "it has no table otrs_ticket"),
    (a_view_for_a_table, "it has no table otrs_ticket"),
    (numberless, "None of the 2 tickets"),
]


@pytest.mark.parametrize(("make", "why"), REFUSALS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_no_database_of_the_original_is_refused(settings, tmp_path, rows_of, make, why):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    before = rows_of(settings, DataState)
    make(tmp_path / "otrs_data.db")
    with pytest.raises(Refused) as refused:
        take(settings, tmp_path / "otrs_data.db", replace=True)
    assert why in refused.value.message.format(**refused.value.params)
    assert rows_of(settings, DataState) == before
    assert len(rows_of(settings, Ticket)) == 1
    assert rows_of(settings, DatabaseLog) == []


@pytest.mark.single
def test_our_own_database_is_refused(settings, tmp_path):
    other = migrated(tmp_path / "other")
    with pytest.raises(Refused, match="database of this application itself"):
        take(settings, other.data_dir / "otrs.db")


def test_nothing_that_the_file_brings_along_is_run(settings, tmp_path, rows_of):
    path = build(tmp_path / "otrs_data.db", TICKET + RECORDS, otrs_ticket=[ticket("1")])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE database_log")
        connection.execute(
            "CREATE VIEW database_log AS SELECT '2025-01-01' AS operation_time, 'x' AS operation_type"
        )
        connection.execute("CREATE TRIGGER t AFTER INSERT ON otrs_ticket BEGIN DELETE FROM otrs_ticket; END")
        connection.execute('ALTER TABLE otrs_ticket ADD COLUMN "a""b" TEXT')
    report = take(settings, path)
    assert report["database_log"].is_missing
    assert [row["ticket_number"] for row in rows_of(settings, Ticket)] == ["1"]


def test_a_value_that_is_beyond_all_measure_is_refused(settings, tmp_path):
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1", title="x" * (65 << 20))])
    with pytest.raises(Refused, match="damaged"):
        take(settings, path)


def test_stored_tickets_give_way_only_when_that_is_said(install, tmp_path, rows_of):
    settings = install()
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1"), ticket("2")])
    with pytest.raises(Refused, match="not mixed"):
        take(settings, path)
    assert [row["ticket_number"] for row in rows_of(settings, Ticket)] == ["T00000"]
    report = take(settings, path, replace=True)
    assert report.removed == 1
    assert [row["ticket_number"] for row in rows_of(settings, Ticket)] == ["1", "2"]


def test_a_file_without_tickets_never_wipes_what_is_stored(install, tmp_path, rows_of):
    settings = install()
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    log = [{"operation_time": "2025-01-01 10:00:00.000000", "operation_type": "upload"}]
    report = take(settings, build(tmp_path / "otrs_data.db", database_log=log), replace=True)
    assert (report["otrs_ticket"].found, report["database_log"].taken, report.removed) == (0, 1, 0)
    assert len(rows_of(settings, Ticket)) == 1


def test_a_failure_at_the_very_end_leaves_everything_as_it_was(install, tmp_path, rows_of):
    settings = install()
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    db = SyncDatabase(settings)
    with db.write() as session:
        session.execute(text("ALTER TABLE stored_facts RENAME TO away"))
    before = [rows_of(settings, model) for model in (Ticket, DataState, DatabaseLog)]
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1")])
    with pytest.raises(Exception, match="stored_facts"):
        take(settings, path, replace=True)
    assert [rows_of(settings, model) for model in (Ticket, DataState, DatabaseLog)] == before
    db.dispose()


def test_it_waits_for_an_import_that_runs(settings, tmp_path, rows_of):
    """The lock is one of processes: a second opening of its file waits as another process would."""
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1")])
    db = SyncDatabase(settings)
    with import_lock(db):
        taking = threading.Thread(target=take, args=(settings, path))
        taking.start()
        taking.join(0.3)
        assert taking.is_alive()
        assert rows_of(settings, Ticket) == []
    taking.join(20)
    assert len(rows_of(settings, Ticket)) == 1
    db.dispose()
