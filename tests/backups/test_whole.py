"""What a restore brings is what the backup holds, whatever was put into the dump or the live database to
change it; and what happened until then stays in the logs."""

import hashlib
import sqlite3
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from otrs_web.backups import log, service
from otrs_web.backups.errors import BackupError
from otrs_web.backups.restore import restore
from otrs_web.database import Database, SyncDatabase
from otrs_web.database_log import SCHEDULE, entry
from otrs_web.models import DatabaseLog, StatisticsLog, Upload
from tests.backups.support import WHO, everything, filled, logged, made, rewritten, run, scalar, tickets

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
_EATS = {
    "sqlite": ["CREATE TRIGGER eats AFTER INSERT ON otrs_ticket BEGIN DELETE FROM otrs_ticket; END"],
    "postgresql": [
        "CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER eats BEFORE INSERT ON otrs_ticket FOR EACH ROW EXECUTE FUNCTION eat()",
    ],
}


def doctored(path, folder, *statements):
    """A copy of a backup of SQLite whose dump was changed, with the right checksum of it."""
    with zipfile.ZipFile(path) as archive:
        file = folder / "doctored.sqlite"
        file.write_bytes(archive.read("database.sqlite"))
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    octets = file.read_bytes()
    sha256 = hashlib.sha256(octets).hexdigest()
    return rewritten(path, "doctored.zip", member=octets, size=len(octets), sha256=sha256)


def test_what_would_act_by_itself_in_a_dump_is_taken_out(install, tmp_path):
    settings = filled(install)
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("only a dump of SQLite is a database that anybody can change")
    # caught in an import, which the restore ends in its copy: something is written to it
    run(settings, insert(Upload).values(filename="a.csv", status="queued", upload_time=T0))
    path = made(settings)
    run(settings, "UPDATE upload_detail SET status = 'done'")
    path = doctored(
        path,
        tmp_path,
        "CREATE TRIGGER eats AFTER INSERT ON database_log BEGIN DELETE FROM otrs_ticket; END",
        'CREATE TRIGGER "e""ats" AFTER UPDATE ON upload_detail BEGIN DELETE FROM otrs_ticket; END',
        "CREATE VIEW all_tickets AS SELECT * FROM otrs_ticket",
        "CREATE TRIGGER instead INSTEAD OF INSERT ON all_tickets BEGIN DELETE FROM otrs_ticket; END",
    )
    assert service.verify(settings, path, who=WHO).tickets == 3
    assert restore(settings, path, who=WHO).manifest.tickets == 3
    assert tickets(settings) == 3


def test_rows_that_do_not_arrive_undo_the_restore(install):
    settings = filled(install)
    path = made(settings)
    backend = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    run(settings, "UPDATE otrs_ticket SET title = 'as it is now'", *_EATS[backend])
    before = everything(settings, without=["database_log"])
    with pytest.raises(BackupError, match=r"Not all rows .*otrs_ticket") as refused:
        restore(settings, path, who=WHO)
    assert refused.value.kind == "failed"
    assert everything(settings, without=["database_log"]) == before


def note(settings, hours, words, who=WHO):
    row = {**entry("clear", words, {}, who=who), "operation_time": T0 + timedelta(hours=hours)}
    run(settings, insert(DatabaseLog).values(row))


def ran(settings, hours, **values):
    at = T0 + timedelta(hours=hours)
    row = {"execution_time": at, "statistic_date": date(2026, 11, 1), "occasion": "manual", **values}
    run(settings, insert(StatisticsLog).values(row))


def runs(settings):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = session.execute(
            select(StatisticsLog.execution_time, StatisticsLog.total_open).order_by(StatisticsLog.id)
        ).all()
    db.dispose()
    return [((at - T0) // timedelta(hours=1), total) for at, total in found]


def test_what_happened_since_stays_in_the_logs(install):
    settings = filled(install)
    note(settings, 0, "first")
    note(settings, 4, "fourth")
    ran(settings, 0, total_open=1)
    path = made(settings)
    ran(settings, 1, total_open=2)
    ran(settings, 1, total_open=2)
    # between those of the backup, and twice the same
    note(settings, 2, "second")
    note(settings, 2, "second")
    note(settings, 4, "fourth", who="Another")
    note(settings, 4, "fourth")
    run(settings, "DELETE FROM database_log WHERE operation_details = 'first'")
    restore(settings, path, who=WHO)
    found = [(e.operation_details, e.user_info) for e in logged(settings) if e.operation_type == "clear"]
    assert found[:3] == [("first", WHO), ("second", WHO), ("second", WHO)]
    assert sorted(found[3:]) == [("fourth", WHO), ("fourth", WHO), ("fourth", "Another")]
    assert [e.operation_type for e in logged(settings)][-3:] == ["backup", "backup", "restore"]
    assert runs(settings) == [(0, 1), (1, 2), (1, 2)]
    # once more: nothing is there twice
    restore(settings, path, who=WHO)
    assert runs(settings) == [(0, 1), (1, 2), (1, 2)]
    again = [e.operation_details for e in logged(settings) if e.operation_type == "clear"]
    assert again == ["first", "second", "second", "fourth", "fourth", "fourth"]
    assert [e.operation_type for e in logged(settings)].count("restore") == 2
    note(settings, 9, "afterwards")
    ran(settings, 9, total_open=9)
    assert runs(settings)[-1] == (9, 9)


async def test_the_newest_backup_of_the_night_is_the_newest_by_time(install):
    settings = filled(install)
    for hours in (5, 3):
        row = {
            **entry("backup", f"at {hours}", {}, who=SCHEDULE),
            "operation_time": T0 + timedelta(hours=hours),
        }
        run(settings, insert(DatabaseLog).values(row))
    db = Database(settings)
    async with db.read() as session:
        found = await log.newest_by(session, SCHEDULE)
    await db.dispose()
    assert found.operation_details == "at 5"
    assert scalar(settings, "SELECT count(*) FROM database_log") == 2
