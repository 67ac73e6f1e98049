"""What an import does to the stored tickets: rows in, rows out, all or nothing, exactly once."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from otrs_web.database import Database, SyncDatabase
from otrs_web.imports.service import MAX_ATTEMPTS, accept, cancel, clear, has_pending, run_pending
from otrs_web.models import DatabaseLog, DataState, Statistic, Ticket, TicketChange, Upload
from tests.support import migrated

HEADER = "Ticket Number,Created,Closed,State,Priority,FirstResponse,Owner,Title,Building"
A = "A1,2026-01-05 09:00:00,,open,3 normal,,anna,Printer,North"
A_CLOSED = "A1,2026-01-05 09:00:00,2026-01-11 10:00:00,closed successful,3 normal,,anna,Printer,North"
B = "B2,2026-01-06 09:00:00,2026-01-07 09:00:00,closed successful,4 high,2026-01-06 10:00:00,bo,VPN,"
C = "C3,2026-01-08 09:00:00,,new,3 normal,,anna,Mail,"


@pytest.fixture
def settings(tmp_path):
    return migrated(tmp_path)


def queue_file(settings, text, *, mode="incremental", as_of="2026-01-10 18:00", name="export.csv"):
    """Store a file and record it, as the upload pages do; the upload's id."""
    settings.uploads_dir.mkdir(exist_ok=True)
    stored = f"{time.monotonic_ns()}.csv"
    (settings.uploads_dir / stored).write_text(text, "utf-8")

    async def record():
        db = Database(settings)
        upload_id = await accept(
            db,
            stored_filename=stored,
            filename=name,
            size_bytes=len(text),
            sha256="0" * 64,
            mode=mode,
            as_of=datetime.fromisoformat(as_of) if as_of else None,
            address="10.0.0.7",
            user_agent="Firefox",
        )
        await db.dispose()
        return upload_id

    return asyncio.run(record())


def load(settings, *rows, **options):
    """Import rows below the usual header; the finished upload."""
    upload_id = queue_file(settings, "\n".join([options.pop("header", HEADER), *rows]) + "\n", **options)
    run_pending(settings)
    return get(settings, Upload, upload_id)


def get(settings, model, key):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = session.get(model, key)
    db.dispose()
    return found


def scalars(settings, query):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = list(session.scalars(query))
    db.dispose()
    return found


def tickets(settings):
    """Every column of every ticket, by number."""
    found = scalars(settings, select(Ticket).order_by(Ticket.ticket_number))
    names = Ticket.__table__.columns.keys()
    return {ticket.ticket_number: {name: getattr(ticket, name) for name in names} for ticket in found}


def counts(upload):
    return (
        upload.status,
        upload.new_records_count,
        upload.updated_records_count,
        upload.unchanged_records_count,
        upload.removed_records_count,
    )


def codes(upload):
    return {finding["code"] for finding in upload.report}


def test_the_first_import_stores_what_the_file_says(settings):
    upload = load(settings, A, B, mode="replace")
    assert counts(upload) == ("done", 2, 0, 0, 0)
    assert (upload.step, upload.import_mode, upload.record_count) == (7, "clear_existing", 2)
    a, b = tickets(settings).values()
    assert (a["is_open"], a["left_at"], a["state_type"], a["first_response"]) == (True, None, "open", None)
    assert (b["is_open"], b["left_at"], b["state_type"]) == (False, datetime(2026, 1, 7, 9), "closed")
    assert a["raw_data"] == '{"Building":"North"}'
    assert (a["data_source"], a["upload_id"], a["first_upload_id"]) == ("export.csv", upload.id, upload.id)


def test_an_import_is_logged_with_who_what_and_how_many(settings):
    upload = load(settings, A, B)
    (log,) = scalars(settings, select(DatabaseLog))
    assert (log.operation_type, log.table_name, log.records_affected) == ("upload", "otrs_ticket", 2)
    assert (log.user_info, log.filename) == ("IP: 10.0.0.7, Browser: Firefox", "export.csv")
    (statistic,) = scalars(settings, select(Statistic))
    assert (statistic.total_records, statistic.current_open_count, statistic.upload_id) == (2, 1, upload.id)
    assert statistic.empty_firstresponse_count == 1
    assert get(settings, DataState, 1).as_of == datetime(2026, 1, 10, 18)


def test_incremental_adds_updates_and_keeps(settings):
    first = load(settings, A, B)
    second = load(settings, A_CLOSED, B, C, as_of="2026-01-12 18:00")
    assert counts(second) == ("done", 1, 1, 1, 0)
    stored = tickets(settings)
    assert stored["A1"]["closed_date"] == datetime(2026, 1, 11, 10)
    assert (stored["A1"]["is_open"], stored["A1"]["left_at"]) == (False, datetime(2026, 1, 11, 10))
    assert (stored["A1"]["first_upload_id"], stored["A1"]["upload_id"]) == (first.id, second.id)
    (change,) = scalars(settings, select(TicketChange))
    assert (change.ticket_number, change.upload_id) == ("A1", second.id)
    assert change.changes == {
        "closed_date": [None, "2026-01-11 10:00:00"],
        "state": ["open", "closed successful"],
    }


