"""The figures by person as JSON: list people, count their tickets, list those of one of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from otrs_web.api.answers import JsonObject
from otrs_web.api.queries import whole_number
from otrs_web.api.responses import problems
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS
from otrs_web.reader import AnyRequest
from otrs_web.selection import last_chosen, remember
from otrs_web.stats.people import PERIODS, People, everybody, people, person_field
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import NONE, FilterError, TicketFilter
from otrs_web.tickets.listing import MAX_LIMIT, MAX_OFFSET, ListOptions, list_tickets
from otrs_web.tickets.periods import EVER, parse_day, parse_span, week_span

_TEXT = N_("a text")
_NAMES = N_("a list of names")


class ResponsibleList(msgspec.Struct):
    """`by` is the field that the names are from: owner where no ticket has a responsible."""

    responsibles: list[str]
    selected_responsibles: list[str]
    by: str
    success: bool = True


class ResponsibleFigures(msgspec.Struct):
    """Closed and open tickets by person; `period_stats` are closed tickets by period, then person, without
    the zeros."""

    total_by_responsible: dict[str, int]
    open_by_responsible: dict[str, int]
    age_distribution: dict[str, dict[str, int]]
    period_stats: dict[str, dict[str, int]]


class ResponsibleStats(msgspec.Struct):
    stats: ResponsibleFigures
    by: str
    success: bool = True


class ResponsibleTicket(msgspec.Struct):
    ticket_number: str
    created: str | None
    closed: str | None
    state: str | None
    priority: str | None
    title: str | None


class ResponsibleDetails(msgspec.Struct):
    """`count` counts all; `details` are a page of them."""

    count: int
    details: list[ResponsibleTicket]
    success: bool = True


class PeopleController(Controller):
    path = "/api"
    tags = ("People",)

    @get("/responsible-list", summary="Everybody who has tickets, and whom this browser chose last")
    async def names(self, request: AnyRequest, db: NamedDependency[Database]) -> ResponsibleList:
        async with db.read() as session:
            field = await person_field(session)
            names = list(await everybody(session, field))
            chosen = await last_chosen(request, session)
        return ResponsibleList(names, list(chosen or ()), field)

    @post(
        "/responsible-stats",
        summary="Totals, open tickets, their age, and closed tickets by period",
        status_code=200,
        responses=problems(400, 415),
    )
    async def stats(
        self,
        request: AnyRequest,
        db: NamedDependency[Database],
        records: NamedDependency[Records],
        data: JSONBody[JsonObject],
    ) -> Response[ResponsibleStats]:
        """`selected_responsibles` is a list of names, `period` one of total (the default), day, week and
        month; the filter's names may stand beside them."""
        names = chosen_people(data, "selected_responsibles")
        period = chosen_period(data, "total")
        async with db.read() as session:
            field = await person_field(session)
            chosen = TicketFilter.from_json(data).narrowed(**{field: tuple(names)}) if names else None
            found = await people(session, chosen, field, period) if chosen else None
        records.add("responsible_stats", len(names))
        return Response(ResponsibleStats(_figures(found, names), field), cookies=remember(request, names))

    @post(
        "/responsible-details",
        summary="The tickets of a person: closed in a period, or open and of an age",
        status_code=200,
        responses=problems(400, 415),
    )
    async def details(
        self, db: NamedDependency[Database], records: NamedDependency[Records], data: JSONBody[JsonObject]
    ) -> ResponsibleDetails:
        """`period` is total, day, week or month with the day, week or month in `timeValue`; or age with a
        segment there, such as age_24h. `limit` and `offset` page; the filter's names may stand beside."""
        person = _text(data, "responsible")
        changes = _changes(_text(data, "period"), data.pop("timeValue", None))
        limit = whole_number("limit", data.pop("limit", None), MAX_LIMIT, 1, MAX_LIMIT)
        offset = whole_number("offset", data.pop("offset", None), 0, 0, MAX_OFFSET)
        async with db.read() as session:
            field = await person_field(session)
            chosen = TicketFilter.from_json(data).narrowed(**{field: (person,), **changes})
            if chosen is None:
                return ResponsibleDetails(0, [])
            page = await list_tickets(session, ListOptions(chosen, "-closed_date", limit, offset))
        records.add("responsible_details", page.total)
        return ResponsibleDetails(page.total, [_ticket(row) for row in page.tickets])


