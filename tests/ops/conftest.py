"""A program on a data directory of its own, which leaves no process behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.site import Site


@pytest.fixture
def site(short_dir: Path) -> Iterator[Site]:
    site = Site(short_dir / "data")
    yield site
    site.clean()
