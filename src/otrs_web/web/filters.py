"""What the filter bar asks for while it is used: the values of a field, as a reader searches through them."""

from litestar import Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.response import Template

from otrs_web.database import Database
from otrs_web.tickets.filter import TicketFilter
from otrs_web.web.bar import picker


@get("/filter/values", include_in_schema=False)
async def filter_values(request: Request[None, None, State], db: NamedDependency[Database]) -> Template:
    """The values of the field `of` in which `search` is. What the rest of the query, a filter, says of the
    field itself are the values that are ticked at the moment: they come first and are always there."""
    own = {"of": "", "search": ""}
    rest: list[tuple[str, str]] = []
    for name, value in request.query_params.multi_items():
        if name in own:
            own[name] = value
        else:
            rest.append((name, value))
    chosen = TicketFilter.parse(rest)
    async with db.read() as session:
        found = await picker(session, chosen, own["of"], own["search"])
    return Template("filter/_values.html", context={"picker": found})
