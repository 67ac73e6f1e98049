"""What every test may use."""

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from otrs_web.settings import Settings
from tests import services
from tests.postgres import Postgres, PostgresMissing
from tests.support import migrated

#: where nothing depends on database or broker, or where tests start both of their own
ALIKE = (
    *("bench/", "deploy/", "faults/", "updates/test_notes"),
    *("updates/test_versions", "updates/test_wheel", "test_architecture", "test_proxies"),
    *(
        f"imports/test_{name}"
        for name in ("ages", "columns", "dates", "edge_files", "generated", "hostile_files")
    ),
    *(f"imports/test_{name}" for name in ("mutilated_files", "states", "text_files", "workbooks")),
    *(f"ops/test_{name}" for name in ("clock", "credentials", "logging", "packaging", "settings")),
    *(f"web/test_{name}" for name in ("assets", "i18n", "messages")),
)
TESTS = Path(__file__).parent


def pytest_collection_finish() -> None:
    """Nothing that is loaded by now goes away: without looking it through again and again for what could, the
    tests need a quarter less time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """An empty directory with a short path: a Unix socket's path may be no longer than 107 bytes, which
    pytest's own directories often are."""
    path = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On shared services, leave out what is about an installation that has everything by itself, what runs on
    both databases in any case, and what would do the same once more."""
    if not services.SHARED:
        return
    kept, left_out = [], []
    for item in items:
        on_both = {"database_url", "postgres"} & set(getattr(item, "fixturenames", ()))
        alike = item.path.relative_to(TESTS).as_posix().startswith(ALIKE)
        (left_out if on_both or alike or item.get_closest_marker("single") else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=services.SHARED)
def forgotten_services() -> Iterator[None]:
    with services.forgetting():
        yield


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """A server for this process of the test run, started when the first test asks for it."""
    try:
        return services.postgres()
    except PostgresMissing as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a migrated database on PostgreSQL, for one test."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The test runs twice, each time with a database of its own: hand this to `migrated`."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'otrs.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def install(tmp_path: Path, database_url: str) -> Callable[..., Settings]:
    """Makes the settings of a migrated database, once on SQLite and once on PostgreSQL."""
    return partial(migrated, tmp_path, database_url=database_url)
