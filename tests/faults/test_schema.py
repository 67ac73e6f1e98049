"""A program beside a database that is not of its schema: a newer one is refused by whatever would use it, in
one sentence and without touching anything; an older one is waited for, since `migrate` may be at work."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from otrs_web.database import migrate
from otrs_web.database.schema import known_revisions
from otrs_web.settings import Settings
from tests.backups.support import everything, made
from tests.faults.parts import Desk, Valkey, export
from tests.ops.queueing import running_broker
from tests.waiting import wait_until

NEWER = "9999_of_next_year"
#: as in production, but nobody waits for longer than a second
IMPATIENT = (
    "import otrs_web.database.schema as s; s.wait_until_usable.__defaults__ = (1.0,); "
    "from otrs_web.cli import main; main()"
)


@pytest.fixture
def desk(install: Callable[..., Settings], short_dir: Path) -> Iterator[Desk]:
    desk = Desk(short_dir, install().database_url)
    yield desk
    desk.clean()


def test_a_newer_one_is_refused_by_everything(desk: Desk) -> None:
    backup = made(desk.settings)
    desk.rows("UPDATE alembic_version SET version_num = :newer", newer=NEWER)
    before = everything(desk.settings)
    commands = [
        ("migrate",),
        ("import", str(export(desk.folder, "small", 3))),
        ("daily-stats",),
        ("backup",),
        ("verify", backup.name),
        ("restore", backup.name, "--yes"),
        ("web",),
        ("run",),
        ("worker",),
    ]
    with running_broker(desk.settings):
        parts = {command[0]: desk.start(*command) for command in commands[:4]}
        parts |= {command[0]: desk.start(*command) for command in commands[4:7]}
        parts["worker"] = desk.start("worker")
        for name, part in parts.items():
            assert (part.process.wait(60), name) == (1, name), part.output
    parts["run"] = desk.start("run")
    assert parts["run"].process.wait(60) == 1
    for name, part in parts.items():
        said = [line for line in part.output.splitlines() if not line.startswith("All data are replaced")]
        assert f"schema {NEWER}, which otrs-web" in said[0], (name, said)
        assert "Install that version again, or restore a backup into an empty database." in said[0]
        assert (len(said), name) == (2 if name == "run" else 1, name), said
    assert everything(desk.settings) == before


def test_an_older_one_is_waited_for(short_dir: Path) -> None:
    desk = Desk(short_dir)
    migrate(desk.settings)
    (head,) = desk.rows("SELECT version_num FROM alembic_version")
    older = min(known_revisions())
    desk.rows("UPDATE alembic_version SET version_num = :older", older=older)
    valkey = Valkey(desk.folder / "valkey")
    valkey.start()
    desk.environ["OTRS_WEB_QUEUE_URL"] = valkey.url
    try:
        web, worker = desk.web(), desk.worker()
        for part in (web.part, worker):
            wait_until(lambda part=part: f"has the schema {older}" in part.output)
            assert "Run `otrs-web migrate`" in part.output
            assert part.lives
        desk.command = [sys.executable, "-c", IMPATIENT]
        refused = desk.start("web", OTRS_WEB_PORT="1")
        assert refused.process.wait(30) == 1
        assert refused.output.splitlines()[-1].startswith(f"Error: The database has the schema {older}")
        desk.rows("UPDATE alembic_version SET version_num = :head", head=head[0])
        web.wait()
        desk.wait_for(web.upload(export(desk.folder, "small", 3)))
    finally:
        desk.clean()
        valkey.stop()


def test_an_empty_one_as_well(short_dir: Path) -> None:
    desk = Desk(short_dir)
    desk.command = [sys.executable, "-c", IMPATIENT]
    refused = desk.call("web")
    assert refused.returncode == 1
    assert "The database has no tables yet" in refused.stderr
    assert "Run `otrs-web migrate`" in refused.stderr
