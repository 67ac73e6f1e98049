"""The image, built once for all processes of a test run."""

import fcntl
from pathlib import Path

import pytest

from tests.deploy.image import Image, build, built, which, why_not


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Image:
    """What the steps of Containerfile make of what git tracks."""
    if reason := why_not():
        pytest.skip(reason)
    if missing := [name for name in ("curl", "ip") if not which(name)]:
        needed = " and ".join(missing)
        pytest.fail(f"These tests need {needed}. As root: sh scripts/containers.sh", pytrace=False)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "image"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            build(folder)
            done.touch()
    return built(folder)
