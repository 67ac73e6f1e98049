"""What every test may use."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """An empty directory with a short path: a Unix socket's path may be no longer than 107 bytes, which
    pytest's own directories often are."""
    path = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
