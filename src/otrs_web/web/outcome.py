"""What became of an upload, in words: its progress, its quality report in three groups, or why it was
refused. Shared by every page and fragment that shows one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from otrs_web.health import broker_part, jobs_in, worker_part
from otrs_web.i18n import N_
from otrs_web.imports.history import findings, refusal
from otrs_web.imports.progress import STEPS, Progress
from otrs_web.imports.quality import Finding, message
from otrs_web.models import Upload
from otrs_web.queue import TicketQueue
from otrs_web.reader import reader

LEVELS: Mapping[str, str] = {
    "attention": N_("Needs your attention"),
    "notice": N_("Worth knowing"),
    "fine": N_("Fine"),
}


@dataclass(frozen=True)
class Remark:
    """One line of a quality report: the sentence in the reader's language and the rows it is about."""

    sentence: str
    count: int
    lines: Sequence[int]


def quality(upload: Upload) -> dict[str, list[Remark]]:
    """The findings of an import by level, the gravest level first; empty levels are left out."""
    groups: dict[str, list[Remark]] = {level: [] for level in LEVELS}
    for finding in findings(upload):
        groups[finding.level].append(_remark(finding))
    return {level: remarks for level, remarks in groups.items() if remarks}


def _remark(finding: Finding) -> Remark:
    return Remark(message(finding, reader().gettext), finding.count, finding.lines)


async def hindrance(upload: Upload, queue: TicketQueue) -> str | None:
    """What keeps an import that is not over from going on, as a marked sentence. The queue may take seconds
    to answer: to be asked while no connection of the database is held."""
    if upload.is_finished:
        return None
    found = await jobs_in(queue)
    parts = (broker_part(found), worker_part(found))
    return next((part.message for part in parts if part.state == "failed"), None)


def progress_context(progress: Progress, hindered: str | None = None) -> dict[str, Any]:
    """What `import/_progress.html` shows."""
    refused = refusal(progress.upload)
    return {
        "progress": progress,
        "upload": progress.upload,
        "steps": STEPS,
        "levels": LEVELS,
        "quality": quality(progress.upload),
        "refusal": _remark(refused) if refused else None,
        "hindered": hindered,
    }
