"""Installations for tests that break something: most of them shared by all tests of a module, since what
breaks is also mended again."""

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
    server = Postgres(synchronous_commit="on")
    yield server
    server.stop()