@pytest.mark.parametrize("mode", ["incremental", "replace"])
def test_the_same_file_twice_changes_nothing(settings, mode):
    load(settings, A, B, mode=mode)
    before = tickets(settings)
    again = load(settings, A, B, mode=mode)
    assert counts(again) == ("done", 0, 0, 2, 0)
    moving = {"import_time", "upload_id"} if mode == "replace" else set()
    for number, ticket in tickets(settings).items():
        assert {k: v for k, v in ticket.items() if k not in moving} == {
            k: v for k, v in before[number].items() if k not in moving
        }
    assert scalars(settings, select(TicketChange)) == []


def test_an_older_export_adds_but_never_overwrites(settings):
    load(settings, A_CLOSED, as_of="2026-01-12 18:00")
    older = load(settings, A, B, as_of="2026-01-10 18:00")
    assert counts(older) == ("done", 1, 0, 1, 0)
    assert "older_export" in codes(older)
    stored = tickets(settings)
    assert (stored["A1"]["state"], stored["A1"]["is_open"]) == ("closed successful", False)
    assert set(stored) == {"A1", "B2"}
    assert get(settings, DataState, 1).as_of == datetime(2026, 1, 12, 18)


def test_replacing_by_an_older_export_is_done_but_said(settings):
    load(settings, A_CLOSED, mode="replace", as_of="2026-01-12 18:00")
    older = load(settings, A, B, mode="replace", as_of="2026-01-10 18:00")
    assert "older_replace" in codes(older)
    assert "older_replace" not in codes(load(settings, A, mode="replace", as_of="2026-01-12 18:00"))


def test_a_newer_export_that_says_the_same_is_still_newer(settings):
    load(settings, A, as_of="2026-01-10 18:00")
    load(settings, A, as_of="2026-01-12 18:00")
    between = load(settings, A_CLOSED, as_of="2026-01-11 18:00")
    assert counts(between) == ("done", 0, 0, 1, 0)
    assert tickets(settings)["A1"]["is_open"] is True


def test_a_column_that_the_file_lacks_is_not_blanked(settings):
    load(settings, A)
    header, row = "Ticket Number,Created,State", "A1,2026-01-05 09:00:00,pending reminder"
    upload = load(settings, row, header=header, as_of="2026-01-12 18:00")
    assert counts(upload) == ("done", 0, 1, 0, 0)
    ticket = tickets(settings)["A1"]
    assert (ticket["owner"], ticket["title"], ticket["state"]) == ("anna", "Printer", "pending reminder")


def test_a_file_without_states_leaves_them_and_what_follows_from_them(settings):
    load(settings, A_CLOSED)
    header, row = "Ticket Number,Created,Owner", "A1,2026-01-05 09:00:00,bo"
    load(settings, row, header=header, as_of="2026-01-12 18:00")
    ticket = tickets(settings)["A1"]
    assert (ticket["owner"], ticket["state_type"], ticket["is_open"]) == ("bo", "closed", False)


def test_replace_removes_what_the_file_no_longer_has(settings):
    load(settings, A, B)
    upload = load(settings, B, C, mode="replace", as_of="2026-01-12 18:00")
    assert counts(upload) == ("done", 1, 0, 1, 1)
    assert set(tickets(settings)) == {"B2", "C3"}
    assert [log.operation_type for log in scalars(settings, select(DatabaseLog))] == [
        "upload",
        "clear_tickets",
        "upload",
    ]


@pytest.mark.parametrize(
    "text", ["", HEADER.replace("Ticket Number", "Colour") + "\n" + A, "no table at all"]
)
def test_a_rejected_file_changes_nothing(settings, text):
    load(settings, A, B)
    before, state = tickets(settings), get(settings, DataState, 1).version
    upload_id = queue_file(settings, text, mode="replace")
    run_pending(settings)
    upload = get(settings, Upload, upload_id)
    assert upload.status == "rejected"
    assert upload.error["code"]
    assert (tickets(settings), get(settings, DataState, 1).version) == (before, state)


def test_an_export_without_tickets_never_wipes_the_data(settings):
    load(settings, A, B)
    upload = load(settings, mode="replace")
    assert counts(upload) == ("done", 0, 0, 0, 0)
    assert set(tickets(settings)) == {"A1", "B2"}


def test_a_missing_file_fails_and_the_next_import_runs(settings):
    gone = queue_file(settings, HEADER + "\n" + A)
    shutil.rmtree(settings.uploads_dir)
    settings.uploads_dir.mkdir()
    kept = queue_file(settings, HEADER + "\n" + B)
    run_pending(settings)
    assert get(settings, Upload, gone).status == "failed"
    assert get(settings, Upload, gone).error["code"] == "file_missing"
    assert get(settings, Upload, kept).status == "done"


