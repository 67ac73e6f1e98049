"""The uploads there have been: the newest, one by its number or its name, all of them grouped by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.imports.quality import Finding
from otrs_web.models import UNFINISHED, Statistic, Upload

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class FileHistory:
    """All uploads of one file name, newest first."""

    filename: str
    uploads: Sequence[Upload]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`total` counts file names, as `files` does on this page."""

    files: Sequence[FileHistory]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Trend:
    """What the data held after the newest import and after the one before; None before the second one."""

    now: Statistic
    before: Statistic


def findings(upload: Upload) -> list[Finding]:
    """The upload's quality report."""
    return [Finding.from_json(stored) for stored in upload.report or []]


def refusal(upload: Upload) -> Finding | None:
    """Why the upload was refused or failed, and where; None if it was not, or nobody knows."""
    if not upload.error:
        return None
    lines = upload.error.get("lines", [])
    return Finding(upload.error["code"], "attention", len(lines), lines, upload.error.get("params", {}))


async def get_upload(session: AsyncSession, upload_id: int) -> Upload | None:
    return await session.get(Upload, upload_id)


async def newest_of(session: AsyncSession, filename: str) -> Upload | None:
    """The newest upload of exactly this file name."""
    query = select(Upload).where(Upload.filename == filename).order_by(Upload.id.desc()).limit(1)
    return await session.scalar(query)


async def latest_import(session: AsyncSession) -> Upload | None:
    """The newest upload whose import succeeded."""
    query = select(Upload).where(Upload.status == "done").order_by(Upload.id.desc()).limit(1)
    return await session.scalar(query)


async def waiting(session: AsyncSession) -> int:
    """How many imports wait or run."""
    query = select(func.count()).select_from(Upload).where(Upload.status.in_(UNFINISHED))
    return await session.scalar(query) or 0


async def newest_upload(session: AsyncSession) -> Upload | None:
    """The newest upload, whatever became of it."""
    return await session.scalar(select(Upload).order_by(Upload.id.desc()).limit(1))


async def history(session: AsyncSession, page: int = 1) -> HistoryPage:
    """One page of file names, the one uploaded last first, each with its uploads: three queries."""
    total = await session.scalar(select(func.count(Upload.filename.distinct()))) or 0
    newest = func.max(Upload.id)
    names = (
        select(Upload.filename)
        .group_by(Upload.filename)
        .order_by(newest.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    order = list(await session.scalars(names))
    uploads = await session.scalars(
        select(Upload).where(Upload.filename.in_(order)).order_by(Upload.id.desc())
    )
    grouped: dict[str, list[Upload]] = {name: [] for name in order}
    for upload in uploads:
        grouped[upload.filename].append(upload)
    files = [FileHistory(name, grouped[name]) for name in order]
    return HistoryPage(files, total, page, max(1, -(-total // PAGE_SIZE)))


async def trend(session: AsyncSession) -> Trend | None:
    """The totals after the last two imports, for the difference shown beside a figure."""
    query = select(Statistic).where(Statistic.query_type == "main_analysis", Statistic.upload_id.is_not(None))
    last = list(await session.scalars(query.order_by(Statistic.id.desc()).limit(2)))
    return Trend(last[0], last[1]) if len(last) == 2 else None
