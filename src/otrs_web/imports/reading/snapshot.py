"""When the export was made. Every age and every backlog is counted at that instant, so it is taken from the
best witness there is: the user, the file name that OTRS gives, the report's own title line, else the latest
event in the rows; and it can never be later than the upload."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from otrs_web.imports.columns import CREATED_NAMES, normal
from otrs_web.imports.reading.dates import readings

_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)[ _T,-]{1,3}"
    r"([0-2]\d)[-_.:h]?([0-5]\d)(?:[-_.:]?([0-5]\d))?(?!\d)"
)
_IN_TITLE = re.compile(
    r"([^\W\d_][\w /]*?)\s*[:\uff1a]\s*(\d{1,4}\D{1,2}\d{1,2}\D{1,2}\d{1,4}.{0,3}\s+\d{1,2}:\d\d[^;|\t]*)"
)
ZONES_APART = dt.timedelta(days=1)
"""A name's time may be another zone's; what is later than the upload by more than this is no export time."""
MINUTE = dt.timedelta(seconds=59)


@dataclass(frozen=True)
class Snapshot:
    """The instant (naive, the site's wall clock) and its witness: user, filename, title, data or upload."""

    at: dt.datetime
    source: str


def from_filename(name: str) -> dt.datetime | None:
    """The time in `ticket_search_2025-08-27_18-18.xlsx`, whatever stands around it; OTRS gives whole
    minutes."""
    for found in reversed(list(_IN_NAME.finditer(name))):
        try:
            return dt.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
        except ValueError:
            continue
    return None


def from_title(rows: Iterable[Sequence[str]]) -> dt.datetime | None:
    """The time in a line `Name: List of tickets; Created: 2026-01-12 18:00:00` above the header, in any
    language."""
    for row in rows:
        for cell in row:
            for found in _IN_TITLE.finditer(cell):
                days = readings(found[2].strip())[0]
                if normal(found[1]) in CREATED_NAMES and len(days) == 1:
                    return dt.datetime.fromisoformat(next(iter(days.values())))
    return None


def known_before(
    as_of: dt.datetime | None, filename: str, above: Iterable[Sequence[str]], uploaded_at: dt.datetime
) -> Snapshot | None:
    """The snapshot as far as it is known without the rows."""
    witnesses = (("user", as_of), ("filename", from_filename(filename)), ("title", from_title(above)))
    for source, at in witnesses:
        if at is not None and (source == "user" or at <= uploaded_at + ZONES_APART):
            return Snapshot(min(at.replace(microsecond=0), uploaded_at), source)
    return None


def settle(known: Snapshot | None, latest: "LatestEvent", uploaded_at: dt.datetime) -> Snapshot:
    """The final snapshot: a file name's whole minute is moved to the latest event within it."""
    if known is None:
        at = max(latest.event, latest.aged)
        return Snapshot(dt.datetime.fromisoformat(at), "data") if at else Snapshot(uploaded_at, "upload")
    if known.source == "filename" and str(known.at) < latest.event <= str(known.at + MINUTE):
        return Snapshot(dt.datetime.fromisoformat(latest.event), "filename")
    return known


class LatestEvent:
    """The latest creation or close time (`event`) and creation + age (`aged`) of the rows, not later than
    `limit`."""

    def __init__(self, limit: dt.datetime) -> None:
        self._limit = str(limit.replace(microsecond=0))
        self.event = self.aged = ""

    def see(self, values: Iterable[str | None]) -> None:
        """ISO texts, None for none."""
        given = [value for value in values if value]
        latest = max(given, default="")
        if latest > self._limit:
            latest = max((value for value in given if value <= self._limit), default="")
        self.event = max(self.event, latest)

    def see_ages(self, tickets: Iterable[tuple[str, float]]) -> None:
        """Creation + age of open tickets, to the precision of the Age column."""
        for created, hours in tickets:
            at = str(dt.datetime.fromisoformat(created) + dt.timedelta(seconds=round(hours * 3600)))
            if self.aged < at <= self._limit:
                self.aged = at
