"""The log as it is read: a page of it by key, so that a long log costs no more than a short one, or all of it
as a stream. The newest change comes first; changes of one second come in the order they were written."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.wording import KINDS
from otrs_web.i18n import N_
from otrs_web.models import DatabaseLog
from otrs_web.schedule import due_on
from otrs_web.tickets.values import FilterError, spellings

PAGE_SIZE = 50
STREAM_ROWS = 500
COLUMNS = (
    "id",
    "operation_time",
    "operation_type",
    "table_name",
    "records_affected",
    "operation_details",
    "user_info",
    "filename",
)

GetText = Callable[[str], str]
Conditions = Sequence[ColumnElement[bool]]
_KEY = tuple_(DatabaseLog.operation_time, DatabaseLog.id)
_NEWEST = (DatabaseLog.operation_time.desc(), DatabaseLog.id.desc())
_OLDEST = (DatabaseLog.operation_time.asc(), DatabaseLog.id.asc())


@dataclass(frozen=True)
class LogPage:
    """Entries, newest first, of `total`; `first` is the position of the first of them, counted from 1."""

    entries: Sequence[DatabaseLog]
    total: int
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.entries) - 1

    @property
    def newer(self) -> int | None:
        """The entry that newer ones are asked for with; None on the first page."""
        return self.entries[0].id if self.entries and self.first > 1 else None

    @property
    def older(self) -> int | None:
        return self.entries[-1].id if self.last < self.total else None


async def kinds(session: AsyncSession) -> dict[str, int]:
    """How many entries of which kind there are: known kinds in their usual order, then those of others."""
    query = select(DatabaseLog.operation_type, func.count()).group_by(DatabaseLog.operation_type)
    order = {kind: place for place, kind in enumerate(KINDS)}
    found = sorted(await session.execute(query), key=lambda row: (order.get(row[0], len(order)), row[0]))
    return {kind: number for kind, number in found}  # noqa: C416 - rows are no pairs to the type checker


async def read_page(
    session: AsyncSession,
    chosen: LogFilter,
    gettext: GetText,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> LogPage:
    """The newest entries, those before the entry `older_than`, or those just after the entry `newer_than`.
    Raises FilterError for an entry that is not there."""
    where = await conditions(session, chosen, gettext)
    query = select(DatabaseLog).where(*where).limit(PAGE_SIZE)
    entries: Sequence[DatabaseLog] = ()
    if newer_than is not None:
        key = await _key(session, "newer_than", newer_than)
        entries = (await session.scalars(query.where(key < _KEY).order_by(*_OLDEST))).all()[::-1]
    elif older_than is not None:
        key = await _key(session, "older_than", older_than)
        entries = (await session.scalars(query.where(key > _KEY).order_by(*_NEWEST))).all()
    if len(entries) < PAGE_SIZE and older_than is None:  # the first page is always a full one
        entries = (await session.scalars(query.order_by(*_NEWEST))).all()
    total, newer = await _counts(session, where, entries)
    return LogPage(entries, total, newer + 1)


async def read_slice(session: AsyncSession, where: Conditions, limit: int, offset: int) -> Sequence[Any]:
    """Rows of COLUMNS and the message, newest first, from the offset on."""
    return list(await session.execute(_rows(where).limit(limit).offset(offset)))


async def stream(session: AsyncSession, where: Conditions) -> AsyncIterator[Sequence[Any]]:
    """All rows of COLUMNS and the message, newest first, in batches."""
    result = await session.stream(_rows(where).execution_options(yield_per=STREAM_ROWS))
    async for batch in result.partitions():
        yield batch


async def count(session: AsyncSession, where: Conditions) -> int:
    return (await _counts(session, where, ()))[0]


async def conditions(session: AsyncSession, chosen: LogFilter, gettext: GetText) -> Conditions:
    """What a filter means to a reader of this language. Raises FilterError for a kind that neither the
    application nor the log has."""
    unknown = [kind for kind in chosen.kind if kind not in KINDS]
    if unknown and (wrong := set(unknown) - set(await kinds(session))):
        raise FilterError("kind", min(wrong), N_("a kind of change that the log has"))
    found: list[ColumnElement[bool]] = []
    zone, midnight = session.info["timezone"], time()
    if chosen.kind:
        found.append(DatabaseLog.operation_type.in_(chosen.kind))
    if chosen.from_:
        found.append(DatabaseLog.operation_time >= due_on(chosen.from_, midnight, zone))
    if chosen.to:
        found.append(DatabaseLog.operation_time < due_on(chosen.to + timedelta(days=1), midnight, zone))
    if chosen.q:
        found.append(await _contains(session, chosen.q, gettext))
    return found


async def _contains(session: AsyncSession, words: str, gettext: GetText) -> ColumnElement[bool]:
    """Entries with the words in their details, file or who, as they are stored or as the reader sees them."""
    columns = (DatabaseLog.operation_details, DatabaseLog.filename, DatabaseLog.user_info)
    text = DatabaseLog.message["text"].as_string()
    texts = await session.scalars(select(text).where(DatabaseLog.message.is_not(None)).distinct())
    said = [source for source in texts if words.casefold() in gettext(source).casefold()]
    stored = [column.icontains(w, autoescape=True) for column in columns for w in spellings(words)]
    return or_(*stored, text.in_(said))


async def _key(session: AsyncSession, name: str, entry_id: int) -> ColumnElement[Any]:
    at = await session.scalar(select(DatabaseLog.operation_time).where(DatabaseLog.id == entry_id))
    if at is None:
        raise FilterError(name, str(entry_id), N_("an entry of the log"))
    return _literal(at, entry_id)


def _literal(at: datetime, entry_id: int) -> ColumnElement[Any]:
    return tuple_(at, entry_id, types=(DatabaseLog.operation_time.type, DatabaseLog.id.type))


async def _counts(
    session: AsyncSession, where: Conditions, entries: Sequence[DatabaseLog]
) -> tuple[int, int]:
    """How many there are, and how many of them are newer than the first of some entries."""
    newer: ColumnElement[int] = literal(0)
    if entries:
        newer = func.count().filter(_literal(entries[0].operation_time, entries[0].id) < _KEY)
    query = select(func.count(), newer).select_from(DatabaseLog).where(*where)
    total, before = (await session.execute(query)).one()
    return int(total), int(before)


def _rows(where: Conditions) -> Select[Any]:
    columns = [getattr(DatabaseLog, name) for name in COLUMNS]
    return select(*columns, DatabaseLog.message).where(*where).order_by(*_NEWEST)
