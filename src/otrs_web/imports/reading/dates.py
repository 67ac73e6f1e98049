"""One written date as ISO text. Exports pass through spreadsheets and locales before they arrive, so a date
may stand in any order, script and precision; what can be read in one way only is read, what can be read in
several ways gives all of them (the column decides, see datecolumn.py), and what cannot be read gives none,
never a guess."""

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterable

ISO_SHAPE = b"-- ::"
EARLIEST, LATEST = "1990-01-01", "2100-01-01"
"""OTRS is younger than the first; what lies outside is a zero date, an epoch or a slip of the finger."""
ORDERS = ("dmy", "mdy", "ymd")
BLANK = frozenset({"", "nan", "none", "null", "n/a", "na", "nat", "-", "--", "---", "–", "—"})
_ZERO = re.compile(r"[0\s:./T-]+Z?")

_NUMBERS = re.compile(r"(\d{1,4})\s*([-./ ])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?")
_WORD_MIDDLE = re.compile(r"(\d{1,4})[-./ ]*(?:de )?([^\W\d_]+)[-./, ]*(?:de )?(\d{1,4})\.?")
_WORD_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_CLOCK = re.compile(
    r"(?P<before>am|pm)?\s*(?P<h>\d{1,2})\s*[:.h]\s*(?P<m>\d{1,2})(?:\s*[:.m]\s*(?P<s>\d{1,2})(?:[.,:](?P<f>\d+))?)?s?"
    r"\s*(?P<after>am|pm)?(?: ?uhr)?"
)
_ZONE = re.compile(r"\s*(?:\((?P<name>[^()]*)\)|(?P<offset>z|utc|gmt|[+-]\d\d:?\d\d))$", re.IGNORECASE)
_MERIDIEM = {
    "上午": "am", "早上": "am", "凌晨": "am", "下午": "pm", "晚上": "pm", "中午": "pm",
    "a.m.": "am", "p.m.": "pm", "a. m.": "am", "p. m.": "pm",
    "午前": "am", "午後": "pm", "오전": "am", "오후": "pm",
}  # fmt: skip
_CHINESE = str.maketrans(
    {
        "年": "-",
        "月": "-",
        "日": " ",
        "号": " ",
        "號": " ",
        "时": ":",
        "時": ":",
        "点": ":",
        "點": ":",
        "秒": " ",
    }
)


def day_readings(text: str) -> dict[str, str]:
    """All readings of a date without time: {order: 'YYYY-MM-DD'}; the order is '' where it cannot matter."""
    numbers = _NUMBERS.fullmatch(text)
    if numbers:
        return _readings(numbers[1], numbers[3], numbers[4], numbers[2])
    if re.fullmatch(r"\d{8}", text):
        return _only(_iso(int(text[:4]), int(text[4:6]), int(text[6:])))
    middle = _WORD_MIDDLE.fullmatch(text)
    if middle:
        month = _months().get(_bare(middle[2]), 0)
        day, year = (middle[1], middle[3]) if len(middle[1]) <= 2 else (middle[3], middle[1])
        return _only(_iso(_full_year(year), month, int(day)))
    first = _WORD_FIRST.fullmatch(text)
    if first:
        return _only(_iso(int(first[3]), _months().get(_bare(first[1]), 0), int(first[2])))
    return {}


def _readings(a: str, b: str, c: str, separator: str) -> dict[str, str]:
    if len(a) == 4:
        return _only(_iso(int(a), int(b), int(c)) if len(c) <= 2 else None)
    if len(a) > 2 or len(c) not in {1, 2, 4}:
        return {}
    found = {
        "dmy": _iso(_full_year(c), int(b), int(a)),
        "mdy": _iso(_full_year(c), int(a), int(b)),
        "ymd": _iso(_full_year(a), int(b), int(c)) if len(c) < 4 and len(a) == 2 else None,
    }
    possible = {order: iso for order, iso in found.items() if iso}
    if separator == "." and "dmy" in possible:
        return _only(possible["dmy"])  # nobody writes months first with dots
    same = len(possible) > 1 and len(set(possible.values())) == 1
    return _only(possible["dmy"]) if same and "dmy" in possible else possible


