"""One row of the original as values of the right kinds. SQLite lets any value stand in any column, and the
original's times carry no zone; what cannot be read becomes blank and is counted, what must not be blank takes
the row with it."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from otrs_web.adopt.report import Taken
from otrs_web.i18n import N_
from otrs_web.imports.reading.dates import EARLIEST, LATEST, is_blank, readings
from otrs_web.imports.reading.rows import cell_text

_BLANKED = N_("Values that could not be read and are blank now: {n}.")
_SHORTENED = N_("Texts that were too long and were cut: {n}.")
_MOST = 2**31 - 1


class LeftOut(Exception):  # noqa: N818 - reads as what happened
    """The row is not taken over; the reason has a place {n} for how many there were."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plain_text(value: object) -> str:
    """The text of a value of any of SQLite's kinds, without surrounding blanks; '' for none."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode(errors="replace").replace("\0", "").strip()
    return cell_text(value).strip()  # type: ignore[arg-type]


def instant_of(value: object, zone: tzinfo) -> datetime | None:
    """A system time in UTC, to the second. Without a zone of its own it is of the clock `zone`. None for a
    blank; raises ValueError for what is no time, or outside the years of OTRS."""
    text = plain_text(value)
    if is_blank(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        forms, _ = readings(text)
        if len(forms) != 1:
            raise
        found = datetime.fromisoformat(next(iter(forms.values())))
    if not EARLIEST <= str(found) < LATEST:
        raise ValueError(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC).replace(microsecond=0)


class Cells:
    """The values of a row by the original's column names; what had to be changed is counted in `taken`."""

    def __init__(self, row: Mapping[str, Any], taken: Taken) -> None:
        self._row = row
        self._taken = taken

    def raw(self, name: str) -> Any:
        return self._row.get(name)

    def text(self, name: str, longest: int | None = None) -> str | None:
        """None for a blank one."""
        text = plain_text(self._row.get(name))
        if longest is not None and len(text) > longest:
            self._taken.changed[_SHORTENED] += 1
            text = text[:longest]
        return text or None

    def whole(self, name: str) -> int | None:
        text = plain_text(self._row.get(name))
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not number.is_integer() or abs(number) > _MOST:
            self._taken.changed[_BLANKED] += 1
            return None
        return int(number)

    def flag(self, name: str) -> bool | None:
        text = plain_text(self._row.get(name)).lower()
        if text in {"1", "true"}:
            return True
        if text in {"0", "false"}:
            return False
        if text:
            self._taken.changed[_BLANKED] += 1
        return None

    def instant(self, name: str, zone: tzinfo = UTC) -> datetime | None:
        try:
            return instant_of(self._row.get(name), zone)
        except (ValueError, OverflowError):
            self._taken.changed[_BLANKED] += 1
            return None

    def day(self, name: str) -> date | None:
        text = plain_text(self._row.get(name))
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError:
            self._taken.changed[_BLANKED] += 1
            return None
