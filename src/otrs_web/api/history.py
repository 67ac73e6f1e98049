"""What became of uploads: the progress of one, and the latest that was imported."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from otrs_web.api.answers import ImportProgress, LatestUpload, LatestUploadInfo
from otrs_web.api.queries import PARAMETERS
from otrs_web.api.responses import problems
from otrs_web.api.wording import progress_answer
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.imports.history import latest_import
from otrs_web.imports.progress import progress
from otrs_web.reader import reader
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.listing import count_tickets


class HistoryController(Controller):
    tags = ("Import",)

    @get(
        "/processing-status",
        summary="How far an import is",
        opt={PARAMETERS: ("upload_id",)},
        responses=problems(400, 404),
    )
    async def status(
        self, db: NamedDependency[Database], upload_id: FromQuery[str | None] = None
    ) -> ImportProgress:
        """The upload that is named, else the newest."""
        wanted = _upload_id(upload_id)
        async with db.read() as session:
            found = await progress(session, wanted)
        if found is None and wanted is not None:
            raise Problem(404, N_("There is no such upload."))
        return progress_answer(found)

    @get("/api/latest-upload-info", summary="The newest import, and what is stored since")
    async def latest(self, db: NamedDependency[Database]) -> LatestUploadInfo:
        async with db.read() as session:
            upload = await latest_import(session)
            total = await count_tickets(session, TicketFilter())
            opened = await count_tickets(session, TicketFilter(open=True))
        if upload is None:
            return LatestUploadInfo(has_data=total > 0, latest_upload=None)
        latest = LatestUpload(
            upload_id=upload.id,
            filename=upload.filename,
            record_count=upload.record_count,
            new_records_count=upload.new_records_count,
            upload_time=f"{reader().formats.local(upload.upload_time):%Y-%m-%d %H:%M:%S}",
            as_of=upload.snapshot_at,
            total_records=total,
            open_tickets=opened,
        )
        return LatestUploadInfo(has_data=total > 0, latest_upload=latest)


def _upload_id(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise FilterError("upload_id", text, N_("the number of an upload"))
    return int(text)
