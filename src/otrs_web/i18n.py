"""Two languages over one source: messages are written in English, Chinese comes from locale/, compiled in
memory at the first use so that no .mo file can be older than its .po. Numbers, dates and durations are
formatted here as well, because a page that mixes languages is a page nobody trusts."""

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from otrs_web.clock import site_now, utc_now
from otrs_web.resources import folder

LANGUAGES: dict[str, str] = {"zh-CN": "中文", "en": "English"}
"""The languages by their tag (RFC 5646), each with its own name."""

FALLBACK = "zh-CN"


def N_(message: str) -> str:  # noqa: N802 - the name that message extraction knows
    """Mark a text for translation where it is defined; it is translated where it is shown."""
    return message


def locale_name(language: str) -> str:
    """The folder and Babel name of a language tag: zh-CN is zh_CN."""
    return language.replace("-", "_")


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(locale_name(language))


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The messages of a language; a message that has none shows its English source."""
    source = folder("locale") / locale_name(language) / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as stream:
        catalog = read_po(stream, locale=locale_name(language))
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def choose_language(chosen: str | None, accepted: str | None, default: str | None) -> str:
    """The reader's choice, else the browser's best that we have, else the installation's, else Chinese.

    `accepted` is an Accept-Language header (RFC 9110, 12.5.4).
    """
    if chosen in LANGUAGES:
        return chosen
    for tag in _by_preference(accepted or ""):
        primary = tag.split("-")[0].lower()
        for language in LANGUAGES:
            if language.split("-")[0].lower() == primary:
                return language
    return default if default in LANGUAGES else FALLBACK


def _by_preference(header: str) -> Sequence[str]:
    weighted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and quality > 0:
            weighted.append((-quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]


@lru_cache(maxsize=8192)
def _decimal(value: float, language: str) -> str:
    """Remembered, since a page may have thousands of numbers, most of them on the next page again."""
    return str(format_decimal(value, locale=_locale(language)))


@lru_cache(maxsize=8192)
def _ago(seconds: int, language: str) -> str:
    return str(format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=_locale(language)))


def _coarse(seconds: int) -> int:
    """To the hour from two days on: the words do not change, and a page asks for fewer different ones."""
    return seconds if abs(seconds) < 172_800 else round(seconds / 3600) * 3600


@dataclass(frozen=True)
class Formats:
    """How one language writes numbers and times; times are shown on the wall clock of the site."""

    language: str
    timezone: ZoneInfo

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def number(self, value: float | None) -> str:
        if value is None:
            return "–"
        return _decimal(value, self.language)

    def percent(self, part: float, whole: float) -> str:
        """`part` of `whole` with one decimal; nothing of nothing is a dash."""
        return str(format_percent(part / whole, format="0.0%", locale=self.locale)) if whole else "–"

    def local(self, moment: datetime) -> datetime:
        """A system time (UTC, aware or as SQLite returns it) on the site's wall clock."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(self.timezone).replace(tzinfo=None)

    def moment(self, value: datetime | None) -> str:
        """`2026-06-30 14:05`, from a wall-clock time or an aware one."""
        if value is None:
            return "–"
        return (self.local(value) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")

    def day(self, value: date | None) -> str:
        return "–" if value is None else value.strftime("%Y-%m-%d")

    def ago(self, value: datetime) -> str:
        """How long ago: `3 hours ago`, `3小时前`. A naive time is read as the site's wall clock."""
        now = utc_now() if value.tzinfo else site_now(self.timezone)
        return _ago(_coarse(round((value - now).total_seconds())), self.language)

    def age(self, seconds: int | None) -> str:
        """An age in two units, as OTRS writes it: `35 d 20 h`, `5 h 12 min`, `3 min`."""
        if seconds is None:
            return "–"
        days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
        words = N_("{minutes} min")
        if hours:
            words = N_("{hours} h {minutes} min")
        if days:
            words = N_("{days} d {hours} h")
        tr = translations(self.language).gettext
        return tr(words).format(days=days, hours=hours, minutes=minutes)

    def duration(self, seconds: float) -> str:
        """A span in at most two units: `3 min 20 s`, `2 h 5 min`."""
        total = max(0, round(seconds))
        hours, minutes = total // 3600, total % 3600 // 60
        tr = translations(self.language).gettext
        if hours:
            return tr(N_("{hours} h {minutes} min")).format(hours=hours, minutes=minutes)
        if minutes:
            return tr(N_("{minutes} min {seconds} s")).format(minutes=minutes, seconds=total % 60)
        return tr(N_("{seconds} s")).format(seconds=total)

    def size(self, octets: int | None) -> str:
        """A file's size in the unit that needs the fewest digits."""
        if octets is None:
            return "–"
        if octets < 1_000_000:
            return f"{self.number(max(1, round(octets / 1000)) if octets else 0)} kB"
        return f"{self.number(round(octets / 1_000_000, 1))} MB"
