"""Installations for tests that break something: most of them shared by all tests of a module, since what
breaks is also mended again."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a short path, for the sockets in it."""
    path = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A server that the tests of one module may end and start again; it keeps what it has committed."""
    server = Postgres()
    yield server
    server.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Disks are mounted and clocks are set by root alone, as which the whole suite runs where it counts."""
    for item in items:
        if item.get_closest_marker("as_root") and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="only root may mount a disk"))
