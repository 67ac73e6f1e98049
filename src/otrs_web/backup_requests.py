"""What page and scripts have in common where they ask for backups: who asks, which file is meant, how long
they wait for the work, and what a reason against it means to them."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from otrs_web.backups import folder
from otrs_web.backups.background import within
from otrs_web.backups.errors import BackupError
from otrs_web.database_log import browser
from otrs_web.errors import Problem
from otrs_web.reader import AnyRequest
from otrs_web.security import client_address
from otrs_web.settings import Settings

MEDIA_TYPE = "application/zip"
_STATUS_OF = {"unknown": 404, "busy": 409, "refused": 422, "failed": 503}

Outcome = TypeVar("Outcome")


async def find(settings: Settings, name: str) -> Path:
    """The backup of that name in the folder; raises Problem 404."""
    try:
        return await to_thread.run_sync(folder.find, settings, name)
    except BackupError as error:
        raise problem(error) from error


async def outcome(seconds: float, work: Callable[[], Outcome]) -> Outcome | None:
    """What came of it, or None where it takes longer and goes on; raises Problem."""
    try:
        return await within(seconds, work)
    except BackupError as error:
        raise problem(error) from error


def problem(error: BackupError) -> Problem:
    return Problem(_STATUS_OF[error.kind], error.reason.message, params=error.reason.params)


def who_asks(request: AnyRequest) -> str:
    """For the database log."""
    return browser(client_address(request), request.headers.get("user-agent", ""))
