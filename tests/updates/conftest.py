"""A GitHub of one's own, and a desk that asks it."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from otrs_web.database import Database
from otrs_web.settings import Settings
from tests.updates.github_server import REPO, GitHubServer, running_github

TOKEN = "ghp_a-secret-that-nobody-may-see"


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with running_github() as server:
        yield server


@pytest.fixture
def asking(install: Callable[..., Settings], github: GitHubServer) -> Settings:
    return install(
        app_update_repo=REPO,
        app_update_api_url=github.url,
        app_update_github_token=TOKEN,
        app_update_poll_interval=3600,
    )


@pytest.fixture
async def db(asking: Settings) -> AsyncIterator[Database]:
    database = Database(asking)
    yield database
    await database.dispose()
