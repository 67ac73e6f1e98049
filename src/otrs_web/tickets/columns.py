"""The stored tickets as arrays, one per column: what every number and every list is made from.

A statistic of a million tickets reads a few columns of all of them. Databases store rows, so they would
read everything, again and again; arrays of these columns answer in milliseconds, the same on every database.
Whatever changes the tickets stores the new arrays in the same transaction; a process reads them once per
state of the data.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from otrs_web.models import Ticket
from otrs_web.tickets.filter import VALUE_FIELDS

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[Any]

#: stand for no time where that must come before every time, and after every time
EARLY, LATE = -(10**11), 10**12
#: columns of few different values
CODED = (*VALUE_FIELDS, "data_source")
#: times in seconds of the clock that they are kept by since 1970, and what stands for none
TIMES = {
    "created_date": EARLY,
    "closed_date": EARLY,
    "left_at": LATE,
    "estimated_created": EARLY,
    "import_time": EARLY,
}
_FORMAT = 1
#: what is stored of all columns, by name
_ARRAYS = {"ids", "upload_ids", "is_open", "answered", *TIMES, *(f"{name}.codes" for name in CODED)}
#: whether a ticket is open and whether it was answered, as one number in SQL
FLAGS = "CAST(is_open AS INTEGER) + 2 * CAST(first_response IS NOT NULL AS INTEGER)"
#: so few rows at a time that their values stay in the processor's cache until they are numbers
_BATCH = 250


@dataclass(frozen=True)
class Coded:
    """A column of few different values: the `values` in order, and of each ticket the place of its value
    among them, -1 for a blank one."""

    values: Sequence[str]
    codes: Integers

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where a value stands in `values`."""
        return {value: at for at, value in enumerate(self.values)}

    def counts(self, chosen: Booleans) -> dict[str | None, int]:
        """The chosen tickets by value; values that none of them has are left out."""
        found = np.bincount(self.codes[chosen] + np.int64(1), minlength=len(self.values) + 1).tolist()
        return {value: n for value, n in zip([None, *self.values], found, strict=True) if n}

    def codes_in(self, values: Sequence[str]) -> Integers:
        """The same tickets' places in other `values`, which hold all of these."""
        places = {value: at for at, value in enumerate(values)}
        return np.array([*(places[value] for value in self.values), -1], _smallest(values))[self.codes]

    def compact(self) -> "Coded":
        """Without the values that no ticket has."""
        is_used = np.bincount(self.codes + np.int64(1), minlength=len(self.values) + 1)[1:] > 0
        values = [value for value, used in zip(self.values, is_used.tolist(), strict=True) if used]
        places = np.append(np.cumsum(is_used) - 1, -1).astype(_smallest(values))
        return Coded(values, places[self.codes])


@dataclass(frozen=True)
class Columns:
    """The tickets of one `version` of the data, ordered by their ids. All arrays are equally long."""

    version: int
    ids: Integers
    times: Mapping[str, Integers]
    coded: Mapping[str, Coded]
    is_open: Booleans
    answered: Booleans
    upload_ids: Integers

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def is_dated(self) -> Booleans:
        """Whose creation time is known."""
        return np.not_equal(self.times["created_date"], EARLY)

    @cached_property
    def born(self) -> Integers:
        """The creation, or where it is not known what the age says of it; EARLY where nothing does."""
        return np.where(self.is_dated, self.times["created_date"], self.times["estimated_created"])

    def open_at(self, instant: int) -> Booleans:
        """Created at or before `instant` and not yet left; tickets without a creation time if open now."""
        there: Booleans = (self.times["created_date"] <= instant) & (self.times["left_at"] > instant)
        return np.where(self.is_dated, there, self.is_open)

    @classmethod
    def read(cls, connection: Connection, version: int) -> Self:
        """From the table, as the connection's transaction sees it; takes two to three seconds per million
        tickets."""
        parts: list[list[Integers]] = []
        seen = [Places() for _ in CODED]
        # as the driver gives them: types and objects of ours would take longer than all the rest
        # PostgreSQL would send the whole table before the first row could be read
        streamed = {"stream_results": connection.dialect.name != "sqlite"}
        found = connection.exec_driver_sql(_query(connection), execution_options=streamed)
        for rows in found.partitions(_BATCH):
            numbers, words = _split(list(zip(*rows, strict=True)))
            codes = [places.read(column) for places, column in zip(seen, words, strict=True)]
            parts.append([*numbers, *codes])
        whole = [np.concatenate(part) for part in zip(*parts, strict=True)] if parts else _nothing()
        return cls._assembled(version, whole, seen)

    @classmethod
    def none(cls, version: int) -> Self:
        """Of no ticket at all."""
        return cls._assembled(version, _nothing(), [Places() for _ in CODED])

    @classmethod
    def _assembled(cls, version: int, whole: list[Integers], seen: "list[Places]") -> Self:
        order = np.argsort(whole[0], kind="stable")
        ids, flags, uploads, *rest = (part[order] for part in whole)
        times = dict(zip(TIMES, rest, strict=False))
        coded = {
            name: places.coded(codes)
            for name, places, codes in zip(CODED, seen, rest[len(TIMES) :], strict=True)
        }
        return cls(version, ids, times, coded, *split_flags(flags), uploads)

    def encode(self) -> bytes:
        """As bytes that `decode` reads; some 15 per ticket."""
        arrays: dict[str, Integers] = {"ids": self.ids, "upload_ids": self.upload_ids}
        arrays |= {"is_open": self.is_open, "answered": self.answered, **self.times}
        arrays |= {f"{name}.codes": coded.codes for name, coded in self.coded.items()}
        return msgspec.msgpack.encode(
            _Stored(
                _FORMAT,
                {
                    name: (array.dtype.str, zlib.compress(array.tobytes(), 1))
                    for name, array in arrays.items()
                },
                {name: list(coded.values) for name, coded in self.coded.items()},
            )
        )

    @classmethod
    def decode(cls, octets: bytes, version: int) -> Self | None:
        """None for what another release has stored in another way, or what is damaged."""
        try:
            stored = msgspec.msgpack.decode(octets, type=_Stored)
            arrays = {
                name: np.frombuffer(zlib.decompress(data), dtype)
                for name, (dtype, data) in stored.arrays.items()
            }
        except (msgspec.MsgspecError, zlib.error, ValueError, TypeError):
            return None
        is_whole = arrays.keys() == _ARRAYS and len({len(array) for array in arrays.values()}) == 1
        if stored.layout != _FORMAT or set(stored.values) != set(CODED) or not is_whole:
            return None
        return cls(
            version,
            arrays["ids"],
            {name: arrays[name] for name in TIMES},
            {name: Coded(values, arrays[f"{name}.codes"]) for name, values in stored.values.items()},
            arrays["is_open"],
            arrays["answered"],
            arrays["upload_ids"],
        )


