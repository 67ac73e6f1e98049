"""Asking for newer versions beside a real start: it waits for nobody, and a second worker asks nothing."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.site import COMMAND, Site, wait_until
from tests.updates.conftest import TOKEN
from tests.updates.github_server import REPO, GitHubServer


@pytest.fixture
def site(short_dir: Path, github: GitHubServer) -> Iterator[Site]:
    site = Site(
        short_dir / "data",
        APP_UPDATE_REPO=REPO,
        APP_UPDATE_API_URL=github.url,
        APP_UPDATE_GITHUB_TOKEN=TOKEN,
    )
    yield site
    site.clean()


def test_a_server_that_hangs_delays_neither_start_nor_stop(site: Site, github: GitHubServer) -> None:
    github.delay_s = 60
    begin = time.monotonic()
    site.start()
    wait_until(lambda: github.asked)
    assert time.monotonic() - begin < 20
    assert site.stop() < 10
    wait_until(lambda: not site.processes())


def test_a_second_worker_does_not_ask_again(site: Site, github: GitHubServer) -> None:
    github.release("v98.0.0")
    site.start()
    wait_until(lambda: "The newest version of" in site.output)
    with site.log.open("ab") as log:
        second = subprocess.Popen([*COMMAND, "worker"], env=site.environ, stdout=log, stderr=log)
    try:
        time.sleep(3)
        assert second.poll() is None, site.output
        assert github.paths == ["releases/latest"]
    finally:
        second.terminate()
        second.wait(20)
    site.stop()
    assert TOKEN not in site.output