def chosen_people(body: JsonObject, name: str) -> list[str]:
    """Takes a list of names out of a body. Raises FilterError."""
    given = body.pop(name, None)
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise FilterError(name, "" if given is None else str(given)[:100], _NAMES)
    return list(dict.fromkeys(given))


def chosen_period(body: JsonObject, default: str) -> str:
    """Takes the period out of a body. Raises FilterError."""
    period = body.pop("period", None) or default
    if not isinstance(period, str) or period not in PERIODS:
        raise FilterError("period", str(period), N_("total, day, week or month"))
    return period


def _text(body: JsonObject, name: str) -> str:
    given = body.pop(name, None)
    if not isinstance(given, str) or not given:
        raise FilterError(name, "" if given is None else str(given)[:100], _TEXT)
    return given


def _changes(period: str, value: Any) -> dict[str, Any]:
    """The filter changes for a cell of the original's tables."""
    if period == "total":
        return {"closed_on": EVER}
    text = value if isinstance(value, str) else ""
    if period == "age":
        segment = text.removeprefix("age_")
        if segment not in AGE_SEGMENTS:
            raise FilterError("timeValue", str(value), N_("age_24h, age_24_48h, age_48_72h or age_72h"))
        return {"open": True, "age": (segment,)}
    if period not in _SPANS:
        raise FilterError("period", period, N_("age, total, day, week or month"))
    read, expected = _SPANS[period]
    try:
        return {"closed_on": read(text)}
    except ValueError:
        raise FilterError("timeValue", str(value), expected) from None


def _week(text: str) -> str:
    monday = week_span(text).start
    return f"{monday:%G-W%V}"


def _month(text: str) -> str:
    if len(text) != len("2026-02"):
        raise ValueError(text)
    parse_span(text)
    return text


_SPANS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "day": (lambda text: parse_day(text).isoformat(), N_("a day such as 2026-02-28")),
    "week": (_week, N_("a week such as 2026-W07")),
    "month": (_month, N_("a month such as 2026-02")),
}


def _figures(found: People | None, names: Sequence[str]) -> ResponsibleFigures:
    if found is None:
        zeros = dict.fromkeys(names, 0)
        ages = {name: {f"age_{age}": 0 for age in AGE_SEGMENTS} for name in names}
        return ResponsibleFigures(zeros, zeros, ages, {})
    persons = found.persons()
    closed = {row.person or NONE: row.closed.value for row in persons}
    rows = {row.period: row.closed for row in found.rows()}
    by_period = {
        period: {
            name or NONE: cell.value for name, cell in zip(found.names, cells, strict=True) if cell.value
        }
        for period, cells in rows.items()
    }
    return ResponsibleFigures(
        total_by_responsible=closed,
        open_by_responsible={row.person or NONE: row.open.value for row in persons},
        age_distribution={
            row.person or NONE: {f"age_{age}": getattr(row, f"age_{age}").value for age in AGE_SEGMENTS}
            for row in persons
        },
        period_stats={period: cells for period, cells in by_period.items() if cells}
        if found.period != "total"
        else {"total": closed},
    )


def _ticket(row: Any) -> ResponsibleTicket:
    created, closed = (
        f"{at:%Y-%m-%d %H:%M:%S}" if at else None for at in (row.created_date, row.closed_date)
    )
    return ResponsibleTicket(row.ticket_number, created, closed, row.state, row.priority, row.title)