def _only(iso: str | None) -> dict[str, str]:
    return {"": iso} if iso else {}


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat() if year < dt.MAXYEAR else None
    except ValueError:
        return None


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalpha())


@functools.cache
def _months() -> dict[str, int]:
    """Month names and abbreviations of the seven languages, from CLDR."""
    from babel import Locale

    names: dict[str, int] = {}
    for language in ("en", "de", "es", "fr", "pt", "ru"):
        months = Locale(language).months
        for form in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in months[context][form].items():
                    names.setdefault(_bare(name), number)
                    names.setdefault(_bare(name)[:3], number)
    return names


def clock_reading(text: str) -> tuple[str, int] | None:
    """('HH:MM:SS', days to add) of a time of day, rounded to the second; None if it is none."""
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    half = match["before"] or match["after"]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        return None
    seconds = hour * 3600 + minute * 60 + second + (1 if (match["f"] or "0")[0] >= "5" else 0)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}", seconds // 86400


def readings(text: str) -> tuple[dict[str, str], str]:
    """({order: 'YYYY-MM-DD HH:MM:SS'}, zone): every way to read one text, and the zone it names, which is
    not applied.

    A date without time is its midnight. A number is days since 1900 (a spreadsheet's date without its
    format).
    """
    plain, zone = _simplify(text)
    serial = re.fullmatch(r"\d{5}(?:[.,]\d+)?", plain)
    if serial:
        return _only(from_serial(float(plain.replace(",", ".")))), zone
    if re.fullmatch(r"\d{14}", plain):
        plain = f"{plain[:8]} {plain[8:10]}:{plain[10:12]}:{plain[12:]}"
    for day, clock in _splits(plain):
        days = day_readings(day)
        time = clock_reading(clock) if clock else ("00:00:00", 0)
        if days and time:
            return {order: _plus(iso, time[1]) + " " + time[0] for order, iso in days.items()}, zone
    return {}, zone


def _simplify(text: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf").strip().strip("'")
    zone = ""
    while (found := _ZONE.search(plain)) and (found["name"] or len(plain) > 12):
        zone = zone or (found["name"] or found["offset"])
        plain = plain[: found.start()]
    plain = plain.casefold()
    for word, half in _MERIDIEM.items():
        plain = plain.replace(word, half)
    plain = re.sub(
        r"(\d) ?分钟?$|(\d) ?分(?=\d)|(\d) ?分 ?",
        lambda m: (m[1] or m[2] or m[3]) + (":" if m[2] else ""),
        plain,
    )
    plain = " ".join(plain.translate(_CHINESE).rstrip(": ").split())
    weekday = re.match(r"([^\W\d_]{2,10})\.?,? (?=\d)", plain)
    if weekday and _bare(weekday[1]) not in _months():
        plain = plain[weekday.end() :]  # Mon, 12 Jan
    return plain, zone


def _splits(plain: str) -> Iterable[tuple[str, str]]:
    """Where the date may end and the time begin."""
    yield plain, ""
    for found in re.finditer(r"(?<=\d)t(?=\d)|[, ]+(?:(?:um|à|a las|às|в|at|-) )?", plain):
        yield plain[: found.start()].rstrip(",. "), plain[found.end() :]


def _plus(day: str, days: int) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days)).isoformat() if days else day


def from_serial(days: float, *, epoch_1904: bool = False) -> str | None:
    """A spreadsheet's day number as ISO text, rounded to the second; None if it is not a plausible date."""
    if not 1 <= days < 100_000:
        return None
    epoch = dt.datetime(1904, 1, 1) if epoch_1904 else dt.datetime(1899, 12, 30)
    return str(epoch + dt.timedelta(seconds=round(days * 86400)))


def is_blank(text: str) -> bool:
    """No date was meant: nothing, a word for nothing, or a database's zero date."""
    plain = text.strip().casefold()
    return plain in BLANK or bool(_ZERO.fullmatch(plain)) or plain.startswith("0000-00-00")


def from_cell(value: dt.date) -> str:
    """A date or date-time cell as ISO text, rounded to the second."""
    if not isinstance(value, dt.datetime):
        return f"{value} 00:00:00"
    if value.year < dt.MAXYEAR:
        value += dt.timedelta(microseconds=500_000)
    return str(value.replace(microsecond=0, tzinfo=None))
