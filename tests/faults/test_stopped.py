"""A worker is told to end in the middle of an import: it does within its ten seconds, and another living
worker, or else the next one that starts, does the import."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.parts import Desk, Valkey, export
from tests.postgres import Postgres
from tests.waiting import wait_until

ROWS = 5_000


@pytest.fixture
def desk(short_dir: Path, postgres: Postgres) -> Iterator[Desk]:
    valkey = Valkey(short_dir / "valkey")
    valkey.start()
    url = postgres.create()
    desk = Desk(short_dir, url, valkey.url)
    yield desk
    desk.clean()
    valkey.stop()
    postgres.drop(url)


@pytest.mark.parametrize("others", [0, 1])
def test_a_worker_that_imports_is_told_to_end(desk: Desk, others: int) -> None:
    web = desk.web()
    workers = [desk.worker() for _ in range(1 + others)]
    web.wait()
    wait_until(lambda: desk_workers(web.get("/health/ready").json()) == 1 + others)
    with psycopg.connect(desk.database_url) as connection:
        # so that the import can read all, and store nothing
        connection.execute("LOCK TABLE otrs_ticket IN SHARE MODE")
        upload = web.upload(export(desk.folder, "large", ROWS))
        wait_until(lambda: step(connection, upload) == 6)
        busy = next(worker for worker in workers if "Importing what is queued" in worker.output)
        begin = time.monotonic()
        assert busy.stop() == 0
        assert time.monotonic() - begin < 10
    if others:
        desk.wait_for(upload, 15)
    else:
        assert desk.value("SELECT status FROM upload_detail") == "running"
        assert desk.value("SELECT count(*) FROM otrs_ticket") == 0
        desk.worker()
        desk.wait_for(upload, 15)
    assert desk.rows("SELECT status, attempts, record_count FROM upload_detail") == [("done", 2, ROWS)]
    assert desk.value("SELECT count(*) FROM database_log WHERE operation_type = 'upload'") == 1
    assert web.tickets() == ROWS
    assert "Traceback" not in desk.output


def step(connection: "psycopg.Connection[tuple[int]]", upload: int) -> int:
    row = connection.execute("SELECT step FROM upload_detail WHERE id = %s", [upload]).fetchone()
    assert row is not None
    return row[0]


def desk_workers(ready: dict[str, object]) -> int:
    parts = ready["parts"]
    assert isinstance(parts, dict)
    return int(parts["worker"].get("workers", 0))
