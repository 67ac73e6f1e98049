"""What the database holds, on both databases, and what the page says of it."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from otrs_web.app import create_app
from otrs_web.clock import frozen
from otrs_web.database import Database, SyncDatabase
from otrs_web.inventory import TABLES, Inventory, inventory
from otrs_web.models import Statistic, StatisticsLog, Upload
from otrs_web.settings import Settings
from tests.database_log.writing import NOW, backed_up, imported, write
from tests.support import QueryCounter, make_settings, store_tickets

#: the counts are one; the size is asked of PostgreSQL alone
QUERIES = 5


async def held(settings: Settings) -> Inventory | None:
    db = Database(settings)
    try:
        with QueryCounter(db) as queries:
            found = await inventory(db)
        assert len(queries.statements) <= QUERIES
        return found
    finally:
        await db.dispose()


def store(settings: Settings, *rows: Any) -> None:
    db = SyncDatabase(settings)
    with db.write() as session:
        session.add_all(rows)
    db.dispose()


def fill(settings: Settings) -> None:
    """Three tickets, three uploads of which the second was the last to succeed, two runs, two backups."""
    store_tickets(settings, [{"created_date": "2026-01-10 10:00"}] * 3)
    for number, status in enumerate(("done", "done", "rejected"), 1):
        at = NOW + timedelta(hours=number)
        store(settings, Upload(filename=f"{number}.csv", upload_time=at, finished_at=at, status=status))
    for number, status in enumerate(("success", "error")):
        at = NOW + timedelta(days=number)
        store(settings, StatisticsLog(execution_time=at, statistic_date=at.date(), status=status))
    store(settings, *(Statistic(query_type="main_analysis", query_time=NOW) for _ in range(4)))
    write(settings, backed_up(NOW, "newer.zip"), backed_up(NOW - timedelta(days=1), "older.zip"), imported())


async def test_a_new_database_holds_nothing(install: Callable[..., Settings]) -> None:
    found = await held(install())
    assert found is not None
    assert [rows.number for rows in found.rows] == [0] * len(TABLES)
    assert (found.last_import, found.last_run, found.last_backup) == (None, None, None)
    assert found.octets > 50_000


async def test_tables_are_counted_and_the_newest_of_each_kind_found(
    install: Callable[..., Settings],
) -> None:
    settings = install()
    fill(settings)
    found = await held(settings)
    assert found is not None
    numbers = {rows.table: rows.number for rows in found.rows}
    assert numbers.pop("daily_statistics") > 0
    assert numbers == {
        "otrs_ticket": 3,
        "ticket_change": 0,
        "upload_detail": 3,
        "statistic": 4,
        "statistics_log": 2,
        "responsible_config": 0,
        "database_log": 3,
    }
    assert found.last_import is not None
    assert found.last_run is not None
    assert found.last_backup is not None
    assert found.last_import.filename == "2.csv"
    assert found.last_run.status == "error"
    assert found.last_backup.filename == "newer.zip"


async def test_the_size_grows_with_what_is_stored(install: Callable[..., Settings]) -> None:
    settings = install()
    before = await held(settings)
    store(
        settings,
        *(Upload(filename=os.urandom(120).hex(), upload_time=NOW, status="done") for _ in range(5000)),
    )
    after = await held(settings)
    assert before is not None
    assert after is not None
    assert after.octets - before.octets > 5000 * 240


async def test_a_database_that_is_away_is_no_error(tmp_path) -> None:
    assert await held(make_settings(tmp_path, database_url=f"sqlite:///{tmp_path}/none/x.db")) is None


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Last import 2026-03-01 15:00 · 2.csv",
                "Last run of the daily statistics 2026-03-02 13:00 · 2026-03-02 failed",
                "Last backup 2026-03-01 13:00 · newer.zip",
                "Tickets 3 ",
                "Uploads 3 ",
                "Analyses 4 ",
                "Entries of the change log 3 ",
            ),
        ),
        (
            "zh-CN",
            (
                "最近一次导入 2026-03-01 15:00 · 2.csv",
                "最近一次每日统计 2026-03-02 13:00 · 2026-03-02 失败",
                "最近一次备份 2026-03-01 13:00 · newer.zip",
                "工单 3 ",
            ),
        ),
    ],
)
async def test_the_panel_says_it_in_both_languages(
    install: Callable[..., Settings], language: str, words: tuple[str, ...]
) -> None:
    settings = install(language=language, secret_key="k" * 32, admin_password="x")
    fill(settings)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        with frozen(NOW + timedelta(days=2)):
            answer = await client.get("/database/state")
    await app.state.queue.disconnect()
    await app.state.db.dispose()
    said = plain(answer.text)
    assert [text for text in words if text not in said] == []
    assert '<a href="/uploads/2">2.csv</a>' in answer.text
