"""Newer versions of the program for scripts: what is known, having seen it, and asking now."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from otrs_web.api.answers import JsonObject
from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.reader import reader
from otrs_web.schedule import last_due
from otrs_web.update_notice import Notices, seen_cookie
from otrs_web.update_requests import check_now
from otrs_web.updates import check
from otrs_web.updates.follow import follow
from otrs_web.updates.shapes import Fault
from otrs_web.updates.status import acknowledge, load, target_columns
from otrs_web.updates.wording import SWITCHED_OFF, sentence


class UpdateStatus(msgspec.Struct):
    """`status`: idle, up_to_date, update_available, updating, restarting, update_failed or error.
    `latest_version` is the newest release's tag, or the tag or commit that an update would lead to, as
    `target_kind` (release, tag, branch) says. `release_notes` are Markdown. Times are in UTC."""

    current_version: str
    latest_version: str | None
    release_name: str | None
    release_notes: str | None
    release_url: str | None
    published_at: datetime | None
    status: str
    notified_at: datetime | None
    last_checked_at: datetime | None
    next_check_at: datetime | None
    last_update_started_at: datetime | None
    last_update_completed_at: datetime | None
    last_error: str | None
    update_enabled: bool
    repo: str
    poll_interval: int
    is_updating: bool
    restart_scheduled: bool
    target_kind: str | None
    updating_to: str | None
    step: str | None
    message: str


class UpdateStatusAnswer(msgspec.Struct):
    status: UpdateStatus
    success: bool = True


class UpdateChecked(msgspec.Struct):
    """`success` is false where GitHub could not be asked: `message` says why."""

    status: str
    current_version: str
    latest_version: str | None
    message: str
    success: bool


class UpdatesController(Controller):
    path = "/api/update"
    tags = ("Updates",)

    @get("/status", summary="What is known of newer versions, and of the update that runs or ran last")
    async def status(self, db: NamedDependency[Database]) -> UpdateStatusAnswer:
        return UpdateStatusAnswer(await _status(db))

    @post(
        "/ack",
        summary="Note that the newest version has been seen",
        status_code=200,
        responses=problems(415),
    )
    async def ack(
        self, db: NamedDependency[Database], data: JSONBody[JsonObject | None] = None
    ) -> Response[UpdateStatusAnswer]:
        """The answer's cookie keeps pages from telling of this version in the same browser; others are told
        all the same, and everybody of the next version."""
        async with db.write() as session:
            await session.run_sync(acknowledge)
        known = await _status(db)
        cookies = [seen_cookie(known.latest_version)] if known.latest_version else []
        return Response(UpdateStatusAnswer(known), cookies=cookies)

    @post(
        "/check",
        summary="Look for a newer version now",
        status_code=200,
        responses=problems(409, 415, 429),
    )
    async def check(
        self,
        db: NamedDependency[Database],
        notices: NamedDependency[Notices],
        data: JSONBody[JsonObject | None] = None,
    ) -> UpdateChecked:
        """At most once a minute, whoever asks. While an update runs, or GitHub wants no questions, nothing is
        asked, and the answer is what is known."""
        known = await check_now(db, notices)
        failed = known.state == "error"
        return UpdateChecked(
            status=known.state,
            current_version=known.current_version,
            latest_version=known.target.version if known.target else None,
            message=_say(known.fault if failed and known.fault else sentence(known)),
            success=not failed,
        )


async def _status(db: Database) -> UpdateStatus:
    await follow(db)
    async with db.read() as session:
        known, checked = await load(session), await last_due(session, check.CHECK)
    settings, found = db.settings, target_columns(known.target)
    enabled = settings.app_update_enabled
    return UpdateStatus(
        current_version=known.current_version,
        latest_version=found["latest_version"],
        release_name=found["release_name"],
        release_notes=found["release_body"],
        release_url=found["release_url"],
        published_at=found["published_at"],
        status=known.state,
        notified_at=known.notified_at,
        last_checked_at=known.last_checked_at,
        next_check_at=check.next_check(known, settings, checked) if enabled else None,
        last_update_started_at=known.last_update_started_at,
        last_update_completed_at=known.last_update_completed_at,
        last_error=_say(known.fault) if known.fault else None,
        update_enabled=enabled,
        repo=settings.app_update_repo,
        poll_interval=settings.app_update_poll_interval,
        is_updating=known.is_updating,
        restart_scheduled=known.state == "restarting",
        target_kind=found["target_kind"],
        updating_to=known.updating_to if known.is_updating else None,
        step=known.step,
        message=_say(sentence(known) if enabled or known.is_updating else Fault(SWITCHED_OFF)),
    )


def _say(words: Fault) -> str:
    return reader().gettext(words.message).format(**words.params)
