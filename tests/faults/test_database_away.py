"""The database is away and comes back: everybody gets a sentence within a bounded time, nothing has to be
started again, and an import that was running is done, once."""

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.parts import BROWSER, CHINESE, Desk, Part, Valkey, Web, export
from tests.postgres import Postgres, children
from tests.waiting import wait_until

pytestmark = pytest.mark.single

AWAY = "The database is busy or cannot be reached. Try again in a moment."
AWAY_IN_CHINESE = "数据库繁忙或无法连接，请稍后再试。"
PAGES = [
    "/",
    "/results",
    "/tickets",
    "/uploads",
    "/settings",
    "/daily-statistics",
    "/backups",
    "/database-log",
]
JSON = [
    "/database-stats",
    "/processing-status",
    "/tickets.json",
    "/database-log.json",
    "/api/daily-statistics",
]


class Site:
    """Two web servers and two workers on a database that can be ended."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.postgres = postgres
        self.valkey = Valkey(folder / "valkey")
        self.valkey.start()
        self.desk = Desk(folder, postgres.create(), self.valkey.url)
        self.webs: list[Web] = [self.desk.web(), self.desk.web()]
        self.workers: list[Part] = [self.desk.worker(), self.desk.worker()]
        for web in self.webs:
            web.wait()
        self.small = export(folder / "exports", "small", 30)
        self.desk.wait_for(self.webs[0].upload(self.small))


@pytest.fixture(scope="module")
def site(folder: Path, own_postgres: Postgres) -> Iterator[Site]:
    site = Site(folder, own_postgres)
    yield site
    site.desk.clean()
    site.valkey.stop()


def assert_all_say_so(web: Web) -> None:
    """Pages, fragments and answers for scripts, in the reader's language and without insides."""
    for headers, sentence in ((BROWSER, AWAY), (CHINESE, AWAY_IN_CHINESE)):
        for path in PAGES:
            page = web.page(path, headers)
            assert (page.status_code, path, sentence in page.text) == (503, path, True)
            assert "psycopg" not in page.text
        part = web.page("/tickets/list", {**headers, "hx-request": "true"})
        assert part.status_code == 503
        assert sentence in part.text
        assert "<html" not in part.text
    for path in JSON:
        answer = web.get(path, **{"accept-language": "en"})
        assert (answer.status_code, path) == (503, path)
        assert (answer.json()["success"], answer.json()["error"]) == (False, AWAY)


def test_gone_and_back(site: Site) -> None:
    for web in site.webs:  # so that there are connections that the end will cut
        assert {web.page(path).status_code for path in PAGES} == {200}
    site.postgres.crash()
    for web in site.webs:
        assert_all_say_so(web)
        refused = web.post(site.small)
        assert (refused.status_code, refused.json()["success"]) == (503, False)
    site.valkey.hurry()
    wait_until(lambda: any("The database cannot be used now" in worker.output for worker in site.workers))
    site.postgres.start()
    assert sorted((site.desk.data_dir / "uploads").iterdir()) == sorted(stored(site))
    for web in site.webs:
        assert {web.page(path).status_code for path in PAGES} == {200}  # at the very first request
        site.desk.wait_for(web.upload(site.small))
    assert all(part.lives for part in site.desk.parts)
    assert "Traceback" not in site.desk.output


def test_started_anew_between_two_requests(site: Site) -> None:
    """Every connection of every process is cut, and nobody notices."""
    for web in site.webs:
        assert {web.page(path).status_code for path in PAGES} == {200}
    site.postgres.crash()
    site.postgres.start()
    for web in site.webs:
        assert [web.page(path).status_code for path in PAGES] == [200] * len(PAGES)
    # cron goes on as well: what nobody has told the queue of is found
    site.desk.rows("UPDATE upload_detail SET status = 'queued', attempts = 0 WHERE id = 1")
    # again and again, since what is just at work cannot be hurried
    wait_until(lambda: site.valkey.hurry() or site.desk.is_done(1))


def stored(site: Site) -> list[Path]:
    names = site.desk.rows("SELECT stored_filename FROM upload_detail")
    return [site.desk.data_dir / "uploads" / str(name) for (name,) in names]


def test_in_the_middle_of_an_import(site: Site) -> None:
    upload = site.webs[0].upload(export(site.small.parent, "large", 20_000))
    wait_until(lambda: status(site, upload)[:2] >= ("running", 4))
    site.postgres.crash()
    time.sleep(0.5)  # the importing process meets the end, and another attempt as well
    site.postgres.start()
    site.desk.wait_for(upload)
    assert site.webs[1].tickets() == 20_000
    logged = "SELECT count(*) FROM database_log WHERE operation_type = 'upload' AND filename LIKE 'large%'"
    assert site.desk.value(logged) == 1
    assert all(part.lives for part in site.desk.parts)