class _Stored(msgspec.Struct):
    layout: int
    arrays: dict[str, tuple[str, bytes]]
    values: dict[str, list[str]]


class Places(dict[str | None, int]):
    """Numbers values in the order in which they are met."""

    def __missing__(self, value: str | None) -> int:
        self[value] = place = len(self)
        return place

    def read(self, column: Sequence[str | None]) -> Integers:
        return np.fromiter(map(self.__getitem__, column), np.int32, len(column))

    def coded(self, met: Integers) -> Coded:
        """The column with its values in order, blank first, in the smallest type that holds the places."""
        values = sorted(value for value in self if value is not None)
        places: dict[str | None, int] = {None: -1}
        places |= {value: at for at, value in enumerate(values)}
        return Coded(values, np.array([places[value] for value in self], _smallest(values))[met])


def _smallest(values: Sequence[str]) -> type[np.int16 | np.int32]:
    """The type that holds the places of all values."""
    return np.int16 if len(values) < 2**15 else np.int32


def _query(connection: Connection) -> str:
    """SQL for the columns that `_split` parts."""
    times = [in_seconds(connection, name) for name in TIMES]
    columns = ", ".join(["id", FLAGS, "upload_id", *times, *CODED])
    return f"SELECT {columns} FROM {Ticket.__tablename__}"  # noqa: S608 - own names


def _split(columns: list[Sequence[Any]]) -> tuple[list[Integers], list[Sequence[Any]]]:
    """The columns of numbers as arrays, and those of words."""
    ids, flags, uploads, *rest = columns
    from_upload = np.array([upload or 0 for upload in uploads], np.int32)
    numbers: list[Integers] = [np.array(ids, np.int64), np.array(flags, np.int8), from_upload]
    numbers += [seconds(column, none) for column, none in zip(rest, TIMES.values(), strict=False)]
    return numbers, rest[len(TIMES) :]


def in_seconds(connection: Connection, name: str) -> str:
    """A time in SQL as `seconds` reads it. SQLite keeps times as text, which numpy reads faster."""
    on_sqlite = connection.dialect.name == "sqlite"
    return name if on_sqlite else f"CAST(DATE_PART('epoch', {name}) AS BIGINT)"


def split_flags(flags: Integers) -> tuple[Booleans, Booleans]:
    """What FLAGS says: who is open, who was answered."""
    return (flags & 1) > 0, (flags & 2) > 0


def seconds(column: Sequence[str | int | None], none: int) -> Integers:
    """Times as seconds since 1970, from text such as 2026-01-31 09:00:00 or from seconds; `none` where there
    is none."""
    known = np.array(["NaT" if value is None else value for value in column], "datetime64[s]")
    return np.where(np.isnat(known), none, known.astype(np.int64))


def _nothing() -> list[Integers]:
    """What `_split` and the codes give for no ticket at all."""
    kinds = [np.int64, np.int8, np.int32, *[np.int64] * len(TIMES), *[np.int32] * len(CODED)]
    return [np.zeros(0, kind) for kind in kinds]
