"""A worker, or the process that imports for it, is killed at each of the seven steps of an import. A trigger
in the database holds the import exactly there; nothing of the program knows of it. Afterwards the import is
done once, and everything that is stored is what an undisturbed import leaves."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from otrs_web.settings import Settings
from tests.faults.parts import Desk, Part, Valkey, Web, export, import_process
from tests.waiting import wait_until

#: every step is met on both databases, for the worker and for its import
pytestmark = pytest.mark.timeout(900)
STEPS = range(1, 8)
#: step 1 is written when the file is accepted; what is held there is the import that claims it
_WHEN = "NEW.step = {step} AND NEW.status = '{status}'"
_STATUS = {1: "running", 7: "done"}


class Site:
    """A web server, and a worker that is killed again and again."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.valkey = Valkey(folder / "valkey")
        self.valkey.start()
        self.desk = Desk(folder, settings.database_url, self.valkey.url)
        self.web: Web = self.desk.web()
        self.worker: Part = self.desk.worker()
        self.web.wait()
        # one export replaces the other: new, changed, unchanged and removed tickets each time
        self.exports = [
            export(folder / "exports", "one", 400, title="First"),
            export(folder / "exports", "two", 400, title="Second", skip=100),
        ]
        for path in self.exports:
            path.write_text(path.read_text() + "9999,2026-06-01 09:00:00,,open,3 normal,Always,The same\n")

    def hold(self) -> "Hold":
        kind = OnSqlite if self.desk.database_url.startswith("sqlite") else OnPostgres
        return kind(self.desk)

    def stored(self) -> dict[str, Any]:
        """All that is stored of tickets, without what tells one import from another of the same file."""
        columns = (
            "ticket_number, title, state, is_open, left_at, created_date, closed_date, queue, snapshot_at"
        )
        return {
            "tickets": self.desk.rows(f"SELECT {columns} FROM otrs_ticket ORDER BY ticket_number"),
            "days": self.desk.rows(
                "SELECT statistic_date, opening_balance, new_tickets, resolved_tickets, closing_balance "
                "FROM daily_statistics ORDER BY statistic_date"
            ),
            "facts": self.desk.rows("SELECT counts FROM stored_facts")[0][0].partition('"last_import"')[0],
        }

    def records(self) -> list[tuple[Any, ...]]:
        """How often everything was written down that an import writes down once."""
        return self.desk.rows(
            "SELECT (SELECT count(*) FROM ticket_change), (SELECT count(*) FROM database_log), "
            "(SELECT count(*) FROM statistic WHERE upload_id IS NOT NULL), (SELECT version FROM data_state), "
            "(SELECT count(*) FROM upload_detail WHERE status = 'done')"
        )


class OnPostgres:
    """The trigger waits for a lock that this process holds."""

    def __init__(self, desk: Desk) -> None:
        self.connection = psycopg.connect(desk.database_url, autocommit=True)

    @contextmanager
    def at(self, step: int) -> Iterator[None]:
        condition = _WHEN.format(step=step, status=_STATUS.get(step, "running"))
        run = self.connection.execute
        run("SELECT pg_advisory_lock(4711)")
        run(
            "CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END'"
        )
        run(
            f"CREATE TRIGGER hold AFTER UPDATE ON upload_detail FOR EACH ROW WHEN ({condition}) "
            "EXECUTE FUNCTION hold()"
        )
        yield
        run("SELECT pg_advisory_unlock(4711)")
        run("DROP TRIGGER hold ON upload_detail")

    def is_held(self) -> bool:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
        return bool(self.connection.execute(query).fetchone() == (1,))

    def close(self) -> None:
        self.connection.close()


class OnSqlite:
    """The trigger counts to a number that it does not reach, and meanwhile holds the lock of all writers."""

    def __init__(self, desk: Desk) -> None:
        path = desk.database_url.removeprefix("sqlite:///")
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=20)

    @contextmanager
    def at(self, step: int) -> Iterator[None]:
        condition = _WHEN.format(step=step, status=_STATUS.get(step, "running"))
        many = ", ".join(f"otrs_ticket t{n}" for n in range(6))
        self.connection.execute(
            f"CREATE TRIGGER hold AFTER UPDATE ON upload_detail WHEN {condition} "
            f"BEGIN UPDATE schedule SET name = name WHERE 0 > (SELECT count(*) FROM {many}); END"
        )
        yield
        self.connection.execute("DROP TRIGGER hold")

    def is_held(self) -> bool:
        self.connection.execute("PRAGMA busy_timeout = 300")
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        else:
            self.connection.execute("ROLLBACK")
            return False
        finally:
            self.connection.execute("PRAGMA busy_timeout = 20000")

    def close(self) -> None:
        self.connection.close()


Hold = OnSqlite | OnPostgres


@pytest.fixture
def site(install: Callable[..., Settings], short_dir: Path) -> Iterator[Site]:
    site = Site(install(), short_dir)
    yield site
    site.desk.clean()
    site.valkey.stop()


def kill_worker(site: Site) -> None:
    site.worker.kill()
    site.worker = site.desk.worker()


def kill_import(site: Site) -> None:
    os.kill(import_process(site.worker.process.pid), signal.SIGKILL)


def test_killed_at_each_step(site: Site) -> None:
    hold = site.hold()
    undisturbed = []
    for path in (*site.exports, *site.exports):
        before = site.records()[0]
        site.desk.wait_for(site.web.upload(path))
        undisturbed.append((site.stored(), [b - a for a, b in zip(before, site.records()[0], strict=True)]))
    turn = 0
    for step in STEPS:
        for kill in (kill_import, kill_worker):
            before, old = site.records()[0], site.stored()
            with hold.at(step):
                upload = site.web.upload(site.exports[turn])
                wait_until(hold.is_held, 20)
                kill(site)
                assert site.stored() == old
            site.desk.wait_for(upload)
            expected, written = undisturbed[2 + turn]
            assert site.stored() == expected, (step, kill.__name__)
            assert [b - a for a, b in zip(before, site.records()[0], strict=True)] == written, step
            attempts = site.desk.value("SELECT attempts FROM upload_detail WHERE id = :id", id=upload)
            assert attempts == (1 if step == 1 else 2)
            turn = 1 - turn
    hold.close()


@pytest.mark.long
def test_killed_at_any_moment(site: Site) -> None:
    """The same at moments that nobody chose, all over the time that a larger import takes."""
    large = export(site.exports[0].parent, "large", 20_000)
    before = site.desk.rows("SELECT count(*) FROM otrs_ticket")
    for number in range(40):
        upload = site.web.upload(large, "incremental")
        time.sleep(0.05 * number)
        (kill_import_if_any if number % 2 else kill_worker)(site)
        site.desk.wait_for(upload)
        assert site.desk.value("SELECT count(*) FROM otrs_ticket") == 20_000
        assert (
            site.desk.value("SELECT count(*) FROM database_log WHERE operation_type = 'upload'") == number + 1
        )
    assert before == [(0,)]


def kill_import_if_any(site: Site) -> None:
    try:
        kill_import(site)
    except (ValueError, ProcessLookupError):  # it has not begun yet, or is over
        return