def test_one_process_runs_all_that_waits(settings):
    ids = [queue_file(settings, HEADER + "\n" + row) for row in (A, B, C)]
    run_pending(settings)
    assert [get(settings, Upload, upload_id).status for upload_id in ids] == ["done"] * 3
    assert set(tickets(settings)) == {"A1", "B2", "C3"}


async def test_a_queued_import_can_be_cancelled_but_not_a_finished_one(tmp_path):
    settings = migrated(tmp_path)
    upload_id = await asyncio.to_thread(queue_file, settings, HEADER + "\n" + A)
    db = Database(settings)
    assert await has_pending(db)
    assert await cancel(db, upload_id)
    assert not await cancel(db, upload_id)
    assert not await has_pending(db)
    await asyncio.to_thread(run_pending, settings)
    assert tickets(settings) == {}
    await db.dispose()


async def test_clearing_is_logged_and_starts_a_new_state_of_the_data(tmp_path):
    settings = migrated(tmp_path)
    await asyncio.to_thread(load, settings, A, B)
    version = get(settings, DataState, 1).version
    db = Database(settings)
    assert await clear(db, address="10.0.0.7", user_agent="Firefox") == 2
    await db.dispose()
    assert tickets(settings) == {}
    assert get(settings, DataState, 1).version > version
    log = scalars(settings, select(DatabaseLog))[-1]
    assert (log.operation_type, log.records_affected) == ("clear_tickets", 2)


# -- processes that die, and two at once

RUN = "import sys; from tests.imports.test_service import run_in_child; run_in_child(*sys.argv[1:])"
MANY = "\n".join(
    [
        HEADER,
        *(
            f"N{n:06},2026-01-05 09:00:{n % 60:02},,open,3 normal,,anna,Title {n},North"
            for n in range(60_000)
        ),
    ]
)


def run_in_child(folder, database_url):
    """The child's side: the same settings as the test's."""
    from pathlib import Path

    run_pending(migrated(Path(folder), database_url=database_url))


def child(settings):
    return subprocess.Popen([sys.executable, "-c", RUN, str(settings.data_dir), settings.database_url])


def wait_for(settings, upload_id, reached, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        upload = get(settings, Upload, upload_id)
        if reached(upload):
            return upload
        time.sleep(0.005)
    raise AssertionError(f"upload {upload_id} is {upload.status} at step {upload.step}")


@pytest.mark.parametrize("step", [2, 4, 6])
def test_an_import_that_is_killed_runs_again_exactly_once(settings, step):
    load(settings, A, B)
    upload_id = queue_file(settings, MANY, mode="replace", as_of="2026-01-12 18:00")
    process = child(settings)
    wait_for(settings, upload_id, lambda u: u.step >= step)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    upload = get(settings, Upload, upload_id)
    if upload.status != "done":  # killed in time: nothing of it is there
        assert set(tickets(settings)) == {"A1", "B2"}
        run_pending(settings)
        upload = get(settings, Upload, upload_id)
        assert upload.attempts == 2
    assert counts(upload) == ("done", 60_000, 0, 0, 2)
    assert scalars(settings, select(func.count()).select_from(Ticket)) == [60_000]
    assert scalars(settings, select(func.count()).select_from(Statistic)) == [2]


def test_readers_see_the_old_data_until_the_new_is_whole(settings):
    load(settings, A, B)
    upload_id = queue_file(settings, MANY, mode="replace", as_of="2026-01-12 18:00")
    process = child(settings)
    seen = set()
    while process.poll() is None:
        seen |= set(scalars(settings, select(func.count()).select_from(Ticket)))
    assert get(settings, Upload, upload_id).status == "done"
    assert seen <= {2, 60_000}
    assert 2 in seen


def test_two_processes_run_the_queue_one_import_after_the_other(settings):
    ids = [
        queue_file(settings, MANY, mode="replace"),
        queue_file(settings, HEADER + "\n" + A, mode="replace"),
    ]
    processes = [child(settings), child(settings)]
    assert [process.wait(60) for process in processes] == [0, 0]
    uploads = [get(settings, Upload, upload_id) for upload_id in ids]
    assert [u.status for u in uploads] == ["done", "done"]
    assert [u.attempts for u in uploads] == [1, 1]
    assert uploads[0].finished_at <= uploads[1].started_at
    assert set(tickets(settings)) == {"A1"}


def test_a_file_that_kills_every_process_is_given_up(settings):
    upload_id = queue_file(settings, HEADER + "\n" + A)
    db = SyncDatabase(settings)
    with db.write() as session:
        session.execute(update(Upload).values(status="running", attempts=MAX_ATTEMPTS))
    db.dispose()
    run_pending(settings)
    upload = get(settings, Upload, upload_id)
    assert (upload.status, upload.error["code"]) == ("failed", "import_died")
