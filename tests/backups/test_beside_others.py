"""Backups are made and restored while others read, write and import."""

import asyncio
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text

from otrs_web.backups import service
from otrs_web.backups.archive import read_manifest
from otrs_web.backups.background import within
from otrs_web.backups.errors import BackupError
from otrs_web.backups.restore import restore
from otrs_web.database import Database, SyncDatabase
from otrs_web.imports import service as imports
from otrs_web.models import DataState, StoredFacts, Ticket, Upload
from otrs_web.resources import folder
from otrs_web.settings import Settings
from tests.backups.support import WHO, everything, filled, made, many, run, scalar, tickets
from tests.support import make_settings, migrated


def export(settings: Settings, rows: int) -> None:
    settings.uploads_dir.mkdir(exist_ok=True)
    with (settings.uploads_dir / "a.csv").open("w") as file:
        file.write("Ticket Number,Created,State,Title\n")
        file.writelines(f"{10**12 + n},2026-01-05 10:00:00,open,Something {n}\n" for n in range(rows))


async def accept(settings: Settings) -> int:
    db = Database(settings)
    upload = await imports.accept(
        db, stored_filename="a.csv", filename="a.csv", size_bytes=1, sha256="", mode="incremental"
    )
    await db.dispose()
    return upload


async def test_backups_made_while_an_import_runs_hold_all_of_it_or_nothing(install):
    settings = filled(install)
    many(settings, 3_000)
    export(settings, 20_000)
    await accept(settings)
    importing = threading.Thread(target=imports.run_pending, args=(settings,))
    importing.start()
    paths: list[Path] = []
    while importing.is_alive() or not paths:
        paths.append(made(settings))
        importing.join(0.3)
    assert scalar(settings, select(Upload.status)) == "done"
    paths.append(made(settings))
    counts = [read_manifest(path).tickets for path in paths]
    assert counts == sorted(counts)
    assert set(counts) == {3_003, 23_003}
    for path in (paths[0], paths[-1]):
        service.verify(settings, path, who=WHO)
    after = everything(settings)["otrs_ticket"]
    restore(settings, paths[0], who=WHO)
    assert tickets(settings) == 3_003
    # whatever the import had begun is over, and says why
    assert scalar(settings, select(Upload.error)) == {"code": "restored", "params": {}}
    restore(settings, paths[-1], who=WHO)
    assert everything(settings)["otrs_ticket"] == after


def test_readers_see_old_or_new_while_a_backup_is_restored(install):
    settings = filled(install)
    path = made(settings)
    many(settings, 5_000)
    seen: set[tuple[int, int, int]] = set()
    failures: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        db = SyncDatabase(settings)
        counts = [
            select(func.count()).select_from(Ticket),
            select(DataState.version),
            select(StoredFacts.version),
        ]
        try:
            while not over.is_set():
                with db.engine.connect().execution_options(
                    isolation_level="REPEATABLE READ"
                    if "postgresql" in settings.database_url
                    else "SERIALIZABLE"
                ) as connection:
                    first = tuple(connection.scalar(query) for query in counts)
                    assert tuple(connection.scalar(query) for query in counts) == first
                    seen.add(first)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)
        finally:
            db.dispose()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    restore(settings, path, who=WHO)
    for _ in range(1000):
        if len(seen) > 1:
            break
        threading.Event().wait(0.01)
    over.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert seen == {(5_003, 2, 2), (3, 3, 3)}


async def test_the_loop_goes_on_while_a_backup_is_made(install):
    settings = filled(install)
    many(settings, 8_000)
    slowest, ticking = 0.0, True

    async def tick() -> None:
        nonlocal slowest
        loop = asyncio.get_running_loop()
        while ticking:
            before = loop.time()
            await asyncio.sleep(0.005)
            slowest = max(slowest, loop.time() - before)

    ticks = asyncio.create_task(tick())
    done = await within(60, lambda: service.create(settings, "by_hand", who=WHO))
    ticking = False
    await ticks
    assert done is not None
    assert slowest < 0.5


def at_revision(settings: Settings, revision: str) -> None:
    db = SyncDatabase(settings)
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    with db.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)
    db.dispose()


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_backup_of_an_older_schema_is_brought_to_this_one(install, tmp_path, revision, request):
    settings = filled(install)
    newest = scalar(settings, "SELECT version_num FROM alembic_version")
    if settings.database_url.startswith("postgresql"):
        url = request.getfixturevalue("postgres").create()
        run(make_settings(tmp_path, database_url=url), "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        url = f"sqlite:///{tmp_path / 'older.db'}"
    older = make_settings(tmp_path, database_url=url)
    at_revision(older, revision)
    run(
        older,
        "INSERT INTO data_state (id, version, as_of, open_by) VALUES (1, 40, '2026-01-12 18:00:00', 'state')"
        if scalar(older, "SELECT count(*) FROM data_state") == 0
        else "UPDATE data_state SET version = 40, as_of = '2026-01-12 18:00:00'",
        "INSERT INTO otrs_ticket (ticket_number, created_date, state, state_type, is_open, snapshot_at)"
        " VALUES ('old', '2026-01-05 10:00:00', 'open', 'open', true, '2026-01-12 18:00:00')",
    )
    name, manifest = service.create(older, "by_hand", who=WHO)
    assert manifest.revision == revision
    restore(settings, settings.backups_dir / name, who=WHO)
    assert scalar(settings, "SELECT version_num FROM alembic_version") == newest
    assert scalar(settings, select(Ticket.ticket_number)) == "old"
    assert scalar(settings, select(DataState.version)) == scalar(settings, select(StoredFacts.version)) == 41


@pytest.mark.single
def test_a_database_that_is_not_there_is_not_made(tmp_path):
    settings = make_settings(tmp_path / "new")
    with pytest.raises(BackupError, match="There is no database at"):
        service.create(settings, "by_hand", who=WHO)
    assert not (tmp_path / "new" / "otrs.db").exists()


def test_rows_of_a_table_with_other_columns_in_order_are_taken_by_name(tmp_path):
    """A migration may put a column elsewhere than a new table has it."""
    settings = filled(lambda **values: migrated(tmp_path, **values))
    path = made(settings)
    run(
        settings,
        "DROP TABLE state_name",
        "CREATE TABLE state_name (state_type VARCHAR(10) NOT NULL, name VARCHAR(255) PRIMARY KEY)",
    )
    run(settings, text("INSERT INTO state_name (name, state_type) VALUES ('odd', 'open')"))
    other = made(settings)
    restore(settings, path, who=WHO)
    assert scalar(settings, "SELECT count(*) FROM state_name") == 0
    restore(settings, other, who=WHO)
    assert scalar(settings, "SELECT name FROM state_name") == "odd"
