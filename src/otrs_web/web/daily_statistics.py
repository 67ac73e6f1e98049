"""Every day's balance, what came and went, and how old the open tickets were; and, for admins, when the days
are computed. The log of it stands on the same page, since it explains a day that is missing or wrong."""

from collections.abc import Iterable
from datetime import time
from typing import Any, NamedTuple

from litestar import Controller, MediaType, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.admin import require_admin
from otrs_web.database import Database
from otrs_web.database_log import browser
from otrs_web.errors import Problem, problem_of
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.security import client_address
from otrs_web.stats.daily_runs import change_schedule, daily_schedule, parse_time, run_by_hand, today
from otrs_web.stats.daily_table import days_to_compute, logged_runs, version_of
from otrs_web.tickets.filter import FilterError
from otrs_web.tickets.values import is_whole
from otrs_web.web.daily_report import PATH, DayRange, report
from otrs_web.web.signin import signing_in

#: runs on one page of the log
RUNS = 20
#: the range that a page shows, in its forms
SHOWN_FROM, SHOWN_TO = "shown_from", "shown_to"
#: what the address says beside the range: the run that the log begins behind, and what was just done, which
#: is also the place on the page that says so
BEFORE, DONE = "before", ("schedule", "run")


class Asked(NamedTuple):
    """What the address of the page says; `done` is what was done before it was shown."""

    days: DayRange
    before: int | None = None
    done: str | None = None

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Asked":
        """From the pairs of a query string. Raises FilterError."""
        own: dict[str, str] = {}
        rest: list[tuple[str, str]] = []
        for name, value in pairs:
            if name in (BEFORE, *DONE):
                own[name] = value.strip()
            else:
                rest.append((name, value))
        before = own.get(BEFORE, "")
        if before and (not is_whole(before) or len(before) > 9):
            raise FilterError(BEFORE, before, N_("the number of an entry"))
        return cls(
            DayRange.of(rest), int(before) if before else None, next((n for n in DONE if n in own), None)
        )

    @property
    def address(self) -> str:
        query = self.at(self.before)
        return f"{PATH}?{query}" if query else PATH

    def at(self, before: int | None) -> str:
        """The query string of this range with the log behind a run."""
        return self.days.query((BEFORE, before))


class DailyStatisticsPage(Controller):
    path = PATH
    include_in_schema = False

    @get()
    async def page(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        return await _page(request, db, Asked.of(_pairs(request)))

    @get("/report")
    async def report(self, request: AnyRequest, db: NamedDependency[Database]) -> Response[str]:
        """The report alone, for a page that is open; tells the browser which page it is now."""
        chosen = DayRange.of(_pairs(request))
        async with db.read() as session:
            shown = await report(request, session, chosen)
        headers = {"hx-push-url": Asked(chosen).address}
        return Response(shown.html, media_type=MediaType.HTML, headers=headers)

    @get("/newer")
    async def newer(
        self, request: AnyRequest, db: NamedDependency[Database]
    ) -> Template | Response[str | None]:
        """Report, schedule and log if they are no longer in the `version` that the page shows; else
        nothing."""
        pairs = _pairs(request)
        async with db.read() as session:
            if ("version", await version_of(session)) in pairs:
                return Response(None, status_code=204, media_type=MediaType.HTML)
            chosen = DayRange.of([pair for pair in pairs if pair[0] != "version"])
            shown = await report(request, session, chosen)
            context = await _runs(session, Asked(chosen))
        return Template("daily_statistics/_newer.html", context={**context, "report": shown.html})

    @get("/log")
    async def log(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        """A page of the log alone, for a page that is open."""
        asked = Asked.of(_pairs(request))
        async with db.read() as session:
            context = await _runs(session, asked)
        headers = {"hx-push-url": asked.address}
        return Template("daily_statistics/_log.html", context=context, headers=headers)

    @get(["/schedule", "/run"])
    async def again(self) -> Redirect:
        """The addresses of forms: whoever comes back to one, to read again, gets the page."""
        return Redirect(PATH, status_code=303)

    @post("/schedule", status_code=303)
    async def schedule(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect | Template:
        form = await request.form()
        given, enabled = str(form.get("schedule_time", "")).strip(), "enabled" in form
        try:
            await require_admin(request)
            at = _time(given)
        except (FilterError, Problem) as error:
            typed = {"schedule_time": given, "enabled": enabled}
            return await _refused(request, db, "schedule", typed, error)
        await change_schedule(db, at, enabled, _who(request))
        return _after_form(form, "schedule")

    @post("/run", status_code=303)
    async def run(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect | Template:
        """Compute today, or the days of the form."""
        form = await request.form()
        given = [(name, str(form.get(name, ""))) for name in ("from", "to")]
        try:
            await require_admin(request)
            first, last = days_to_compute(given, today(db))
        except (FilterError, Problem) as error:
            return await _refused(request, db, "run", {"run_days": dict(given)}, error)
        await run_by_hand(db, first, last, occasion="manual", who=_who(request))
        return _after_form(form, "run")


async def _refused(
    request: AnyRequest, db: Database, form: str, typed: dict[str, Any], error: FilterError | Problem
) -> Template:
    """The page again, with what was typed in the form and why nothing came of it."""
    problem = problem_of(error)
    refusal = {"sentence": problem.sentence_on_page(reader()), "of_values": isinstance(error, FilterError)}
    page = await _page(request, db, _before_form(await request.form()), {**typed, f"{form}_refusal": refusal})
    page.status_code = problem.status
    page.headers.update(problem.headers)
    return page


async def _page(
    request: AnyRequest, db: Database, asked: Asked, typed: dict[str, Any] | None = None
) -> Template:
    """`typed` is what a refused form had in it, and why it was refused."""
    async with db.read() as session:
        shown = await report(request, session, asked.days)
        context = await _runs(session, asked)
    day = today(db).isoformat()
    context |= {
        "report": shown.html,
        "as_of": shown.snapshot,
        "today": day,
        "run_days": {"from": day, "to": day},
        "done": asked.done,
        "schedule_refusal": None,
        "run_refusal": None,
        **signing_in(request),
        "here": asked.address,
        **(typed or {}),
    }
    return Template("daily_statistics/page.html", context=context)


async def _runs(session: AsyncSession, asked: Asked) -> dict[str, Any]:
    """The schedule and a page of the log."""
    schedule = await daily_schedule(session)
    return {
        "schedule": schedule,
        "schedule_time": schedule.schedule_time,
        "enabled": schedule.enabled,
        "zone": session.info["timezone"].key,
        "log": await logged_runs(session, limit=RUNS, before=asked.before),
        "asked": asked,
    }


def _pairs(request: AnyRequest) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in request.query_params.multi_items()]


def _before_form(form: FormMultiDict) -> Asked:
    """What the page that a form was on showed; the usual days where it does not say."""
    shown = [("from", str(form.get(SHOWN_FROM, ""))), ("to", str(form.get(SHOWN_TO, "")))]
    try:
        return Asked(DayRange.of(shown))
    except FilterError:
        return Asked(DayRange())


def _after_form(form: FormMultiDict, done: str) -> Redirect:
    query = _before_form(form).days.query((done, "yes"))
    return Redirect(f"{PATH}?{query}#{done}", status_code=303)


def _time(text: str) -> time:
    try:
        return parse_time(text)
    except ValueError:
        raise FilterError("schedule_time", text, N_("a time such as 23:59")) from None


def _who(request: AnyRequest) -> str:
    return browser(client_address(request), request.headers.get("user-agent", ""))
