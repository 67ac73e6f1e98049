"""A program, or a broker alone, on a data directory of its own, which leaves no process behind."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from otrs_web.queue import TicketQueue, make_queue
from otrs_web.settings import Settings
from tests import services
from tests.ops.queueing import running_broker
from tests.ops.site import Site


@pytest.fixture
def site(short_dir: Path) -> Iterator[Site]:
    site = Site(short_dir / "data")
    yield site
    site.clean()


@pytest.fixture
def settings(short_dir: Path) -> Settings:
    data_dir = short_dir / "data"
    return Settings.from_env({"OTRS_WEB_DATA_DIR": str(data_dir), **services.addresses(data_dir)})


@pytest.fixture
async def queue(settings: Settings) -> AsyncIterator[TicketQueue]:
    with running_broker(settings):
        queue = make_queue(settings)
        yield queue
        await queue.disconnect()
