"""What the endpoints take in their addresses. A parameter that nobody knows is refused, since a misspelt
filter that is ignored shows wrong numbers; and the filter's grammar is documented once for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import Operation, Parameter, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

from otrs_web.i18n import N_
from otrs_web.models import AGE_SEGMENTS, DAILY_AGE_SEGMENTS
from otrs_web.reader import AnyConnection, AnyRequest
from otrs_web.tickets.filter import STATE_TYPES, VALUE_FIELDS, FilterError
from otrs_web.tickets.values import is_whole

#: the key of a handler's `opt` with the names of its parameters; FILTER: the core checks them itself
PARAMETERS = "parameters"
FILTER = "filter"


async def known_parameters(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Guard: refuse parameters that the handler does not name in `opt[PARAMETERS]`."""
    known = handler.opt.get(PARAMETERS, ())
    if known == FILTER:
        return
    for name, value in connection.query_params.multi_items():
        if name not in known:
            raise FilterError(name, value, N_("a known parameter"))


def query_pairs(request: AnyRequest) -> list[tuple[str, str]]:
    """The query string as the core reads it."""
    return [(name, str(value)) for name, value in request.query_params.multi_items()]


def whole_number(name: str, value: Any, default: int, low: int, high: int) -> int:
    """A number from a query or a JSON body. Raises FilterError."""
    if value is None or value == "":
        return default
    text = str(value)
    if isinstance(value, bool) or not (is_whole(text) and low <= int(text) <= high):
        raise FilterError(name, text, N_("a whole number within its bounds"))
    return int(text)


def parameter(name: str, description: str, values: Sequence[str] = (), *, many: bool = False) -> Parameter:
    one = Schema(type=OpenAPIType.STRING, enum=list(values) or None)
    schema = Schema(type=OpenAPIType.ARRAY, items=one) if many else one
    return Parameter(name, "query", schema, description, required=False)


_ANY_OF = "May be repeated (any of); `(none)` stands for a blank value."
FILTER_PARAMETERS = [
    parameter("from", "Created on this day or later, such as 2026-02-28."),
    parameter("to", "Created on this day or before."),
    *(
        parameter(name, _ANY_OF, STATE_TYPES if name == "state_type" else (), many=True)
        for name in VALUE_FIELDS
    ),
    parameter("open", "Open at `as_of`, or not.", ("true", "false")),
    parameter("age", "Open, and so old at `as_of`.", tuple(AGE_SEGMENTS), many=True),
    parameter("first_response", "Without a first response, or with one.", ("empty", "given")),
    parameter(
        "daily_age",
        "Open, and so old at `as_of`, as the daily statistics count.",
        tuple(DAILY_AGE_SEGMENTS),
        many=True,
    ),
    parameter("reopened", "Open with a close time, or not.", ("true", "false")),
    parameter(
        "created_on",
        "Created on a day, in an ISO week (2026-W07), a month (2026-02), or 2026-02-01..2026-02-15.",
    ),
    parameter("closed_on", "Closed on a day, in an ISO week, a month or from one day to another."),
    parameter("upload_id", "Last touched by this upload."),
    parameter("q", "Ticket number or title contains this."),
    parameter("as_of", "The instant to take ages and openness at, or `now`; else the latest snapshot's."),
]
LIST_PARAMETERS = [
    parameter("sort", "A column, descending with a leading `-`. Default: -created_date."),
    parameter("limit", "At most so many tickets, up to 1000; 100 where only offset or after is given."),
    parameter("offset", "Leave out so many tickets first."),
    parameter("after", "Continue after this key, which the page before gave as `next_after`."),
]


@dataclass
class FilterOperation(Operation):
    """Documents an endpoint that takes the filter."""

    own_parameters: ClassVar[Sequence[Parameter]] = ()

    def __post_init__(self) -> None:
        given: list[Parameter | Reference] = list(self.parameters or [])
        self.parameters = [*given, *FILTER_PARAMETERS, *self.own_parameters]


@dataclass
class ListOperation(FilterOperation):
    """Documents an endpoint that takes the filter, sorting and paging."""

    own_parameters = LIST_PARAMETERS


@dataclass
class SortedOperation(FilterOperation):
    """Documents an endpoint that takes the filter and sorting, and answers with all tickets."""

    own_parameters = LIST_PARAMETERS[:1]
