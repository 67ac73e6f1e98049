"""An import's progress, its quality report and its refusal in the reader's words, for the JSON answers."""

from otrs_web.api.answers import ImportProgress, Remark
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.imports.history import findings, refusal
from otrs_web.imports.progress import STEPS, Progress
from otrs_web.imports.quality import message
from otrs_web.models import Upload
from otrs_web.reader import reader

_ENDINGS = {
    "rejected": N_("The file was refused; nothing was changed."),
    "failed": N_("The import failed; nothing was changed."),
    "cancelled": N_("The import was cancelled; nothing was changed."),
}
#: how a script sees from the status alone that an import came to nothing, and whose fault it was
_STATUSES = {"rejected": 422, "failed": 500, "cancelled": 409}
#: the importing process did not survive the file, again and again: it is the file
_KILLED_BY_THE_FILE = "import_died"


def remarks(upload: Upload) -> list[Remark]:
    """The upload's quality report."""
    tr = reader().gettext
    return [Remark(f.code, f.level, message(f, tr), f.count, list(f.lines)) for f in findings(upload)]


def refusal_problem(upload: Upload) -> Problem:
    """An upload that came to nothing, as an answer to the one who waited for it."""
    reason = refusal(upload)
    tr = reader().gettext
    text = message(reason, tr) if reason else tr(_ENDINGS[upload.status])
    code = reason.code if reason else upload.status
    return Problem(
        422 if code == _KILLED_BY_THE_FILE else _STATUSES[upload.status],
        "{reason}",
        params={"reason": text},
        code=code,
        lines=reason.lines if reason else [],
        upload_id=upload.id,
        upload_status=upload.status,
    )


def progress_answer(progress: Progress | None) -> ImportProgress:
    """What `/processing-status` says; without any upload, that there is none."""
    tr = reader().gettext
    if progress is None:
        words = tr(N_("No file has been uploaded yet."))
        return ImportProgress(0, len(STEPS), words, "", None, "idle", 0, None, 0)
    upload = progress.upload
    reason = refusal(upload)
    return ImportProgress(
        current_step=progress.step,
        total_steps=progress.total_steps,
        message=tr(_ENDINGS.get(upload.status, progress.message)),
        details=message(reason, tr) if reason else _rows(upload),
        upload_id=upload.id,
        status=upload.status,
        rows_done=upload.rows_done,
        rows_total=upload.rows_total,
        percent=progress.percent,
        filename=upload.filename,
        elapsed_seconds=round(progress.elapsed.total_seconds()) if progress.elapsed else None,
        remaining_seconds=round(progress.remaining.total_seconds()) if progress.remaining else None,
        code=reason.code if reason else None,
        lines=reason.lines if reason else [],
        warnings=remarks(upload),
    )


def _rows(upload: Upload) -> str:
    if not upload.rows_done:
        return ""
    numbers = reader().formats
    if upload.rows_total is None:
        return reader().gettext(N_("{done} rows")).format(done=numbers.number(upload.rows_done))
    words = reader().gettext(N_("{done} of {total} rows"))
    return words.format(done=numbers.number(upload.rows_done), total=numbers.number(upload.rows_total))
