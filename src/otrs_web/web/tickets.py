"""The ticket list behind every number, and the page of one ticket."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from otrs_web.database import Database
from otrs_web.imports.history import latest_import
from otrs_web.reader import AnyRequest
from otrs_web.stats.distributions import priority_rank
from otrs_web.stats.records import Records
from otrs_web.tickets.detail import get_ticket
from otrs_web.tickets.filter import FilterError
from otrs_web.tickets.listing import DEFAULT_LIMIT, DEFAULT_SORT, ListOptions, TicketPage, list_tickets
from otrs_web.web.bar import filter_bar
from otrs_web.web.columns import MOMENTS, TITLES, columns
from otrs_web.web.frame import data_as_of
from otrs_web.web.pages import page_numbers


class Tickets(Controller):
    path = "/tickets"
    include_in_schema = False

    @get()
    async def page(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template:
        return Template("tickets/page.html", context=await _listing(request, db, records))

    @get("/list")
    async def listing(
        self, request: AnyRequest, db: NamedDependency[Database], records: NamedDependency[Records]
    ) -> Template:
        """The list alone, for a page that is open; tells the browser which page it is now."""
        context = await _listing(request, db, records)
        return Template("tickets/_list.html", context=context, headers={"hx-push-url": context["here"]})

    @get("/{number:path}")
    async def ticket(self, number: FromPath[Path], db: NamedDependency[Database]) -> Template:
        async with db.read() as session:
            found = await get_ticket(session, str(number).removeprefix("/"))
        if found is None:
            raise NotFoundException
        context = {
            "found": found,
            "titles": TITLES,
            "moments": MOMENTS,
            "rank": _rank,
            "as_of": found.as_of,
        }
        return Template("tickets/ticket.html", context=context)


class ListView:
    """What the list's template asks for beside the rows: the addresses of the same list in another order, on
    another page, with other columns."""

    def __init__(self, options: ListOptions, page: TicketPage, everything: bool) -> None:
        self.options = options
        self.page = page
        self.everything = everything
        self.columns = columns(everything)
        self.pages = page_numbers(page.total, options.limit, options.offset)

    def query(self, **changes: Any) -> str:
        """The query string of this list with some options changed; what is usual is left out."""
        options = {
            "sort": self.options.sort,
            "limit": self.options.limit,
            "offset": self.options.offset,
            "columns": "all" if self.everything else "",
            **changes,
        }
        usual = {"sort": DEFAULT_SORT, "limit": DEFAULT_LIMIT, "offset": 0, "columns": ""}
        pairs = [(name, str(value)) for name, value in options.items() if value != usual[name]]
        return urlencode([*self.options.filter.items(), *pairs])

    def sorted_by(self, column: str) -> str:
        """ "ascending", "descending" or "" as the list is now sorted by this column."""
        if self.options.sort.removeprefix("-") != column:
            return ""
        return "descending" if self.options.sort.startswith("-") else "ascending"

    def sort_query(self, column: str) -> str:
        """The list sorted by this column, or the other way round; times begin with the newest."""
        now = self.sorted_by(column)
        newest_first = column in MOMENTS and not now
        descending = newest_first or now == "ascending"
        return self.query(sort=f"-{column}" if descending else column, offset=0)

    def offset_query(self, number: int) -> str:
        return self.query(offset=(number - 1) * self.options.limit)

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What stays when a restriction is removed."""
        pairs = (
            ("sort", self.options.sort, DEFAULT_SORT),
            ("limit", str(self.options.limit), str(DEFAULT_LIMIT)),
            ("columns", "all" if self.everything else "", ""),
        )
        return tuple((name, value) for name, value, usual in pairs if value != usual)

    @property
    def file_query(self) -> str:
        """The same tickets in the same order, all of them: what a file of them is asked with."""
        return self.query(offset=0, limit=DEFAULT_LIMIT, columns="")


def _rank(priority: str | None) -> int:
    return priority_rank(priority)[0]


def _tags(request: AnyRequest) -> dict[str, Any]:
    """The tags of states and priorities, each different one made once for a page."""
    engine = request.app.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    made = engine.engine.get_template("parts/tags.html").module
    return {
        "state_tag": cache(made.state_tag),  # type: ignore[attr-defined] # a macro of the template
        "priority_tag": cache(lambda priority: made.priority_tag(priority, _rank(priority))),  # type: ignore[attr-defined]
    }


async def _listing(request: AnyRequest, db: Database, records: Records) -> dict[str, Any]:
    pairs = list(request.query_params.multi_items())
    wanted = {value for name, value in pairs if name == "columns" and value}
    if wanted - {"all"}:
        raise FilterError("columns", " ".join(wanted), "all")
    options = ListOptions.parse((name, value) for name, value in pairs if name != "columns")
    async with db.read() as session:
        page = await list_tickets(session, options)
        as_of = await data_as_of(session)
        latest = await latest_import(session) if as_of else None
        view = ListView(options, page, bool(wanted))
        bar = await filter_bar(session, options.filter, *view.kept)
    records.add("ticket_list", page.total)
    query = view.query()
    return {
        "view": view,
        "titles": TITLES,
        "moments": MOMENTS,
        **_tags(request),
        "bar": bar,
        "address": lambda number: f"/tickets/{quote(number, safe='')}",
        "here": f"/tickets?{query}" if query else "/tickets",
        "as_of": as_of,
        "latest": latest,
    }
