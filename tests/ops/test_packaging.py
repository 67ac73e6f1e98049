"""What a fresh machine gets: pinned packages from nowhere in particular, and a wheel that is complete."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.ops.site import Site, status

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pins(name: str) -> dict[str, str]:
    """Package (with its condition) -> version."""
    found = re.findall(r"^([\w.-]+)==([\w.]+)(.*?) \\$", (ROOT / name).read_text(), re.MULTILINE)
    return {package + condition: version for package, version, condition in found}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_hash_and_by_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 30
    assert [entry for entry in entries if not re.match(r"[\w.-]+==\S+", entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index" not in text


def test_tests_run_with_the_packages_that_users_get() -> None:
    users, tests = (pins(name) for name in LOCKS)
    assert {package: tests.get(package) for package in users} == users


def test_the_wheel_is_complete(site: Site, tmp_path: Path) -> None:
    """The container's image has nothing else: templates, translations and migrations must be in it."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    site.environ["PYTHONPATH"] = str(tmp_path / "installed")
    where = subprocess.run(
        [sys.executable, "-c", "import otrs_web; print(otrs_web.__file__)"],
        env=site.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path))
    address = site.start()
    assert status(address, "/") == 200
    assert status(address, "/results") == 200
    assert "Traceback" not in site.output
