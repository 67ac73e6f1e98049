"""The daily statistics, when they are computed, and the log of it: for scripts, and as files for pages."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from typing import Any

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.admin import admin_only
from otrs_web.api.answers import Done, JsonObject
from otrs_web.api.downloads import download
from otrs_web.api.queries import PARAMETERS
from otrs_web.api.responses import file_of, problems
from otrs_web.clock import site_now
from otrs_web.database import Database
from otrs_web.database_log import browser
from otrs_web.delivery.ready import Ready
from otrs_web.exports import delimited, workbook
from otrs_web.exports.daily import days_csv, days_xlsx, runs_xlsx
from otrs_web.i18n import N_
from otrs_web.models import DailyStatistics, StatisticsLog
from otrs_web.reader import AnyRequest, reader
from otrs_web.security import client_address
from otrs_web.stats.daily_runs import (
    DailySchedule,
    change_schedule,
    daily_schedule,
    parse_time,
    run_by_hand,
    today,
)
from otrs_web.stats.daily_table import day_range, days_to_compute, logged_runs, stored_days, version_of
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.snapshot import instant, memory

#: how many of the last days are answered where none are named, and how many runs
DAYS, RUNS = 366, 10
_RANGE = ("from", "to")


class Day(msgspec.Struct):
    """A day. `provisional`: no import covers it to its end yet; `as_of` is the time of the data."""

    date: date
    opening_balance: int
    new_tickets: int
    resolved_tickets: int
    closing_balance: int
    age_lt_24h: int
    age_24_48h: int
    age_48_72h: int
    age_72_96h: int
    age_gt_96h: int
    provisional: bool
    as_of: datetime | None
    updated_at: datetime | None


class Run(msgspec.Struct):
    """A run: `status` is success or error; `days` were computed, up to `statistic_date`."""

    execution_time: datetime
    statistic_date: date | None
    age_24h: int
    age_24_48h: int
    age_48_72h: int
    age_72_96h: int
    total_open: int
    status: str
    error_message: str | None
    occasion: str | None
    days: int
    age_gt_96h: int
    opening_balance: int
    new_tickets: int
    resolved_tickets: int


class ScheduleAnswer(msgspec.Struct):
    """`next_due` is None while it is switched off."""

    schedule_time: str
    enabled: bool
    next_due: datetime | None


class DailyData(msgspec.Struct):
    daily_stats: list[Day]
    stats_logs: list[Run]
    config: ScheduleAnswer


class DailyAnswer(msgspec.Struct):
    data: DailyData
    success: bool = True


class NewSchedule(msgspec.Struct):
    """`schedule_time` is HH:MM of the site."""

    schedule_time: Any = None
    enabled: Any = True
    auth_password: str | None = None


class DailyStatisticsController(Controller):
    tags = ("Daily statistics",)

    @get(
        "/api/daily-statistics",
        summary="The daily statistics, the last runs and the schedule",
        opt={PARAMETERS: _RANGE},
        responses={
            200: ResponseSpec(DailyAnswer, description="The days.", generate_examples=False),
            **problems(400),
        },
    )
    async def days(self, request: AnyRequest, db: NamedDependency[Database]) -> Response[bytes]:
        """From the oldest day to the newest; without `from` and `to` the last 366 of them."""
        span = day_range(request.query_params.multi_items())
        async with db.read() as session:
            now, version = await instant(session, TicketFilter()), await version_of(session)
            schedule = await daily_schedule(session)
            known, key = memory(session, now.version), ("api-daily-statistics", version, span, schedule)
            ready = known.get(key, Ready)
            if ready is None:
                answer = await _answer(session, span, schedule)
                ready = await Ready.of(msgspec.json.encode(answer), MediaType.JSON)
                known.keep(key, ready)
        return ready.answer(request)

    @post(
        "/api/update-schedule",
        summary="Set when the daily statistics are computed",
        status_code=200,
        guards=[admin_only],
        responses=problems(400, 401, 415, 429),
    )
    async def update_schedule(
        self, request: AnyRequest, db: NamedDependency[Database], data: JSONBody[NewSchedule]
    ) -> Done:
        """Takes effect at once. Needs the admin password."""
        at, enabled = _time(data.schedule_time), data.enabled
        if not isinstance(enabled, bool):
            raise FilterError("enabled", str(enabled), N_("true or false"))
        schedule = await change_schedule(db, at, enabled, _who(request))
        if not enabled:
            return Done(reader().gettext(N_("The daily statistics are switched off.")))
        words = reader().gettext(N_("The daily statistics are computed every day at {time}."))
        return Done(words.format(time=schedule.schedule_time))

    @post(
        "/api/calculate-daily-stats",
        summary="Compute the daily statistics now",
        status_code=200,
        guards=[admin_only],
        responses=problems(400, 401, 415, 429, 503),
    )
    async def calculate(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        data: JSONBody[JsonObject | None] = None,
    ) -> Done:
        """`from` and `to` are days, both included; today without them. Needs the admin password."""
        given = {name: value for name, value in (data or {}).items() if name != "auth_password"}
        pairs = [(name, str(value)) for name, value in given.items() if value is not None]
        first, last = days_to_compute(pairs, today(db))
        count = await run_by_hand(db, first, last, occasion="manual", who=_who(request))
        if not count:
            nothing = N_("There is no ticket in these days, so there was nothing to compute.")
            return Done(reader().gettext(nothing))
        words = reader().ngettext("{count} day was computed.", "{count} days were computed.", count)
        return Done(words.format(count=reader().formats.number(count)))

    @get(
        "/api/export-execution-logs",
        summary="All runs of the daily statistics as a workbook",
        responses=file_of(workbook.MEDIA_TYPE, "All columns, all rows."),
    )
    async def runs(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        return await _file(request, db, runs_xlsx(db), workbook.MEDIA_TYPE, "execution_logs", "xlsx")

    @get(
        "/daily-statistics.xlsx",
        summary="The daily statistics as a workbook",
        opt={PARAMETERS: _RANGE},
        responses={**file_of(workbook.MEDIA_TYPE, "A row per day, the newest first."), **problems(400)},
    )
    async def excel(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        first, last = day_range(request.query_params.multi_items())
        octets = days_xlsx(db, first, last)
        return await _file(request, db, octets, workbook.MEDIA_TYPE, "daily_statistics", "xlsx")

    @get(
        "/daily-statistics.csv",
        summary="The daily statistics as CSV",
        opt={PARAMETERS: _RANGE},
        responses={**file_of(delimited.MEDIA_TYPE, "A row per day, the newest first."), **problems(400)},
    )
    async def text(self, request: AnyRequest, db: NamedDependency[Database]) -> Stream:
        first, last = day_range(request.query_params.multi_items())
        octets = days_csv(db, first, last)
        return await _file(request, db, octets, delimited.MEDIA_TYPE, "daily_statistics", "csv")


def _day(row: DailyStatistics) -> Day:
    return Day(
        row.statistic_date,
        **{name: getattr(row, name) for name in Day.__struct_fields__ if name not in ("date", "as_of")},
        as_of=row.snapshot_at,
    )


async def _answer(
    session: AsyncSession, span: tuple[date | None, date | None], schedule: DailySchedule
) -> DailyAnswer:
    days = await stored_days(session, *span, None if any(span) else DAYS)
    runs = await logged_runs(session, limit=RUNS)
    config = ScheduleAnswer(schedule.schedule_time, schedule.enabled, schedule.next_due)
    return DailyAnswer(DailyData([*map(_day, days)], [*map(_run, runs.runs)], config))


def _run(row: StatisticsLog) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__struct_fields__})


def _time(given: object) -> time:
    try:
        return parse_time(given) if isinstance(given, str) else parse_time("")
    except ValueError:
        raise FilterError("schedule_time", str(given), N_("a time such as 23:59")) from None


def _who(request: AnyRequest) -> str:
    return browser(client_address(request), request.headers.get("user-agent"))


async def _file(
    request: AnyRequest, db: Database, octets: AsyncIterator[bytes], media_type: str, what: str, ending: str
) -> Stream:
    name = f"{what}_{site_now(db.settings.timezone):%Y%m%d_%H%M%S}.{ending}"
    return await download(request, octets, media_type, name)
