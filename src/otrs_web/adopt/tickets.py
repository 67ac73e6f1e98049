"""The original's tickets as an import would have stored the same values: the same words, dates, ages and
kinds of states, out-of-office notes and blanks taken away. Unlike an import, a ticket without a creation time
is kept too, since nobody can export it again; its age says when it was created."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from otrs_web.adopt.cells import plain_text
from otrs_web.adopt.original import Original
from otrs_web.adopt.raw import other_columns
from otrs_web.adopt.report import Taken
from otrs_web.adopt.uploads import Uploads, naive
from otrs_web.i18n import N_
from otrs_web.imports.columns import FIELDS
from otrs_web.imports.reading.datecolumn import DateColumn
from otrs_web.imports.reading.numbers import NO_NUMBERS, clean
from otrs_web.imports.reading.plausibility import OPEN_TYPES
from otrs_web.imports.reading.rows import Ages, People, StateTypes, Words, texts
from otrs_web.imports.reading.snapshot import LatestEvent, known_before, settle
from otrs_web.imports.reading.tickets import DATE_FIELDS, PERSON_FIELDS, WORD_FIELDS

_NO_NUMBER = N_("Left out, since the ticket number is missing: {n}.")
_LONG_NUMBER = N_("Left out, since the ticket number is longer than 100 characters: {n}.")
_REPEATED = N_("Left out, since another row of the same ticket was imported later: {n}.")
_UNCLEAR = N_("Left out, since neither the close time nor the state tells whether the ticket is open: {n}.")
_UNDATED = N_("Without a creation time that can be read, and so in no figure by day: {n}.")
_NO_CLOSE_TIME = N_("Close times that could not be read and are blank now: {n}.")
_NO_RAW = N_("Tickets whose further columns could not be read and are blank now: {n}.")

_READ = ("ticket_number", *DATE_FIELDS, *WORD_FIELDS, "title", "import_time", "data_source", "raw_data")
_LONGEST_NUMBER = 100
#: the columns of a staged ticket; `origin` numbers the import that it came with, `place` its row in the file
STAGED = (*FIELDS, "estimated_created", "import_time", "data_source", "origin", "place")


@dataclass
class Origin:
    """One import of the original: its upload's id there, where it left one, the instant of it, and what its
    tickets tell of the export's time."""

    source: str
    upload: int | None
    at: datetime
    zone: ZoneInfo
    latest: LatestEvent = field(init=False)

    def __post_init__(self) -> None:
        self.latest = LatestEvent(self.local)

    @property
    def local(self) -> datetime:
        return self.at.astimezone(self.zone).replace(tzinfo=None)

    @property
    def snapshot_at(self) -> datetime:
        """The time of the export, once its tickets have been read."""
        return settle(known_before(None, self.source, (), self.local), self.latest, self.local).at


