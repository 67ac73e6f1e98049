"""Days, ISO weeks and months of the site's calendar as half-open spans of wall-clock time.

Weeks are written `2026-W07` (ISO 8601). Requests may also send the original application's `2026-07` for a
week, which only `week_span` reads, since elsewhere `2026-07` is a month, or its `第2026-07周`.
"""

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

#: no ticket system is older, and no date near the end of the calendar survives adding a day to it
FIRST_YEAR, LAST_YEAR = 1970, 2199
#: a span of all days that there are
EVER = f"{FIRST_YEAR}-01-01..{LAST_YEAR}-12-31"
_ISO_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_OLD_WEEK = re.compile(r"第?(\d{4})-(\d{2})周?")


class Span(NamedTuple):
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


class Period(NamedTuple):
    """A day, an ISO week or a month from `first` to `last`, both included; `key` is what filters call it."""

    key: str
    first: date
    last: date


def days(first: date, last: date) -> list[Period]:
    """The days from `first` to `last`, both included; none if `last` is before."""
    each = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Period(day.isoformat(), day, day) for day in each]


def weeks(first: date, last: date) -> list[Period]:
    """The whole ISO weeks that these days lie in."""
    mondays = dict.fromkeys(day.first - timedelta(days=day.first.weekday()) for day in days(first, last))
    return [Period(f"{monday:%G-W%V}", monday, monday + timedelta(days=6)) for monday in mondays]


def months(first: date, last: date) -> list[Period]:
    """The whole months that these days lie in."""
    firsts = dict.fromkeys(day.first.replace(day=1) for day in days(first, last))
    return [Period(f"{begin:%Y-%m}", begin, _month_end(begin)) for begin in firsts]


def _month_end(begin: date) -> date:
    return begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])


def _days(first: date, count: int) -> Span:
    start = datetime.combine(_bounded(first), time())
    return Span(start, start + timedelta(days=count))


def parse_day(text: str) -> date:
    """`2026-02-28`; ValueError for anything else, compact ISO forms included."""
    if len(text) != 10:
        raise ValueError(text)
    return _bounded(date.fromisoformat(text))


def _bounded(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day


def month_span(year: int, month: int) -> Span:
    first = _bounded(date(year, month, 1))
    following = date(year + month // 12, month % 12 + 1, 1)
    return Span(datetime.combine(first, time()), datetime.combine(following, time()))


def parse_span(text: str) -> Span:
    """The span of a day, an ISO week, a month, an old-style `第2026-07周`, or two days with `..` between
    them, both included; ValueError for anything else."""
    if ".." in text:
        first, last = (parse_day(day) for day in text.split(".."))
        if last < first:
            raise ValueError(text)
        return _days(first, (last - first).days + 1)
    if match := _ISO_WEEK.fullmatch(text):
        return _days(date.fromisocalendar(int(match[1]), int(match[2]), 1), 7)
    if text.startswith("第"):
        return week_span(text)
    if match := _MONTH.fullmatch(text):
        return month_span(int(match[1]), int(match[2]))
    return _days(parse_day(text), 1)


def week_span(text: str) -> Span:
    """A week as ISO `2026-W07` or the original's `2026-07` / `第2026-07周` (`%Y-%W`: Monday-based, week 0
    before the year's first Monday)."""
    if match := _OLD_WEEK.fullmatch(text):
        monday = datetime.strptime(f"{match[1]}-{match[2]}-1", "%Y-%W-%w").date()
        return _days(monday, 7)
    if _ISO_WEEK.fullmatch(text):
        return parse_span(text)
    raise ValueError(text)


def parse_instant(text: str) -> datetime:
    """A wall-clock time, `2026-05-31T23:59` or `2026-05-31 23:59:59`; a bare day means its last second.
    ValueError for anything else, times with a zone included."""
    if len(text) == 10:
        return datetime.combine(parse_day(text), time(23, 59, 59))
    value = datetime.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError(text)
    _bounded(value.date())
    return value.replace(microsecond=0)


def format_instant(value: datetime) -> str:
    """The shortest form that `parse_instant` reads back."""
    return value.isoformat(timespec="seconds" if value.second else "minutes")
