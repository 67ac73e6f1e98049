"""Backups are made, listed, verified, restored and cleaned up, on both databases."""

import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from otrs_web import backups
from otrs_web.backups import folder, service
from otrs_web.backups.archive import read_manifest
from otrs_web.backups.errors import BackupError
from otrs_web.backups.restore import restore
from otrs_web.backups.task import last_task, task
from otrs_web.clock import frozen
from otrs_web.database import Database, SyncDatabase
from otrs_web.imports.lock import import_lock
from otrs_web.models import AuthFailure, DataState, Schedule, StoredFacts, Upload
from otrs_web.tickets.facts import load_facts
from otrs_web.tickets.filter import TicketFilter
from tests.backups.support import (
    WHO,
    everything,
    files,
    filled,
    litter,
    logged,
    made,
    rewritten,
    run,
    scalar,
    tickets,
)
from tests.support import store_tickets

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_a_backup_says_what_is_in_it_and_is_for_its_owner_alone(install):
    settings = filled(install)
    with frozen(NOW):
        path = made(settings)
    database = "sqlite" if "sqlite" in settings.database_url else "postgresql"
    assert files(settings) == [f"otrs-web-2026-11-24T020000Z.{database}.zip"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manifest = read_manifest(path)
    assert (manifest.kind, manifest.database, manifest.tickets) == ("by_hand", database, 3)
    assert manifest.created_at == NOW
    assert manifest.revision == scalar(settings, "SELECT version_num FROM alembic_version")
    assert manifest.rows["stored_facts"] == 1
    assert litter(settings) == []
    (entry,) = logged(settings)
    assert (entry.operation_type, entry.records_affected, entry.user_info) == ("backup", 3, WHO)
    assert entry.filename == path.name


def test_two_backups_in_one_second_do_not_replace_each_other(install):
    settings = filled(install)
    with frozen(NOW):
        made(settings)
        made(settings)
    assert len(files(settings)) == 2


def test_a_restored_database_is_what_it_was(install):
    settings = filled(install)
    before = everything(settings)
    path = made(settings)
    store_tickets(settings, [{"ticket_number": "later", "created_date": "2026-01-11 10:00"}])
    run(settings, "DELETE FROM otrs_ticket WHERE ticket_number = 'T00001'", "DELETE FROM stored_facts")
    now = scalar(settings, select(DataState.version))
    restored = restore(settings, path, who=WHO)
    changed = ("database_log", "data_state", "stored_facts")
    after = everything(settings)
    assert {n: rows for n, rows in after.items() if n not in changed} == {
        n: rows for n, rows in before.items() if n not in changed
    }
    assert scalar(settings, select(DataState.version)) == now + 1
    assert scalar(settings, select(StoredFacts.version)) == now + 1
    # the backup and the safety copy that were made since stay in the log
    *earlier, entry = logged(settings)
    assert [e.operation_type for e in earlier] == ["backup", "backup"]
    assert (entry.operation_type, entry.records_affected) == ("restore", 3)
    assert entry.message["params"] == {"file": path.name, "tickets": 3, "safety": restored.safety}
    assert litter(settings) == []


def test_the_safety_copy_brings_back_what_was_there(install):
    settings = filled(install)
    path = made(settings)
    store_tickets(settings, [{"ticket_number": "later", "created_date": "2026-01-11 10:00"}])
    safety = settings.backups_dir / restore(settings, path, who=WHO).safety
    assert tickets(settings) == 3
    assert read_manifest(safety).kind == "before_restore"
    restore(settings, safety, who=WHO)
    assert tickets(settings) == 4
    run(settings, "INSERT INTO state_name VALUES ('odd', 'open')")
    store_tickets(settings, [{"ticket_number": "latest", "created_date": "2026-01-12 10:00"}])
    assert tickets(settings) == 5


async def test_a_running_process_shows_the_restored_figures_at_once(install):
    settings = filled(install)
    path = made(settings)
    db = Database(settings)
    store_tickets(
        settings, [{"ticket_number": f"L{n}", "created_date": "2026-01-11 10:00"} for n in range(5)]
    )
    totals = []
    for _ in range(2):
        async with db.read() as session:
            totals.append((await load_facts(session, TicketFilter())).counts.total)
            totals.append((await load_facts(session, TicketFilter(open=True))).counts.open)
        if len(totals) == 2:
            restore(settings, path, who=WHO)
    await db.dispose()
    assert totals == [8, 7, 3, 2]


def test_what_belongs_to_the_installation_stays(install):
    settings = filled(install)
    run(settings, insert(Schedule).values(name="backup", last_due=NOW))
    run(settings, insert(Schedule).values(name="statistics", last_due=NOW))
    path = made(settings)
    later = NOW + timedelta(days=3)
    run(settings, f"UPDATE schedule SET last_due = '{later:%Y-%m-%d %H:%M:%S}'")
    run(settings, insert(AuthFailure).values(address="192.0.2.1", at=later))
    restore(settings, path, who=WHO)
    due = {
        name: scalar(settings, select(Schedule.last_due).where(Schedule.name == name))
        for name in ("backup", "statistics")
    }
    assert due == {"backup": later, "statistics": NOW}
    assert scalar(settings, select(AuthFailure.address)) == "192.0.2.1"


def test_an_import_that_the_backup_caught_does_not_begin_again(install):
    settings = filled(install)
    uploads = [
        {"filename": f"{status}.csv", "status": status, "upload_time": NOW}
        for status in ("running", "queued", "done")
    ]
    run(settings, insert(Upload).values(uploads))
    path = made(settings)
    run(settings, "UPDATE upload_detail SET status = 'done'")
    restore(settings, path, who=WHO)
    rows = {row[1]: row for row in everything(settings)["upload_detail"]}
    db = SyncDatabase(settings)
    with db.read() as session:
        found = {u.filename: (u.status, (u.error or {}).get("code")) for u in session.scalars(select(Upload))}
    db.dispose()
    assert len(rows) == 3
    assert found == {
        "running.csv": ("failed", "restored"),
        "queued.csv": ("failed", "restored"),
        "done.csv": ("done", None),
    }


def test_nothing_is_restored_while_an_import_waits_or_runs(install):
    settings = filled(install)
    path = made(settings)
    db = SyncDatabase(settings)
    with import_lock(db), pytest.raises(BackupError, match="import is waiting or running") as refused:
        restore(settings, path, who=WHO)
    assert refused.value.kind == "busy"
    db.dispose()
    run(settings, insert(Upload).values(filename="a.csv", status="queued", upload_time=NOW))
    before = everything(settings, without=["database_log"])
    with pytest.raises(BackupError, match="import is waiting or running"):
        restore(settings, path, who=WHO)
    assert everything(settings, without=["database_log"]) == before


def test_one_thing_at_a_time(install):
    settings = filled(install)
    path = made(settings)
    with task(settings, "verify"):
        for attempt in (
            lambda: made(settings),
            lambda: service.verify(settings, path, who=WHO),
            lambda: service.clean_up(settings, who=WHO),
            lambda: restore(settings, path, who=WHO),
        ):
            with pytest.raises(BackupError) as refused:
                attempt()
            assert refused.value.kind == "busy"
        assert last_task(settings).is_running
    assert not last_task(settings).is_running
    made(settings)


def test_verifying_restores_elsewhere_and_remembers(install):
    settings = filled(install)
    path = made(settings)
    assert folder.listing(settings)[0].checked_at is None
    before = everything(settings)
    with frozen(NOW):
        assert service.verify(settings, path, who=WHO).tickets == 3
    assert everything(settings) == before
    (found,) = folder.listing(settings)
    assert (found.checked_at, found.fault) == (NOW, None)
    path.touch()
    assert folder.listing(settings)[0].checked_at is None
    assert litter(settings) == []


def test_a_dump_that_lacks_a_row_is_found_out(install):
    settings = filled(install)
    path = made(settings)
    rows = {**read_manifest(path).rows, "otrs_ticket": 4}
    wrong = rewritten(path, "otrs-web-2026-01-01T000000Z.sqlite.zip", rows=rows)
    with pytest.raises(BackupError, match="is damaged") as refused:
        service.verify(settings, wrong, who=WHO)
    assert refused.value.kind == "refused"
    assert next(b.fault for b in folder.listing(settings) if b.path == wrong)
    with pytest.raises(BackupError, match="is damaged"):
        restore(settings, wrong, who=WHO)
    assert [e.operation_type for e in logged(settings)] == ["backup", "backup_failed", "backup_failed"]


DAMAGE = {
    "a bit in the dump": lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:],
    "the end is missing": lambda data: data[:-200],
    "only half of it": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "no zip": lambda _: b"something else" * 100,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_refused_and_everything_stays(install, how):
    settings = filled(install)
    path = made(settings)
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    before = everything(settings, without=["database_log"])
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="is damaged") as refused:
            attempt(settings, path, who=WHO)
        assert refused.value.kind == "refused"
    assert everything(settings, without=["database_log"]) == before
    assert folder.latest(settings) is None
    assert files(settings) == [path.name]
    assert litter(settings) == []


