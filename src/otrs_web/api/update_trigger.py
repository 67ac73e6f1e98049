"""Beginning an update by a script."""

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from otrs_web.admin import admin_only
from otrs_web.api.responses import problems
from otrs_web.backup_requests import who_asks
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.update_requests import begin_now
from otrs_web.updates.versions import shown


class UpdateWanted(msgspec.Struct):
    """The tag of a release, or the configured branch; what is offered, if neither is named. And the admin
    password, unless it comes otherwise."""

    target_version: str | None = None
    auth_password: str | None = None


class UpdateBegun(msgspec.Struct):
    """`target_version` is the tag or the branch."""

    message: str
    target_version: str


class UpdateBegunAnswer(msgspec.Struct):
    result: UpdateBegun
    success: bool = True


class UpdateTriggerController(Controller):
    path = "/api/update"
    tags = ("Updates",)
    guards = (admin_only,)

    @post(
        "/trigger",
        summary="Begin to update",
        status_code=202,
        responses=problems(400, 401, 409, 415, 429, 503),
    )
    async def trigger(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        data: JSONBody[UpdateWanted | None] = None,
    ) -> UpdateBegunAnswer:
        """Only to a release that GitHub lists at this moment, or to the branch of the settings (else 400).
        409 while an update runs, where nothing is newer, or where this installation cannot put another
        version in place by itself. The status tells how it goes on."""
        target = await begin_now(db, data.target_version if data else None, who=who_asks(request))
        words = reader().gettext(N_("The update to {version} has begun."))
        return UpdateBegunAnswer(UpdateBegun(words.format(version=shown(target.ref)), target.ref))
