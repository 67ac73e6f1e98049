"""Backups for scripts: all of it needs the admin password, since a backup holds all data and a restore
replaces them. An answer comes when the work is done; what takes longer than a proxy would wait goes on by
itself, and the status tells how it ended."""

from pathlib import Path

import msgspec
from anyio import to_thread
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import File

from otrs_web.admin import admin_only
from otrs_web.api.backup_answers import BackupDone, BackupList, BackupStatus, file_answer, status_answer
from otrs_web.api.responses import file_of, problems
from otrs_web.backup_requests import MEDIA_TYPE, find, outcome, who_asks
from otrs_web.backups import daily, folder, service
from otrs_web.backups.restore import restore
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.settings import Settings

#: shorter than proxies wait by default
PATIENCE_SECONDS = 50.0


class Named(msgspec.Struct):
    """One of the files of the list; and the admin password, unless it comes otherwise."""

    filename: str
    auth_password: str | None = None


class Retention(msgspec.Struct):
    """How many days of backups to keep, if not as many as the settings say; and the admin password."""

    retention_days: int | None = None
    auth_password: str | None = None


class Password(msgspec.Struct):
    """The admin password; not needed with HTTP Basic or in a signed-in session."""

    auth_password: str | None = None


class BackupsController(Controller):
    path = "/api/backup"
    tags = ("Backups",)
    guards = (admin_only,)

    @get("/list", summary="All backups, the newest first", responses=problems(401, 429))
    async def list_all(self, settings: NamedDependency[Settings]) -> BackupList:
        return BackupList([file_answer(b) for b in await to_thread.run_sync(folder.listing, settings)])

    @get(
        "/status",
        summary="What there is, when the next one is due, what is being done",
        responses=problems(401, 429),
    )
    async def status(
        self, db: NamedDependency[Database], settings: NamedDependency[Settings]
    ) -> BackupStatus:
        found = await to_thread.run_sync(folder.listing, settings)
        async with db.read() as session:
            automatic = await daily.state(session, settings, found)
        return status_answer(settings, found, automatic)

    @get(
        "/download/{filename:str}",
        summary="A backup's file",
        responses={**file_of(MEDIA_TYPE, "A zip of the dump and manifest.json."), **problems(401, 404, 429)},
    )
    async def download(self, filename: FromPath[str], settings: NamedDependency[Settings]) -> File:
        path = await find(settings, filename)
        return File(path, filename=path.name, media_type=MEDIA_TYPE)

    @post("/create", summary="Make a backup", status_code=200, responses=problems(401, 409, 415, 429, 503))
    async def create(
        self,
        request: AnyRequest,
        settings: NamedDependency[Settings],
        data: JSONBody[Password | None] = None,
    ) -> Response[BackupDone]:
        """Readers and imports are not hindered."""
        who = who_asks(request)
        done = await outcome(PATIENCE_SECONDS, lambda: service.create(settings, "by_hand", who=who))
        if done is None:
            return _going_on()
        words = _say(N_("The backup {file} was made."), file=done[0])
        return Response(BackupDone(words, filename=done[0], tickets=done[1].tickets))

    @post(
        "/verify",
        summary="Restore a backup elsewhere and compare what is in it",
        status_code=200,
        responses=problems(400, 401, 404, 409, 415, 422, 429, 503),
    )
    async def verify(
        self, request: AnyRequest, settings: NamedDependency[Settings], data: JSONBody[Named]
    ) -> Response[BackupDone]:
        """422 where it is damaged; the live data are not touched."""
        path, who = await find(settings, data.filename), who_asks(request)
        done = await outcome(PATIENCE_SECONDS, lambda: service.verify(settings, path, who=who))
        if done is None:
            return _going_on(path)
        words = _say(N_("The backup {file} is good."), file=path.name)
        return Response(BackupDone(words, filename=path.name, tickets=done.tickets))

    @post(
        "/restore",
        summary="Replace all data by those of a backup",
        status_code=200,
        responses=problems(400, 401, 404, 409, 415, 422, 429, 503),
    )
    async def restore(
        self, request: AnyRequest, settings: NamedDependency[Settings], data: JSONBody[Named]
    ) -> Response[BackupDone]:
        """A backup of the present data is made first. Web and worker go on; no restart is needed. A damaged,
        foreign or newer file is refused with 422, an import that waits or runs with 409; then nothing was
        changed."""
        path, who = await find(settings, data.filename), who_asks(request)
        done = await outcome(PATIENCE_SECONDS, lambda: restore(settings, path, who=who))
        if done is None:
            return _going_on(path)
        words = _say(N_("The backup {file} was restored."), file=path.name)
        tickets = done.manifest.tickets
        return Response(BackupDone(words, path.name, tickets, safety_copy=done.safety))

    @post(
        "/cleanup",
        summary="Delete backups that are no longer needed",
        status_code=200,
        responses=problems(400, 401, 409, 415, 429, 503),
    )
    async def cleanup(
        self,
        request: AnyRequest,
        settings: NamedDependency[Settings],
        data: JSONBody[Retention | None] = None,
    ) -> Response[BackupDone]:
        """Those older than so many days, but never the newest good ones, of which a number is always kept."""
        days, who = data.retention_days if data else None, who_asks(request)
        if days is not None and not 1 <= days <= 36_500:
            message = N_("The days to keep backups for must be a number from 1 to 36500.")
            raise Problem(400, message, field="retention_days")
        deleted = await outcome(PATIENCE_SECONDS, lambda: service.clean_up(settings, who=who, keep_days=days))
        if deleted is None:
            return _going_on()
        words = reader().ngettext(
            "{count} backup was deleted.", "{count} backups were deleted.", len(deleted)
        )
        message = words.format(count=reader().formats.number(len(deleted)))
        return Response(BackupDone(message, deleted_count=len(deleted), deleted=deleted))


def _going_on(path: Path | None = None) -> Response[BackupDone]:
    words = _say(N_("This takes longer. It goes on by itself; ask for the status to see how it ends."))
    return Response(BackupDone(words, path.name if path else None, running=True), status_code=202)


def _say(message: str, **params: str) -> str:
    return reader().gettext(message).format(**params)
