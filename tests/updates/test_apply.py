"""Updates of a real service, asked for over its API: what is refused, what goes through with an import that
waits, and what does not come up, is killed, or dies with the machine."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.ops.site import wait_until
from tests.updates.asking import ask, ended, import_state, status, trigger, upload
from tests.updates.desk import NEW, OLD, Desk, Origin
from tests.updates.github_server import GitHubServer, running_github

BROKEN, BROKEN_LATER = "v0.3.0", "v0.4.0"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    origin = Origin(tmp_path_factory.mktemp("origin"))
    origin.publish_with_migration(NEW)
    origin.publish_broken(BROKEN)
    # one that starts only where it is tried, without looking for newer versions, and long lives elsewhere
    origin.publish_broken(BROKEN_LATER, unless="not settings.app_update_enabled", after=5)
    return origin


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with running_github() as server:
        for tag in (NEW, BROKEN, BROKEN_LATER):
            server.release(tag, prerelease=tag != NEW)
        yield server


@pytest.fixture
def desk(short_dir: Path, origin: Origin, github: GitHubServer) -> Iterator[Desk]:
    """Running at the old version, and it knows of the new one."""
    desk = Desk(short_dir, origin, APP_UPDATE_API_URL=github.url)
    desk.start()
    try:
        wait_until(lambda: status(desk)["status"] == "update_available")
        yield desk
    finally:
        desk.clean()


def test_what_is_refused(desk: Desk, github: GitHubServer) -> None:
    before = desk.state()
    code, answer = trigger(desk, NEW, password="wrong")
    assert code == 401
    assert answer["auth_required"] is True
    for target in ("v9.9.9", "--upload-pack=touch /tmp/x", "-c", "main~1", "../main", "other-branch"):
        code, answer = trigger(desk, target)
        assert (code, answer["success"]) == (400, False), target
        assert "is no release of" in answer["error"]
    github.release("v0.5.0", draft=True)
    assert trigger(desk, "v0.5.0")[0] == 400
    assert trigger(desk, OLD)[0] == 400  # no release of it
    github.status = 500
    assert trigger(desk, NEW)[0] == 503
    assert desk.state() == before
    assert desk.journal() == {}


def test_switched_off(short_dir: Path, origin: Origin) -> None:
    desk = Desk(short_dir, origin, APP_UPDATE_ENABLED="false")
    try:
        desk.start()
        code, answer = trigger(desk, NEW)
        assert code == 409
        assert "APP_UPDATE_ENABLED" in answer["error"]
    finally:
        desk.clean()


def test_to_the_new_version_with_an_import_that_waits(desk: Desk) -> None:
    with desk.imports_held():
        waiting = upload(desk, "waiting.csv")
        code, answer = trigger(desk)
        assert code == 202, answer
        assert answer["result"]["target_version"] == NEW
        assert trigger(desk)[0] == 409
        assert status(desk)["status"] == "updating"
        assert desk.process is not None
        pid = desk.process.pid
        found = ended(desk)
        assert (found["status"], found["last_error"]) == ("up_to_date", None)
        assert import_state(desk, waiting) in {"queued", "running"}
    wait_until(lambda: import_state(desk, waiting) == "done")
    assert ask(desk, "/health/live")[1]["version"] == NEW[1:] == desk.version()
    assert desk.process.pid == pid
    assert desk.process.poll() is None
    assert "mark" in "".join(line for line in desk.state()["database"] if "upload_detail" in line)
    desk.stop()
    desk.start()
    assert status(desk)["current_version"] == NEW[1:]


@pytest.mark.parametrize(("target", "steps"), [(BROKEN, ("start", "restart")), (BROKEN_LATER, ("restart",))])
def test_a_version_that_does_not_start(
    desk: Desk, github: GitHubServer, target: str, steps: tuple[str, ...]
) -> None:
    """What fails when it is tried may, on a machine that is busy, fail only when it really begins."""
    github.releases.clear()
    github.release(target)
    done = upload(desk, "before.csv")
    wait_until(lambda: import_state(desk, done) == "done")
    before = desk.state()
    assert trigger(desk, target)[0] == 202
    found = ended(desk)
    assert found["status"] == "update_failed"
    assert found["step"] in steps
    assert found["last_error"]
    after = desk.state()
    assert {**after, "database": ""} == {**before, "database": ""}
    assert tickets(after) == tickets(before)
    assert ask(desk, "/health/live")[1]["version"] == OLD[1:]
    assert desk.process is not None
    assert desk.process.poll() is None
    github.release(NEW)
    assert trigger(desk, NEW)[0] == 202  # and the next one can be tried
    found = ended(desk)
    # whether anything newer is offered depends on whether a check has come meanwhile
    assert (found["current_version"], found["last_error"]) == (NEW[1:], None)


def tickets(state: dict[str, Any]) -> list[str]:
    """The schema and all rows, but those which the running service writes by itself."""
    noise = ("schedule", "update_status", "statistics_log", "daily_statistics", "sqlite_sequence")
    return [line for line in state["database"] if not any(word in line for word in noise)]


def test_an_updater_that_is_killed(desk: Desk) -> None:
    before = desk.state()
    assert trigger(desk)[0] == 202
    wait_until(lambda: desk.journal().get("step") == "install")
    for pid in desk.updaters():
        os.kill(pid, signal.SIGKILL)
    found = ended(desk, 20)
    assert (found["status"], found["step"]) == ("update_failed", "install")
    assert "interrupted" in found["last_error"]
    assert {**desk.state(), "database": ""} == {**before, "database": ""}


def test_a_machine_that_dies_while_the_new_version_starts(desk: Desk) -> None:
    done = upload(desk, "before.csv")
    wait_until(lambda: import_state(desk, done) == "done")
    before = desk.state()
    assert trigger(desk)[0] == 202
    wait_until(lambda: desk.journal().get("phase") == "switched", 120)
    for pid in {*desk.processes(), *desk.updaters()}:
        with suppress(ProcessLookupError):  # some end by themselves at this moment
            os.kill(pid, signal.SIGKILL)
    assert desk.process is not None
    desk.process.wait()
    time.sleep(1)
    assert desk.journal()["phase"] == "switched"
    desk.start()
    found = ended(desk, 20)
    assert (found["status"], found["step"]) == ("update_failed", "restart")
    assert ask(desk, "/health/live")[1]["version"] == OLD[1:]
    after = desk.state()
    assert {**after, "database": ""} == {**before, "database": ""}
    assert tickets(after) == tickets(before)