def test_a_dump_that_is_no_database_is_refused(install):
    import hashlib

    settings = filled(install)
    junk = b"no database at all" * 1000
    path = rewritten(
        made(settings), "junk.zip", member=junk, size=len(junk), sha256=hashlib.sha256(junk).hexdigest()
    )
    before = everything(settings, without=["database_log"])
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="is damaged"):
            attempt(settings, path, who=WHO)
    assert everything(settings, without=["database_log"]) == before


def test_foreign_and_newer_files_are_refused(install):
    settings = filled(install)
    path = made(settings)
    foreign = settings.backups_dir / "holiday.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("beach.jpg", b"sand")
    other = "postgresql" if read_manifest(path).database == "sqlite" else "sqlite"
    cases = {
        foreign: "is not a backup of otrs-web",
        rewritten(path, "a.zip", program="another"): "is not a backup of otrs-web",
        rewritten(path, "b.zip", revision="9999"): "is damaged",
        rewritten(path, "c.zip", format=2): "newer version of otrs-web",
        rewritten(path, "d.zip", database=other): "and this installation runs on",
    }
    before = everything(settings, without=["database_log"])
    for file, words in cases.items():
        for attempt in (service.verify, restore):
            with pytest.raises(BackupError, match=words) as refused:
                attempt(settings, file, who=WHO)
            assert refused.value.kind == "refused"
    assert everything(settings, without=["database_log"]) == before
    assert sum(name.startswith("otrs-web-") for name in files(settings)) == 1


