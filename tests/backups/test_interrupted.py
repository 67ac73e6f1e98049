"""Whatever ends a process in the middle, or leaves the disk without room: the old backups and the database
stay whole, and the next one works."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from otrs_web.backups import folder, service
from otrs_web.backups.restore import restore
from otrs_web.backups.task import last_task
from otrs_web.settings import Settings
from tests.backups.support import WHO, everything, files, filled, litter, logged, made, many, scalar, tickets
from tests.ops.site import wait_until
from tests.support import migrated

#: what a restore changes besides the data themselves
_LOGS = ("database_log", "data_state", "stored_facts", "schedule")


def environ(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTRS_WEB")}
    return {
        **kept,
        "OTRS_WEB_DATA_DIR": str(settings.data_dir),
        "OTRS_WEB_DATABASE_URL": settings.database_url,
        "OTRS_WEB_LANGUAGE": "en",
    }


def begin(settings: Settings, *command: str, limit: int | None = None) -> subprocess.Popen[str]:
    """A process of its own; `limit` is how many bytes long the files may be that it writes."""
    prefix = [] if limit is None else ["prlimit", f"--fsize={limit}"]
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "otrs_web", *command],
        env=environ(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(process: subprocess.Popen[str], done: Callable[[], bool]) -> None:
    wait_until(lambda: done() or process.poll() is not None)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def is_at_work(settings: Settings) -> bool:
    task = last_task(settings)
    return task is not None and task.is_running


def killed_at(settings: Settings, place: str, call: str) -> None:
    """Run it in a process that kills itself, as `kill -9` would, when it comes to a function."""
    module, _, name = place.rpartition(".")
    script = (
        "import os, signal\nfrom pathlib import Path\n"
        "from otrs_web.backups import restore, service\nfrom otrs_web.settings import Settings\n"
        "settings = Settings.from_env()\n"
        f"{module}.{name} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n{call}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ(settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("place", ["service.engine", "service.write", "os.rename", "service._onto_disk"])
def test_a_backup_that_is_killed_somewhere_leaves_the_old_ones(install, place):
    settings = filled(install)
    old = made(settings)
    before = everything(settings)
    killed_at(settings, place, "service.create(settings, 'by_hand', who='x')")
    assert everything(settings) == before
    assert last_task(settings).was_killed
    assert all(backup.fault is None for backup in folder.listing(settings))
    service.verify(settings, old, who=WHO)
    assert litter(settings) == []
    assert service.verify(settings, made(settings), who=WHO).tickets == 3


@pytest.mark.parametrize(
    "place", ["migrate", "_rows_to_be", "_end_imports", "_kept", "_carry_over", "put_back"]
)
def test_a_restore_that_is_killed_somewhere_leaves_the_old_data(install, place):
    """The last of these comes when all rows are exchanged already, in a transaction that is not committed."""
    settings = filled(install)
    path = made(settings)
    many(settings, 2_000)
    before = everything(settings, without=_LOGS)
    killed_at(settings, f"restore.{place}", f"restore.restore(settings, Path({str(path)!r}), who='x')")
    assert everything(settings, without=_LOGS) == before
    for backup in folder.listing(settings):
        service.verify(settings, backup.path, who=WHO)
    assert litter(settings) == []
    if settings.database_url.startswith("postgresql"):
        assert scalar(settings, "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'") == 0
    restore(settings, path, who=WHO)
    assert tickets(settings) == 3
    many(settings, 10)


def test_backups_that_are_killed_at_any_moment(install):
    settings = filled(install)
    old = made(settings)
    many(settings, 12_000)
    before = everything(settings, without=_LOGS)
    for pause in (0.0, 0.1):
        process = begin(settings, "backup")
        until(process, lambda: is_at_work(settings))
        time.sleep(pause)
        kill(process)
    assert everything(settings, without=_LOGS) == before
    assert all(backup.fault is None for backup in folder.listing(settings))
    service.verify(settings, old, who=WHO)


def test_restores_that_are_killed_at_any_moment(install):
    settings = filled(install)
    many(settings, 6_000, "Old")
    path = made(settings)
    new = everything(settings, without=_LOGS)
    many(settings, 2_000, "New")
    old = everything(settings, without=_LOGS)
    for pause in (0.0, 0.1):
        safe = len(folder.listing(settings))
        process = begin(settings, "restore", path.name, "--yes")
        until(process, lambda safe=safe: len(folder.listing(settings)) > safe)
        time.sleep(pause)
        kill(process)
        assert everything(settings, without=_LOGS) in (old, new)
    for backup in folder.listing(settings):
        service.verify(settings, backup.path, who=WHO)


@pytest.mark.single
@pytest.mark.parametrize("limit", [4_000, 60_000, 600_000])
def test_without_room_a_backup_is_a_sentence_and_leaves_nothing(tmp_path, limit):
    settings = filled(lambda **values: migrated(tmp_path, **values))
    old = made(settings)
    many(settings, 5_000)
    before = everything(settings)
    process = begin(settings, "backup", limit=limit)
    said, why = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert len(why.strip().splitlines()) == 1
    assert "Nothing was changed." in why
    assert files(settings) == [old.name]
    assert litter(settings) == []
    assert everything(settings, without=["database_log"]).items() <= before.items()
    service.verify(settings, old, who=WHO)


@pytest.mark.single
def test_without_room_nothing_is_restored(tmp_path):
    settings = filled(lambda **values: migrated(tmp_path, **values))
    many(settings, 5_000)
    path = made(settings)
    many(settings, 5_000, "Later")
    before = everything(settings, without=["database_log"])
    for limit in (60_000, 1_200_000, 2_500_000):
        process = begin(settings, "restore", path.name, "--yes", limit=limit)
        _, why = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "Nothing was changed." in why
        assert everything(settings, without=["database_log"]) == before
        assert litter(settings) == []
    assert tickets(settings) == 10_003
    service.verify(settings, path, who=WHO)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of four megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_is_named(small_disk, tmp_path):
    settings = filled(
        lambda **values: migrated(small_disk, database_url=f"sqlite:///{tmp_path / 'elsewhere.db'}", **values)
    )
    old = made(settings)
    many(settings, 12_000)
    process = begin(settings, "backup")
    _, why = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (
        why.strip()
        == "The disk is full. Make room in the data directory, then try again. Nothing was changed."
    )
    assert files(settings) == [old.name]
    assert litter(settings) == []
    entry = logged(settings)[-1]
    assert (entry.operation_type, entry.user_info) == ("backup_failed", "Command line")
    assert "The disk is full" in entry.operation_details
    assert "The disk is full" in str(last_task(settings).fault)