class Tickets:
    """Reads the tickets of a file in chunks, in the order in which they were stored; `origins` are complete
    after the last one."""

    def __init__(
        self, original: Original, uploads: Uploads, states: Mapping[str, str], zone: ZoneInfo, now: datetime
    ) -> None:
        self.taken = Taken("otrs_ticket")
        self.origins: list[Origin] = []
        self._original, self._uploads, self._zone, self._now = original, uploads, zone, now
        self._origin_at: dict[tuple[str, int | None], int] = {}
        self._clocks: dict[tuple[str, datetime], tzinfo] = {}
        self._last: dict[str, str] = {}
        self._dates = {name: DateColumn(lambda: "ymd") for name in DATE_FIELDS}
        self._words = {name: People() if name in PERSON_FIELDS else Words() for name in WORD_FIELDS}
        self._ages, self._types = Ages(), StateTypes(states)
        self._held_back: list[list[Any]] = []

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Tickets in the order of STAGED."""
        newest = self._newest_rows()
        for rows in self._original.rows("otrs_ticket", _READ):
            chosen = [row for row in rows if row[0] in newest]
            if chosen:
                yield self._read(dict(zip(("place", *_READ), zip(*chosen, strict=True), strict=True)))
        if self._held_back:
            yield [self._with_birth(ticket) for ticket in self._held_back]

    def _newest_rows(self) -> set[int]:
        """The rows to be taken: of every ticket the one that was imported last."""
        newest: dict[str, tuple[str, int]] = {}
        for rows in self._original.rows("otrs_ticket", ("ticket_number", "import_time", "data_source")):
            self.taken.found += len(rows)
            for row, number, time, source in rows:
                name, last = _number(number), plain_text(source)
                self._last[last] = max(self._last.get(last, ""), plain_text(time))
                if not name or len(name) > _LONGEST_NUMBER:
                    self.taken.left_out[_LONG_NUMBER if name else _NO_NUMBER] += 1
                elif name in newest:
                    self.taken.left_out[_REPEATED] += 1
                    newest[name] = max(newest[name], (plain_text(time), row))
                else:
                    newest[name] = (plain_text(time), row)
        return {row for _, row in newest.values()}

    def _read(self, given: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        out: dict[str, list[Any]] = {
            "place": list(given["place"]),
            "ticket_number": list(map(_number, given["ticket_number"])),
        }
        cells = {name: ["" if cell is None else _cell(cell) for cell in given[name]] for name in _READ}
        bad = {}
        for name, column in self._dates.items():
            out[name], bad[name] = column.read(cells[name])
        for index in bad["first_response"]:
            out["first_response"][index] = plain_text(cells["first_response"][index]) or None
        for name, words in self._words.items():
            out[name] = words.read(cells[name])
        out["title"] = texts(cells["title"])
        out["age_hours"] = list(map(self._ages.__getitem__, cells["age"]))
        out["state_type"] = list(map(self._types.__getitem__, out["state"]))
        out["raw_data"] = list(map(self._raw, given["raw_data"]))
        out["data_source"] = [plain_text(cell) or None for cell in cells["data_source"]]
        self._settle_origins(given["import_time"], out)
        return self._finished(out, set(bad["closed_date"]))

    def _settle_origins(self, times: Sequence[Any], out: dict[str, list[Any]]) -> None:
        out["import_time"], out["origin"] = [], []
        for time, source in zip(times, out["data_source"], strict=True):
            at, origin = self._origin(source or "", time)
            out["import_time"].append(None if at is None else str(at.replace(tzinfo=None)))
            out["origin"].append(origin)

    def _finished(self, out: dict[str, list[Any]], unclosed: set[int]) -> list[tuple[Any, ...]]:
        """The chunk's tickets; those without a creation time wait until the time of their export is known."""
        out["estimated_created"] = [None] * len(out["ticket_number"])
        tickets: list[tuple[Any, ...]] = []
        seen: dict[int, list[int]] = {}
        for index, ticket in enumerate(zip(*(out[name] for name in STAGED), strict=True)):
            if index in unclosed and out["state_type"][index] == "unknown":
                self.taken.left_out[_UNCLEAR] += 1
                continue
            self.taken.taken += 1
            self.taken.changed.update([_NO_CLOSE_TIME] if index in unclosed else ())
            seen.setdefault(out["origin"][index], []).append(index)
            if out["created_date"][index] is None:
                self.taken.changed[_UNDATED] += 1
                self._held_back.append(list(ticket))
            else:
                tickets.append(ticket)
        for origin, indexes in seen.items():
            self._look(self.origins[origin].latest, out, indexes)
        return tickets

    def _look(self, latest: LatestEvent, out: dict[str, list[Any]], indexes: list[int]) -> None:
        """What a chunk's tickets of one import tell of the export's time, as an import would judge it."""
        for name in ("created_date", "closed_date"):
            latest.see(out[name][index] for index in indexes)
        columns = [out[name] for name in ("created_date", "age_hours", "state_type", "closed_date")]
        latest.see_ages(
            (created, hours)
            for created, hours, kind, closed in ([column[index] for column in columns] for index in indexes)
            if created and hours and (kind in OPEN_TYPES or (kind == "unknown" and not closed))
        )

    def _origin(self, source: str, time: object) -> tuple[datetime | None, int]:
        """The instant of a ticket's import, None where it is not known, and the place of its origin."""
        written = naive(time)
        upload = self._uploads.of_ticket(source, written)
        key = (source, upload.id if upload else None)
        at = self._in_utc(source, written, upload.clock if upload else None)
        place = self._origin_at.get(key)
        if place is None:
            place = self._origin_at[key] = len(self.origins)
            last = upload.written if upload else naive(self._last[source])
            uploaded = self._in_utc(source, last, upload.clock if upload else None) or self._now
            self.origins.append(Origin(source, key[1], min(uploaded, self._now), self._zone))
        return at, place

    def _in_utc(self, source: str, written: datetime | None, clock: tzinfo | None) -> datetime | None:
        if written is None:
            return None
        if clock is None:
            key = (source, written)
            if key not in self._clocks:
                self._clocks[key] = self._uploads.clock(source, written)
            clock = self._clocks[key]
        return written.replace(tzinfo=clock).astimezone(UTC)

    def _raw(self, text: object) -> str | None:
        given = plain_text(text)
        try:
            return other_columns(given) if given else None
        except ValueError:
            self.taken.changed[_NO_RAW] += 1
            return None

    def _with_birth(self, ticket: list[Any]) -> tuple[Any, ...]:
        hours = ticket[STAGED.index("age_hours")]
        if hours is not None:
            snapshot_at = self.origins[ticket[STAGED.index("origin")]].snapshot_at
            born = snapshot_at - timedelta(seconds=round(hours * 3600))
            ticket[STAGED.index("estimated_created")] = str(born)
        return tuple(ticket)


def _number(value: object) -> str:
    """The ticket number as an import reads it; '' for none."""
    number = plain_text(value)
    if not number.isascii():
        number = clean(number)
    return "" if number in NO_NUMBERS else number


def _cell(value: Any) -> Any:
    return plain_text(value) if isinstance(value, bytes) else value
