"""What the tests of taking over have in common: the call, and what is stored afterwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from otrs_web.adopt.report import Report
from otrs_web.adopt.service import adopt
from otrs_web.database import SyncDatabase
from otrs_web.database_log import COMMAND_LINE
from otrs_web.settings import Settings


def take(settings: Settings, path: Path, *, replace: bool = False) -> Report:
    return adopt(settings, path, filename=path.name, replace=replace, who=COMMAND_LINE)


@pytest.fixture
def rows_of() -> Callable[..., list[dict[str, Any]]]:
    """All rows of a table of ours, as dictionaries by column, in the order of their ids."""

    def read(settings: Settings, model: Any) -> list[dict[str, Any]]:
        db = SyncDatabase(settings)
        try:
            with db.read() as session:
                found = session.execute(select(model.__table__).order_by(model.id))
                return [dict(row) for row in found.mappings()]
        finally:
            db.dispose()

    return read
