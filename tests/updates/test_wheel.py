"""An installation from a wheel is updated over the API from the wheel of the release; where the release has
none, or in a container, the answer says what to type."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from otrs_web.updates.install import is_container
from tests.ops.site import wait_until
from tests.updates.asking import ask, ended, status, trigger
from tests.updates.desk import NEW, OLD, Desk, Origin
from tests.updates.github_server import GitHubServer, running_github

in_container = is_container()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address under which the files of a folder can be downloaded."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def desk(short_dir: Path, tmp_path: Path) -> Iterator[tuple[Desk, GitHubServer, Path]]:
    """Running from the old version's wheel, with a GitHub, and the wheel of a new version."""
    origin = Origin(tmp_path / "origin")
    origin.publish(NEW)
    with running_github() as github:
        desk = Desk(short_dir, origin, wheel=origin.wheel(OLD), APP_UPDATE_API_URL=github.url)
        github.release(NEW)
        desk.start()
        try:
            wait_until(lambda: status(desk)["status"] == "update_available")
            yield desk, github, origin.wheel(NEW)
        finally:
            desk.clean()


@pytest.mark.skipif(in_container, reason="in a container another version is another image")
def test_from_the_wheel_of_the_release(desk: tuple[Desk, GitHubServer, Path]) -> None:
    service, github, new = desk
    code, answer = trigger(service)
    assert code == 409
    assert "pip install --upgrade" in answer["error"]
    with served(new.parent) as address:
        github.releases.clear()
        github.release(NEW, assets=[{"name": new.name, "browser_download_url": f"{address}/{new.name}"}])
        code, answer = trigger(service)
        assert code == 202, answer
        found = ended(service)
    assert (found["status"], found["last_error"]) == ("up_to_date", None)
    assert ask(service, "/health/live")[1]["version"] == NEW[1:] == service.version()


@pytest.mark.skipif(not in_container, reason="this is no container")
def test_a_container_is_told_how_containers_are_updated(desk: tuple[Desk, GitHubServer, Path]) -> None:
    service, _, _ = desk
    code, answer = trigger(service)
    assert code == 409
    assert "docker compose up" in answer["error"]
    assert (status(service)["status"], service.version()) == ("update_available", OLD[1:])
