"""Which upload a ticket of the original came with, and by which clock its times were written.

The original stored naive times. Logs and analyses have always been in UTC (`datetime.utcnow`); uploads and
the import times of tickets were too, until a release wrote them by the machine's own clock (`datetime.now`),
and a machine's clock may itself be in UTC, as in a container. But the original logged every upload in
`database_log`, in UTC, in the moment of the import: the clock by which an upload's time is that moment is the
one that wrote it. Where no log entry tells, it is the clock of the release that the columns show."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from otrs_web.adopt.cells import instant_of, plain_text
from otrs_web.adopt.original import Original

#: an import of the original took minutes, the smallest difference between two zones is a quarter of an hour
_SAME_MOMENT = timedelta(minutes=7)


@dataclass(frozen=True, slots=True)
class KnownUpload:
    """`written` is the time as it stands in the file, taken for UTC; `clock` is the zone it really is of."""

    id: int
    written: datetime
    clock: tzinfo


class Uploads:
    """The uploads of a file by name and time."""

    def __init__(self, original: Original, zone: ZoneInfo) -> None:
        self._zone = zone
        self._has_stored = original.has("upload_detail", "stored_filename")
        self._logged = _logged_uploads(original)
        self._by_name: dict[str, list[KnownUpload]] = defaultdict(list)
        self.clocks: dict[int, tzinfo] = {}
        names = ("id", "filename", "upload_time", "stored_filename")
        for rows in original.rows("upload_detail", names):
            for _, number, filename, time, stored in rows:
                self._add(number, plain_text(filename), naive(time), is_late=stored is not None)
        for uploads in self._by_name.values():
            uploads.sort(key=lambda upload: upload.written)

    def _add(self, number: object, filename: str, written: datetime | None, *, is_late: bool) -> None:
        if isinstance(number, int) and written:
            clock = self.clocks[number] = self._clock(filename, written, is_late=is_late)
            self._by_name[filename].append(KnownUpload(number, written, clock))

    def of_ticket(self, source: str, written: datetime | None) -> KnownUpload | None:
        """The upload of that file name whose time is nearest; the newest where the ticket has no time."""
        uploads = self._by_name.get(source)
        if not uploads:
            return None
        if written is None:
            return uploads[-1]
        at = bisect_left(uploads, written, key=lambda upload: upload.written)
        return min(uploads[max(0, at - 1) : at + 1], key=lambda upload: abs(upload.written - written))

    def clock(self, source: str, written: datetime) -> tzinfo:
        """Of a ticket without an upload."""
        return self._clock(source, written, is_late=self._has_stored)

    def _clock(self, filename: str, written: datetime, *, is_late: bool) -> tzinfo:
        moments = {UTC: written, self._zone: written.replace(tzinfo=self._zone).astimezone(UTC)}
        apart = {clock: self._from_log(filename, moment) for clock, moment in moments.items()}
        likely = min(apart, key=lambda clock: apart[clock])
        if apart[likely] <= _SAME_MOMENT:
            return likely
        return self._zone if is_late else UTC

    def _from_log(self, filename: str, moment: datetime) -> timedelta:
        return min((abs(entry - moment) for entry in self._logged.get(filename, ())), default=timedelta.max)


def naive(value: object) -> datetime | None:
    """A time as it stands in the file, taken for UTC; None where it cannot be read."""
    try:
        return instant_of(value, UTC)
    except (ValueError, OverflowError):
        return None


def _logged_uploads(original: Original) -> Mapping[str, list[datetime]]:
    logged: dict[str, list[datetime]] = defaultdict(list)
    for rows in original.rows("database_log", ("operation_type", "filename", "operation_time")):
        for _, kind, filename, time in rows:
            if kind == "upload" and (moment := naive(time)):
                logged[plain_text(filename)].append(moment)
    return logged
