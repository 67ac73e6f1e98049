"""Imports through the whole process tree: from a terminal, beside a running server, and with any process of
it killed in the middle. Whatever happens, the file is imported once or not at all."""

import os
import pty
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import stored
from tests.generator import generate
from tests.ops.site import COMMAND, Site, wait_until

ROWS = 20_000


def query(site: Site, sql: str) -> list[tuple[Any, ...]]:
    return stored.rows(site.database_url, sql)


def small_export(folder: Path, rows: int = 60) -> Path:
    return generate(rows, seed=7, fmt="csv").write(folder)


def plain_export(folder: Path, rows: int) -> Path:
    """More rows, for an import that can be met while it runs."""
    path = folder / "ticket_search_2026-06-30_18-00.csv"
    with path.open("w") as file:
        file.write("Ticket Number,Created,Closed,State,Priority,Queue,Title\n")
        for number in range(rows):
            day = f"2026-0{number % 6 + 1}-{number % 28 + 1:02d} 0{number % 10}:15:00"
            file.write(
                f"{10**12 + number},{day},,open,3 normal,Queue {number % 9},Something is wrong {number}\n"
            )
    return path


def post(address: str, path: Path) -> None:
    boundary = "a-line-that-no-export-has"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(f"{address}/upload", body)
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202


def test_a_file_from_the_terminal(site: Site, tmp_path: Path) -> None:
    path = small_export(tmp_path)
    done = site.run("import", str(path), "--as-of", "2026-07-01T08:30")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Imported {path.name}: 60 tickets (60 new, 0 updated" in done.stdout
    assert "100 %" in done.stdout
    again = site.run("import", str(path), "--mode", "incremental", "--as-of", "2026-07-01")
    assert "0 new, 0 updated, 60 unchanged" in again.stdout
    rows = query(
        site, "SELECT filename, import_mode, status, snapshot_at, stored_filename FROM upload_detail"
    )
    assert [row[:3] for row in rows] == [
        (path.name, "clear_existing", "done"),
        (path.name, "incremental", "done"),
    ]
    assert str(rows[0][3]).startswith("2026-07-01 08:30:00")
    stored = site.data_dir / "uploads" / rows[0][4]
    assert stored.read_bytes() == path.read_bytes()
    assert len(list(stored.parent.iterdir())) == 2


def test_a_file_that_cannot_be_imported_is_a_reason_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    site.run("import", str(small_export(tmp_path)))
    bad = tmp_path / "letter.csv"
    bad.write_text("Dear Sir or Madam,\nthis is no export.\n")
    refused = site.run("import", str(bad))
    assert refused.returncode == 1
    assert "letter.csv was not imported." in refused.stderr
    assert query(site, "SELECT count(*) FROM otrs_ticket") == [(60,)]
    for arguments in ([str(tmp_path / "nowhere.csv")], [str(bad), "--as-of", "yesterday"]):
        wrong = site.run("import", *arguments)
        assert wrong.returncode == 1
        assert wrong.stderr.startswith("Error: ")
        assert "Traceback" not in wrong.stderr


def test_the_progress_is_a_bar_on_a_terminal(site: Site, tmp_path: Path) -> None:
    here, there = pty.openpty()
    command = [*COMMAND, "import", str(small_export(tmp_path))]
    with subprocess.Popen(command, env=site.environ, stdout=there, stderr=there) as process:
        os.close(there)
        shown = b""
        try:
            while piece := os.read(here, 4096):
                shown += piece
        except OSError:  # how Linux says that the other side has closed
            pass
    os.close(here)
    assert process.returncode == 0
    assert b"[" in shown
    assert b"100%" in shown
    assert b"60 tickets" in shown


def test_sample_data_fill_an_empty_database_only(site: Site) -> None:
    done = site.run("demo", "--tickets", "200")
    assert done.returncode == 0, done.stderr
    assert query(site, "SELECT count(*) FROM otrs_ticket") == [(200,)]
    refused = site.run("demo")
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert query(site, "SELECT count(*) FROM upload_detail") == [(1,)]


def test_the_terminal_and_the_server_import_one_after_the_other(site: Site, tmp_path: Path) -> None:
    address = site.start()
    post(address, plain_export(tmp_path, ROWS))
    done = site.run("import", str(small_export(tmp_path)), "--mode", "incremental")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: query(site, "SELECT 1 FROM upload_detail WHERE status <> 'done'") == [])
    assert query(site, "SELECT count(*) FROM otrs_ticket") == [(ROWS + 60,)]
    assert query(site, "SELECT attempts FROM upload_detail") == [(1,), (1,)]


@contextmanager
def running_import(site: Site, folder: Path) -> Iterator[None]:
    """An import that is under way and cannot finish: the test holds the database's write lock."""
    post(site.start(), plain_export(folder, ROWS))
    wait_until(lambda: query(site, "SELECT 1 FROM upload_detail WHERE status = 'running'"))
    with stored.writers_waiting(site.database_url):
        yield


@pytest.mark.parametrize("victim", ["import", "worker", "run"])
def test_kill_9_in_the_middle_of_an_import(site: Site, tmp_path: Path, victim: str) -> None:
    with running_import(site, tmp_path):
        pid = process_of(site, victim)
        os.kill(pid, signal.SIGKILL)
        if victim == "run":
            assert site.process is not None
            site.process.wait()
            wait_until(lambda: not site.processes())
        assert query(site, "SELECT count(*) FROM otrs_ticket") == [(0,)]
    if victim == "run":
        site.start()
    assert_imported_at_the_second_attempt(site)


def test_sigterm_in_the_middle_of_an_import(site: Site, tmp_path: Path) -> None:
    with running_import(site, tmp_path):
        assert site.stop() < 10
        assert site.processes() == {}
        assert query(site, "SELECT count(*) FROM otrs_ticket") == [(0,)]
    assert "Traceback" not in site.output
    site.start()
    assert_imported_at_the_second_attempt(site)


def assert_imported_at_the_second_attempt(site: Site) -> None:
    wait_until(lambda: query(site, "SELECT 1 FROM upload_detail WHERE status = 'done'"))
    rows = [(ROWS, ROWS)]
    assert query(site, "SELECT count(*), count(DISTINCT ticket_number) FROM otrs_ticket") == rows
    assert query(site, "SELECT record_count, new_records_count FROM upload_detail") == rows
    assert query(site, "SELECT records_affected FROM database_log WHERE operation_type = 'upload'") == [
        (ROWS,)
    ]
    assert query(site, "SELECT attempts FROM upload_detail") == [(2,)]


def process_of(site: Site, name: str) -> int:
    """The process id of `run`, of its worker (the last child that it starts), or of the running import."""
    assert site.process is not None
    if name == "run":
        return site.process.pid
    worker = max(_children(site.process.pid))
    if name == "worker":
        return worker
    fork_server = next(pid for pid in _children(worker) if "forkserver" in site.processes().get(pid, ""))
    return max(_children(fork_server))


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