def test_names_from_outside_stay_in_the_folder(install, tmp_path):
    settings = filled(install)
    path = made(settings)
    outside = tmp_path / "outside.zip"
    outside.write_bytes(path.read_bytes())
    (settings.backups_dir / "link.zip").symlink_to(outside)
    (settings.backups_dir / "folder.zip").mkdir()
    assert folder.find(settings, path.name) == path
    assert [b.name for b in folder.listing(settings)] == [path.name]
    for name in (
        "../outside.zip",
        str(outside),
        "link.zip",
        "folder.zip",
        "",
        ".",
        "..",
        f"./{path.name}",
        f"{path.name}\0",
        ".checks.json",
        path.name.upper(),
    ):
        with pytest.raises(BackupError) as refused:
            folder.find(settings, name)
        assert refused.value.kind == "unknown"


def at_age(settings, days, *, damaged=False):
    with frozen(NOW - timedelta(days=days)):
        path = made(settings)
    if damaged:
        path.write_bytes(path.read_bytes()[:-100])
        old = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (old, old))
    return path.name


def test_old_backups_are_deleted_but_never_the_newest_good_ones(install):
    settings = filled(install, backup_keep_days=30, backup_keep_at_least=2)
    names = {days: at_age(settings, days, damaged=days == 40) for days in (1, 29, 31, 40, 90)}
    (settings.backups_dir / "holiday.zip").write_bytes(b"")
    os.utime(settings.backups_dir / "holiday.zip", (0, 0))
    with frozen(NOW):
        assert set(service.clean_up(settings, who=WHO)) == {names[31], names[40], names[90]}
        assert files(settings) == sorted(["holiday.zip", names[1], names[29]])
        assert service.clean_up(settings, who=WHO) == []
        assert service.clean_up(settings, who=WHO, keep_days=1) == []
    entry = next(e for e in logged(settings) if e.operation_type == "backup_cleanup")
    assert entry.records_affected == 3
    assert names[90] in entry.operation_details


def test_the_only_good_backup_stays_however_old(install):
    settings = filled(install, backup_keep_days=1, backup_keep_at_least=1)
    good = at_age(settings, 400)
    at_age(settings, 300, damaged=True)
    at_age(settings, 200, damaged=True)
    with frozen(NOW):
        assert len(service.clean_up(settings, who=WHO)) == 2
    assert files(settings) == [good]


def test_the_latest_backup_is_the_newest_that_can_be_restored(install):
    settings = filled(install)
    assert backups.latest(settings) is None
    at_age(settings, 5)
    newest = at_age(settings, 3)
    at_age(settings, 1, damaged=True)
    found = backups.latest(settings)
    assert (found.name, found.created_at) == (newest, NOW - timedelta(days=3))


def test_what_a_killed_process_left_is_removed_by_the_next(install):
    settings = filled(install)
    made(settings)
    (settings.backups_dir / "otrs-web-2026-11-24T020000Z.sqlite.zip.part").write_bytes(b"half")
    left = settings.backups_dir / ".tmp-abc"
    left.mkdir()
    (left / "copy").write_bytes(b"half")
    assert len(folder.listing(settings)) == 1
    made(settings)
    assert litter(settings) == []
    assert len(files(settings)) == 2
