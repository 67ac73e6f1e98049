"""The daily statistics in real workers on a real broker: computed once, however many there are."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from otrs_web.database import migrate
from otrs_web.settings import Settings
from tests import stored
from tests.ops.queueing import running_broker
from tests.ops.site import wait_until
from tests.support import store_tickets

#: a worker whose clock stands still at an instant; everything else is as in production
WORKER = """
import os
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from otrs_web.clock import frozen
from otrs_web.settings import Settings
from otrs_web.worker import run_worker
folder, url, queue, at = sys.argv[1:]
settings = Settings(
    data_dir=Path(folder), database_url=url, queue_url=queue or None, timezone=ZoneInfo("Europe/Berlin")
)
with frozen(datetime.fromisoformat(at)):
    os._exit(run_worker(settings))
"""


@contextmanager
def workers(settings: Settings, at: datetime, number: int) -> Iterator[None]:
    parts = (str(settings.data_dir), settings.database_url, settings.queue_url or "", at.isoformat())
    command = [sys.executable, "-c", WORKER, *parts]
    running = [subprocess.Popen(command) for _ in range(number)]
    try:
        yield
        assert all(worker.poll() is None for worker in running)
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(20)


def rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    return [
        tuple(str(value) if isinstance(value, date) else value for value in row)
        for row in stored.rows(settings.database_url, query)
    ]


def test_two_workers_catch_up_once(settings: Settings) -> None:
    migrate(settings)
    store_tickets(settings, [{"created_date": "2026-03-01 08:00"}], as_of=datetime(2026, 3, 2, 18))
    logged = "SELECT statistic_date, occasion, total_open FROM statistics_log ORDER BY id"
    begun = "SELECT last_due FROM schedule WHERE name = 'daily_statistics'"
    with running_broker(settings):
        with workers(settings, datetime(2026, 3, 2, 20, tzinfo=UTC), 2):
            wait_until(lambda: rows(settings, begun))
        assert rows(settings, logged) == []
        # nobody was there on the 2nd and the 3rd at 23:59; both start at the same time
        with workers(settings, datetime(2026, 3, 4, 8, tzinfo=UTC), 2):
            wait_until(lambda: rows(settings, logged))
        assert rows(settings, logged) == [("2026-03-02", "missed", 1), ("2026-03-03", "missed", 1)]
    days = "SELECT statistic_date, provisional FROM daily_statistics ORDER BY statistic_date"
    assert rows(settings, days) == [("2026-03-01", 0), ("2026-03-02", 1), ("2026-03-03", 1)]
