"""What the page of the daily statistics shows of a range of days: its last day in numbers, the charts and the
table, all made of the same rows. Rendered once for each state of the data, range and language."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.imports.history import latest_import
from otrs_web.models import DailyStatistics
from otrs_web.reader import AnyRequest, reader
from otrs_web.stats.daily_table import (
    AGES,
    FLOW,
    TURNOVER,
    day_range,
    figures,
    is_taken_over,
    span_of_days,
    stored_days,
    summed,
    version_of,
)
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.snapshot import instant, memory
from otrs_web.web.bar import Preset, year_until

PATH = "/daily-statistics"
#: the last stored days that are shown where the address names none
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days that the address names, both included; None where that side is open, both for the usual
    ones."""

    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> "DayRange":
        """From the pairs of a query string. Raises FilterError."""
        return cls(*day_range(pairs))

    def query(self, *further: tuple[str, object]) -> str:
        """The query string that names this range, and `further` pairs that are not None."""
        pairs = (("from", self.first), ("to", self.last), *further)
        return urlencode([(name, value) for name, value in pairs if value is not None])


class Shown(NamedTuple):
    """The rendered report, and the time of the data."""

    html: Markup
    snapshot: datetime | None


async def report(request: AnyRequest, session: AsyncSession, chosen: DayRange) -> Shown:
    """The report of the range, as a fragment of the page."""
    now, version = await instant(session, TicketFilter()), await version_of(session)
    # what is said of the time that has passed since is a part of the page
    ago = now.snapshot and reader().formats.ago(now.snapshot)
    known, key = memory(session, now.version), (PATH, reader().language, chosen, version, ago)
    html = known.get(key, Markup)
    if html is None:
        context = await _context(session, chosen)
        context |= {"data_version": version, "as_of": now.snapshot}
        engine = request.app.template_engine
        assert engine is not None
        template = engine.get_template("daily_statistics/_report.html")
        # off the loop: two years are some thousand links
        html = Markup(await asyncio.to_thread(template.render, context))  # noqa: S704 - escaped
        known.keep(key, html)
    return Shown(html, now.snapshot)


async def _context(session: AsyncSession, chosen: DayRange) -> dict[str, Any]:
    usual = USUAL_DAYS if chosen == DayRange() else None
    days = await stored_days(session, chosen.first, chosen.last, usual)
    span = await span_of_days(session)
    return {
        "chosen": chosen,
        "latest": await latest_import(session),
        "span": span,
        "presets": list(_presets(chosen, days, *span)) if span else [],
        "days": days,
        "files": _query_of(days),
        "figures": figures(days),
        "sums": summed(days),
        "taken_over": frozenset(_labels(day.statistic_date for day in days if is_taken_over(day))),
        "groups": {"flow": FLOW, "ages": AGES, "turnover": TURNOVER},
    }


def _labels(days: Iterable[date]) -> Iterator[str]:
    """What the rows with these days can be called, as days or as weeks."""
    for day in days:
        yield from (day.isoformat(), f"{day:%G-W%V}")


def _query_of(days: Sequence[DailyStatistics]) -> str:
    """The query string that names exactly these days."""
    return DayRange(days[0].statistic_date, days[-1].statistic_date).query() if days else ""


def _presets(chosen: DayRange, days: Sequence[DailyStatistics], first: date, last: date) -> Iterator[Preset]:
    """Ranges up to the last stored day; what they name is marked as current however the address says it."""
    shown = days and (days[0].statistic_date, days[-1].statistic_date)
    for label, begin, end in _spans(first, last):
        wanted = DayRange() if label == _USUAL else DayRange(begin, end)
        covered = (max(begin, first), min(end or last, last))
        yield Preset(
            label, "", wanted.query(), wanted == chosen or (chosen != DayRange() and shown == covered)
        )


_USUAL = N_("Last 30 days")


def _spans(first: date, last: date) -> Iterator[tuple[str, date, date | None]]:
    month = last.replace(day=1)
    before = month - timedelta(days=1)
    yield N_("Last 7 days"), last - timedelta(days=6), last
    yield _USUAL, last - timedelta(days=USUAL_DAYS - 1), last
    yield N_("Last 90 days"), last - timedelta(days=89), last
    yield N_("This month"), month, last
    yield N_("Last month"), before.replace(day=1), before
    yield N_("This year"), last.replace(month=1, day=1), last
    yield N_("Last 12 months"), year_until(last), last
    yield N_("Everything"), first, None
