"""What page and scripts have in common where they ask for newer versions: what stands against it means the
same to both."""

from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.update_notice import Notices
from otrs_web.updates import apply, check
from otrs_web.updates.shapes import Status, Target
from otrs_web.updates.wording import SWITCHED_OFF

_STATUS_OF = {"conflict": 409, "unknown": 400, "away": 503}


async def begin_now(db: Database, wanted: str | None, *, who: str) -> Target:
    """Begin an update. Raises Problem: 400 for what is no release, 409 where something stands against it,
    503 where GitHub cannot be asked."""
    try:
        return await apply.begin(db, wanted, who=who)
    except apply.NotBegun as error:
        field = "target_version" if error.why == "unknown" else None
        raise Problem(
            _STATUS_OF[error.why], error.reason.message, params=error.reason.params, field=field
        ) from error


async def check_now(db: Database, notices: Notices) -> Status:
    """Raises Problem 409 where looking is switched off, 429 where somebody has just asked."""
    if not db.settings.app_update_enabled:
        raise Problem(409, SWITCHED_OFF)
    try:
        known = await check.run_by_hand(db)
    except check.AskedJustNow as error:
        message = N_("Somebody has just asked. Wait {seconds} seconds, then try again.")
        headers = {"retry-after": str(error.seconds)}
        raise Problem(429, message, params={"seconds": error.seconds}, headers=headers) from error
    await notices.refresh()
    return known
