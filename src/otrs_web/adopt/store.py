"""Puts records beside what is stored. A log's row that is here already, with every value the same, is not
added again, so that the same file can be taken over twice; of what there is one of (a schedule, somebody's
selection) the one that was changed last stays."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from otrs_web.adopt.cells import Cells, LeftOut
from otrs_web.adopt.original import Original
from otrs_web.adopt.records import READERS, Context, Values
from otrs_web.adopt.report import Taken
from otrs_web.i18n import N_
from otrs_web.models import (
    AppUpdateStatus,
    Base,
    DailyStatistics,
    DatabaseLog,
    ResponsibleConfig,
    Statistic,
    StatisticsConfig,
    StatisticsLog,
    Upload,
)
from otrs_web.tickets.days import COMPUTED

_COMPUTED = N_("Computed anew from the tickets: {n}.")
_NEWER = N_("Left out, since what is stored here was changed later: {n}.")
_SEVERAL = N_("Left out, since there can only be one: {n}.")

#: what all values of a row have to be like for it to be the same one; what it refers to has other ids here
_SAME: Mapping[type[Base], tuple[str, ...]] = {
    Upload: ("filename", "upload_time", "record_count", "new_records_count", "import_mode"),
    Statistic: (
        "query_time",
        "query_type",
        "total_records",
        "current_open_count",
        "empty_firstresponse_count",
        "daily_new_count",
        "daily_closed_count",
        "age_segment",
        "record_count",
    ),
    StatisticsLog: (
        "execution_time",
        "statistic_date",
        "age_24h",
        "age_24_48h",
        "age_48_72h",
        "age_72_96h",
        "total_open",
        "status",
        "error_message",
    ),
    DatabaseLog: (
        "operation_time",
        "operation_type",
        "table_name",
        "records_affected",
        "operation_details",
        "user_info",
        "filename",
    ),
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Store:
    """Takes over one table after the other, inside the caller's write transaction."""

    def __init__(self, connection: Connection, original: Original, context: Context) -> None:
        self._connection = connection
        self._original = original
        self._context = context

    def uploads(self, taken: Taken) -> dict[int, int]:
        """Take over the uploads; ours by the original's ids."""
        known = self._known(Upload)
        ours: dict[int, int] = {}
        for number, values in self._read(taken):
            same = _identity(values, Upload)
            if ids := known.get(same):
                taken.known += 1
                ours[number] = ids.pop(0)
            else:
                taken.taken += 1
                query = insert(Upload).values(values).returning(Upload.id)
                ours[number] = self._connection.scalars(query).one()
        return ours

    def log(self, model: type[Base], taken: Taken) -> None:
        """Take over a table of entries that stand beside each other."""
        known = Counter({same: len(ids) for same, ids in self._known(model).items()})
        fresh = []
        for _, values in self._read(taken):
            same = _identity(values, model)
            if known[same] > 0:
                known[same] -= 1
                taken.known += 1
            else:
                taken.taken += 1
                fresh.append(values)
        if fresh:
            self._connection.execute(insert(model), fresh)

    def days(self, taken: Taken) -> Collection[date]:
        """Put the days beside those that are here, before all days are computed anew from the tickets; the
        days that were put."""
        here = set(self._connection.scalars(select(DailyStatistics.statistic_date)))
        fresh: dict[date, Values] = {}
        for _, values in self._read(taken):
            day = values["statistic_date"]
            if day in here:
                taken.left_out[_COMPUTED] += 1
            else:
                taken.left_out.update([_SEVERAL] if day in fresh else ())
                fresh[day] = values
        taken.taken += len(fresh)
        if fresh:
            self._connection.execute(insert(DailyStatistics), list(fresh.values()))
        return fresh

    def settle_days(self, taken: Taken, put: Collection[date]) -> None:
        """Count again, now that all days were computed: what the tickets tell of a day counts more."""
        days = select(DailyStatistics.statistic_date)
        computed_here = set(self._connection.scalars(days.where(COMPUTED)))
        computed = sum(day in computed_here for day in put)
        taken.taken -= computed
        taken.left_out.update({_COMPUTED: computed} if computed else {})

    def selections(self, taken: Taken) -> None:
        newest: dict[str, Values] = {}
        for _, values in self._read(taken):
            taken.left_out.update([_SEVERAL] if values["user_identifier"] in newest else ())
            newest[values["user_identifier"]] = values
        for who, values in newest.items():
            self._settle(ResponsibleConfig, values, taken, ResponsibleConfig.user_identifier == who)

    def single(self, model: type[StatisticsConfig | AppUpdateStatus], taken: Taken) -> None:
        """Take over a table with one row; the original used the first one."""
        rows = [values for _, values in self._read(taken)]
        if rows:
            taken.left_out.update({_SEVERAL: len(rows) - 1} if len(rows) > 1 else {})
            self._settle(model, rows[0], taken)

    def _settle(self, model: Any, values: Values, taken: Taken, *where: Any) -> None:
        """Insert a row, or bring the one that is here up to date if it is older."""
        here = self._connection.execute(select(model.__table__).where(*where).limit(1)).mappings().first()
        if here is None:
            taken.taken += 1
            self._connection.execute(insert(model).values(values))
        elif all(here[name] == value for name, value in values.items()):
            taken.known += 1
        elif (here["updated_at"] or _LONG_AGO) > (values["updated_at"] or _LONG_AGO):
            taken.left_out[_NEWER] += 1
        else:
            taken.taken += 1
            self._connection.execute(update(model).where(model.id == here["id"]).values(values))

    def _read(self, taken: Taken) -> Iterator[tuple[int, Values]]:
        """The readable rows of a table of the file, each with its id there; the others are counted."""
        read = READERS[taken.table]
        taken.is_missing = not self._original.has(taken.table)
        names = sorted(self._original.columns.get(taken.table, ()))
        for rows in self._original.rows(taken.table, names):
            for rowid, *row in rows:
                taken.found += 1
                cells = Cells(dict(zip(names, row, strict=True)), taken)
                try:
                    yield _id(cells, rowid), read(cells, self._context)
                except LeftOut as reason:
                    taken.left_out[reason.reason] += 1

    def _known(self, model: type[Base]) -> dict[Hashable, list[int]]:
        """The ids of the rows that are here, by what makes them the same."""
        columns = model.__table__.c
        query = select(columns["id"], *(columns[name] for name in _SAME[model])).order_by(columns["id"])
        known: dict[Hashable, list[int]] = {}
        for number, *values in self._connection.execute(query):
            known.setdefault(tuple(values), []).append(number)
        return known


def _identity(values: Values, model: type[Base]) -> Sequence[Any]:
    return tuple(values[name] for name in _SAME[model])


def _id(cells: Cells, rowid: int) -> int:
    number = cells.raw("id")
    return number if isinstance(number, int) else rowid