def test_cut_off_in_the_middle_of_an_import(site: Site) -> None:
    """Where the database itself goes on, an import does not fail either."""
    with psycopg.connect(site.desk.database_url) as connection:
        connection.execute("LOCK TABLE otrs_ticket IN SHARE MODE")
        upload = site.webs[0].upload(export(site.small.parent, "other", 500))
        wait_until(lambda: status(site, upload) == ("running", 6))
        held = waiting_for("otrs_ticket")
        wait_until(lambda: connection.execute(held).fetchone())
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({held}) AS importing")
    site.desk.wait_for(upload)
    assert site.desk.rows("SELECT attempts FROM upload_detail WHERE id = :id", id=upload) == [(2,)]
    assert site.webs[1].tickets() == 500


def waiting_for(table: str) -> str:
    """Asks for the connections that wait for a table."""
    return f"SELECT pid FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"


@pytest.mark.parametrize(
    ("command", "table"), [("import", "otrs_ticket"), ("daily-stats", "daily_statistics")]
)
def test_in_the_middle_of_a_command_on_a_terminal(site: Site, command: str, table: str) -> None:
    exports = site.small.parent
    files = [str(export(exports, "by-hand", 40))] if command == "import" else []
    last = site.desk.value("SELECT max(id) FROM upload_detail")
    connection = psycopg.connect(site.desk.database_url)
    connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    log = site.desk.folder / f"{command}.log"
    part = Part([*site.desk.command, command, *files], site.desk.environ, log)
    wait_until(lambda: connection.execute(waiting_for(table)).fetchone())
    site.postgres.crash()
    assert part.process.wait(30) == 1
    site.postgres.start()
    assert part.output.splitlines()[-1].startswith("Error: The database went away, or is busy: ")
    assert "Traceback" not in part.output
    if files:  # a worker takes it up
        wait_until(lambda: site.valkey.hurry() or site.desk.is_done(last + 1))
        assert site.webs[0].tickets() == 40


def status(site: Site, upload: int) -> tuple[Any, ...]:
    return site.desk.rows("SELECT status, step FROM upload_detail WHERE id = :id", id=upload)[0]


def test_a_server_that_hangs_is_given_up(site: Site) -> None:
    web = site.webs[0]
    assert web.page("/results").status_code == 200
    with site.postgres.frozen():
        begin = time.monotonic()
        page = web.page("/tickets")
        assert page.status_code == 503
        assert AWAY in page.text
        assert time.monotonic() - begin < 15
        assert web.get("/health/live").status_code == 200
    wait_until(lambda: web.page("/tickets").status_code == 200, 10)
    site.desk.wait_for(web.upload(site.small))
    assert all(part.lives for part in site.desk.parts)


#: as in production, but a writer waits for another one for half a second instead of a minute
IMPATIENT = "import otrs_web.database as d; d.BUSY_TIMEOUT_MS = 500; from otrs_web.cli import main; main()"


@pytest.fixture(scope="module")
def on_sqlite(folder: Path) -> Iterator[tuple[Desk, Web]]:
    desk = Desk(folder / "sqlite")
    desk.command = [sys.executable, "-c", IMPATIENT]
    web = desk.run()
    yield desk, web
    desk.clean()


def test_held_by_another_writer(on_sqlite: tuple[Desk, Web], folder: Path) -> None:
    desk, web = on_sqlite
    small = export(folder / "exports", "small", 30)
    with closing(sqlite3.connect(desk.data_dir / "otrs-web.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert web.page("/results").status_code == 200
        refused = web.post(small, headers={"accept-language": "en"})
        assert (refused.status_code, refused.json()["error"]) == (503, AWAY)
        other.execute("ROLLBACK")
        upload = web.upload(small)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1.5)
        assert desk_status(desk, upload) in ("queued", "running", "done")
        other.execute("ROLLBACK")
    desk.wait_for(upload)
    assert list((desk.data_dir / "uploads").glob("*.part")) == []


def desk_status(desk: Desk, upload: int) -> str:
    path = desk.data_dir / "otrs-web.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return str(
            connection.execute("SELECT status FROM upload_detail WHERE id = ?", [upload]).fetchone()[0]
        )


def test_a_file_that_cannot_be_opened(on_sqlite: tuple[Desk, Web], folder: Path) -> None:
    desk, web = on_sqlite
    path, aside = desk.data_dir / "otrs-web.db", folder / "aside"
    aside.mkdir()
    for pid in children(web.part.process.pid):
        if "valkey" not in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)  # connections that are open already would go on
    for file in desk.data_dir.glob("otrs-web.db*"):
        shutil.move(file, aside)
    path.mkdir()
    web.wait()
    for headers, sentence in ((BROWSER, AWAY), (CHINESE, AWAY_IN_CHINESE)):
        page = web.page("/results", headers)
        assert (page.status_code, sentence in page.text) == (503, True)
    path.rmdir()
    for file in aside.iterdir():
        shutil.move(file, desk.data_dir)
    assert web.page("/results").status_code == 200
    desk.wait_for(web.upload(export(folder / "exports", "small", 30)))
    assert web.part.lives
    assert "Traceback" not in desk.output
