"""The columns of a new state of the data, made from those of the state before it and from what is known of
the change. Reading every ticket back from the table takes several times as long, in a transaction for which
other writers wait; so an import keeps its rows as numbers while it reads them, and asks the table only for
what the database decides: ids, and what is derived."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from otrs_web.models import StoredFacts, Ticket
from otrs_web.tickets.columns import (
    EARLY,
    FLAGS,
    TIMES,
    Coded,
    Columns,
    Integers,
    Places,
    in_seconds,
    seconds,
    split_flags,
)
from otrs_web.tickets.filter import VALUE_FIELDS

_DATES = ("created_date", "closed_date")


class Gathered:
    """What an export says of its tickets, row by row in the order of `fields`, collected as it is read."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._at = {name: fields.index(name) for name in ("ticket_number", *_DATES, *VALUE_FIELDS)}
        self._numbers: list[str] = []
        self._times: dict[str, list[Integers]] = {name: [] for name in _DATES}
        self._codes: dict[str, list[Integers]] = {name: [] for name in VALUE_FIELDS}
        self._places = {name: Places() for name in VALUE_FIELDS}

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = list(zip(*rows, strict=True))
        self._numbers += columns[self._at["ticket_number"]]
        for name, times in self._times.items():
            times.append(seconds(columns[self._at[name]], EARLY))
        for name, codes in self._codes.items():
            codes.append(self._places[name].read(columns[self._at[name]]))

    @property
    def times(self) -> Mapping[str, Integers]:
        return {name: np.concatenate(parts) for name, parts in self._times.items()}

    @property
    def coded(self) -> Mapping[str, Coded]:
        return {name: self._places[name].coded(np.concatenate(codes)) for name, codes in self._codes.items()}

    def rows_of(self, numbers: Sequence[str]) -> Integers | None:
        """Where tickets stand in the export; None where it lacks one."""
        if self._numbers == list(numbers):  # as after a first import
            return np.arange(len(numbers))
        place = dict(zip(self._numbers, range(len(self._numbers)), strict=True))
        found = np.fromiter(map(place.get, numbers, repeat(-1)), np.int64, len(numbers))
        return None if (found < 0).any() else found


@dataclass(frozen=True)
class Import:
    """One import: what it read, and the columns that it wrote of each ticket that it wrote at all. With
    `replaced` there are no other tickets. `imported_at` is an aware instant."""

    gathered: Gathered
    upload_id: int
    written: Collection[str]
    replaced: bool
    data_source: str
    imported_at: datetime


def before(connection: Connection, version: int) -> Columns | None:
    """The stored columns of the version that came right before this one, if they can be used."""
    octets = connection.scalar(select(StoredFacts.columns).where(StoredFacts.version == version - 1))
    return None if octets is None else Columns.decode(octets, version - 1)


def after_import(connection: Connection, version: int, old: Columns | None, new: Import) -> Columns:
    """The columns once the import is in the table."""
    if old is None:
        return Columns.read(connection, version)
    ids, flags, left_at, numbers = _read(connection, "ticket_number", f"upload_id = {new.upload_id:d}")
    rows = new.gathered.rows_of(numbers)
    if rows is None:
        return Columns.read(connection, version)
    import_time = np.full(len(ids), int(new.imported_at.timestamp()))
    over = _Overlay(old, ids, new.replaced)
    times = {name: known[rows] for name, known in new.gathered.times.items() if name in new.written}
    times |= {"left_at": left_at, "import_time": import_time}
    coded = {name: Coded(known.values, known.codes[rows]) for name, known in new.gathered.coded.items()}
    coded["data_source"] = Coded([new.data_source], np.zeros(len(ids), np.int16))
    written = {*new.written, "data_source"}
    is_open, answered = split_flags(flags)
    columns = Columns(
        version,
        over.joined(old.ids, ids),
        {name: over.joined(old.times[name], times.get(name), none) for name, none in TIMES.items()},
        {name: over.coded(known, coded[name], name in written) for name, known in old.coded.items()},
        over.joined(old.is_open, is_open),
        over.joined(old.answered, answered),
        over.joined(old.upload_ids, np.full(len(ids), new.upload_id, np.int32)),
    )
    # whatever may have changed tickets past this bookkeeping, the table is right
    is_whole = connection.scalar(select(func.count()).select_from(Ticket)) == len(columns)
    return columns if is_whole else Columns.read(connection, version)


def after_rules(connection: Connection, version: int, old: Columns | None) -> Columns:
    """The columns once states mean something else, or open does; the tickets are the same."""
    if old is None:
        return Columns.read(connection, version)
    ids, flags, left_at, types = _read(connection, "state_type", "true")
    order = np.argsort(ids, kind="stable")
    if not np.array_equal(ids[order], old.ids):
        return Columns.read(connection, version)
    places = Places()
    codes = places.read(types)
    is_open, answered = split_flags(flags[order])
    times = {**old.times, "left_at": left_at[order]}
    coded = {**old.coded, "state_type": places.coded(codes[order])}
    return Columns(version, old.ids, times, coded, is_open, answered, old.upload_ids)


def _read(
    connection: Connection, name: str, where: str
) -> tuple[Integers, Integers, Integers, Sequence[str]]:
    """Of the tickets that a condition names: ids, flags, when they left the backlog, and one column."""
    columns = f"id, {FLAGS}, {in_seconds(connection, 'left_at')}, {name}"
    query = f"SELECT {columns} FROM {Ticket.__tablename__} WHERE {where}"  # noqa: S608 - own names
    found = connection.exec_driver_sql(query).fetchall()
    ids, flags, left, column = zip(*found, strict=True) if found else ((), (), (), ())
    return np.array(ids, np.int64), np.array(flags, np.int8), seconds(left, TIMES["left_at"]), column


@dataclass(frozen=True)
class _Overlay:
    """Puts what was written over what was there. `ids` are those of the written tickets."""

    old: Columns
    ids: Integers
    replaced: bool

    @cached_property
    def _stays(self) -> Integers:
        """Where the tickets stand that were not written and are still there."""
        if self.replaced:
            return np.zeros(0, np.int64)
        return np.flatnonzero(np.isin(self.old.ids, self.ids, invert=True))

    @cached_property
    def _order(self) -> Integers:
        return np.argsort(np.concatenate([self.old.ids[self._stays], self.ids]), kind="stable")

    @cached_property
    def _was(self) -> Integers:
        """Where the written tickets stood before; behind the last for new ones."""
        at = np.searchsorted(self.old.ids, self.ids)
        ids = np.append(self.old.ids, -1)
        return np.where(ids[at] == self.ids, at, len(self.old))

    def joined(self, old: Integers, new: Integers | None, none: int = 0) -> Integers:
        """One column. Where the import did not write it (`new` is None), tickets keep what they had, and new
        ones have `none`."""
        if new is None:
            new = np.append(old, np.array(none, old.dtype))[self._was]
        return np.concatenate([old[self._stays], new])[self._order]

    def coded(self, old: Coded, new: Coded, is_written: bool) -> Coded:
        """One column of words. Where the import did not write it, only new tickets have what it says: without
        a column of states theirs are unknown."""
        values = sorted({*old.values, *new.values})
        was, codes = old.codes_in(values), new.codes_in(values)
        if not is_written:
            codes = np.where(self._was < len(was), np.append(was, -1)[self._was], codes)
        return Coded(values, self.joined(was, codes)).compact()
