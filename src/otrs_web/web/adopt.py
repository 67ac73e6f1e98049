"""Taking over the original's data in a browser: its database file goes to the disk as it arrives, a process
of its own takes it over, so that pages are served meanwhile, and the answer says what was taken."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio import to_process, to_thread
from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect, Template

from otrs_web.admin import require_admin
from otrs_web.adopt.report import TABLES, Refused, Report
from otrs_web.adopt.service import UPLOADED, adopt
from otrs_web.database import Database
from otrs_web.database.faults import is_full
from otrs_web.database_log import browser
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyConnection, AnyRequest, reader
from otrs_web.security import client_address
from otrs_web.settings import Settings
from otrs_web.web.frame import data_as_of
from otrs_web.web.settings import settings_page

_MEGABYTE = 1 << 20
#: boundaries and the other fields of the form, which do not count as the file
_FORM_OVERHEAD = 64 * 1024
_COPIED_AT_ONCE = 1 << 20


def not_too_large(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
    """Guard before the form is read: what announces no length, or too much, is not taken in at all."""
    limit: int = connection.app.state.settings.max_upload_mb
    length = connection.headers.get("content-length", "")
    if not length.isdecimal():
        raise Problem(411, N_("The request does not say how long it is."))
    if int(length) > limit * _MEGABYTE + _FORM_OVERHEAD:
        message = N_(
            "The file is larger than {limit} MB, the most that is accepted here. On the server, "
            "`otrs-web adopt` takes over a file of any size."
        )
        raise Problem(413, message, params={"limit": limit}, field="file")


class AdoptPage(Controller):
    path = "/settings/adopt"
    include_in_schema = False

    @get()
    async def again(self) -> Redirect:
        """For whoever comes back to the form's address, to read again."""
        return Redirect("/settings", status_code=303)

    @post(guards=[not_too_large], request_max_body_size=None, status_code=200)
    async def adopt(
        self, request: AnyRequest, db: NamedDependency[Database], settings: NamedDependency[Settings]
    ) -> Template:
        try:
            report = await _report(request, settings)
        except Problem as problem:
            if "hx-request" in request.headers:
                raise
            return await settings_page(request, db, "adopt", problem)
        async with db.read() as session:
            as_of = await data_as_of(session)
        formats, gettext = reader().formats, reader().gettext
        context = {
            "report": report,
            "tables": [
                (TABLES[taken.table], taken, list(taken.remarks(formats, gettext)))
                for taken in report.tables.values()
            ],
            "notes": list(report.notes(formats, gettext)),
            "as_of": as_of,
        }
        return Template("settings/adopted.html", context=context)


async def _report(request: AnyRequest, settings: Settings) -> Report:
    """What was taken from the file of the form. Raises Problem."""
    form = await request.form()
    await require_admin(request)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Problem(400, N_("No file was chosen."), field="file")
    return await _adopted(request, settings, file, replace="replace" in form)


async def _adopted(request: AnyRequest, settings: Settings, file: UploadFile, *, replace: bool) -> Report:
    """What was taken from an uploaded file, of which nothing is kept. Raises Problem 422, 503 or 507."""
    filename = Path(file.filename.replace("\\", "/")).name
    who = browser(client_address(request), request.headers.get("user-agent", ""))
    try:
        with TemporaryDirectory(prefix=UPLOADED, dir=settings.data_dir) as folder:
            path = Path(folder) / "uploaded.db"
            await _write(file, path)
            work = partial(adopt, settings, path, filename=filename, replace=replace, who=who)
            return await to_process.run_sync(work, cancellable=True)
    except Refused as refused:
        raise Problem(422, refused.message, params=refused.params, field="file") from refused
    except OSError as error:
        if is_full(error):
            raise Problem(507) from error
        message = N_("The file could not be stored: {reason}. Nothing was changed.")
        raise Problem(503, message, params={"reason": error.strerror or str(error)}) from error


async def _write(file: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        while octets := await file.read(_COPIED_AT_ONCE):
            await to_thread.run_sync(target.write, octets)
