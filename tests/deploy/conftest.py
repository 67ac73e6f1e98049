"""The image, built once for all processes of a test run."""

import fcntl
from pathlib import Path

import pytest

from tests.deploy import engine


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> engine.Image:
    """What the steps of Containerfile make of what git tracks."""
    if reason := engine.why_not():
        pytest.skip(reason)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "image"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            engine.build(folder)
            done.touch()
    return engine.built(folder)
