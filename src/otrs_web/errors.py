"""Whatever goes wrong, answered in one place and in the reader's language: as a page, as a fragment for a
page that is already open, or as a JSON problem (RFC 9457) that also has `error` and `success: false` for
clients of the original application. Bad input is never an internal error, and an internal error never shows
its insides."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from jinja2 import TemplateError
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, LitestarException, SerializationException, ValidationException
from litestar.response import Template
from litestar.types import ExceptionHandlersMap
from sqlalchemy import exc as database
from xlsxwriter.exceptions import FileCreateError

from otrs_web.accept import wants_fragment, wants_json
from otrs_web.database.faults import is_full
from otrs_web.i18n import N_
from otrs_web.logging_setup import current_context
from otrs_web.reader import AnyRequest, Reader, meet_reader, page_of
from otrs_web.tickets.filter import FilterError

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"

_SENTENCES: Mapping[int, str] = {
    400: N_("The request cannot be understood."),
    401: N_("This needs the admin password."),
    403: N_("This is not allowed."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not accept such a request."),
    409: N_("This cannot be done at the moment."),
    413: N_("The request is too large."),
    415: N_("This kind of content is not accepted here."),
    422: N_("The request cannot be carried out as it is."),
    429: N_("Too many requests. Wait a moment, then try again."),
    503: N_("The database is busy or cannot be reached. Try again in a moment."),
    507: N_("The disk is full. Ask the administrator to make room, then try again. Nothing was changed."),
}
#: what pages call fields that have other names in scripts
_WORDS = {"from": N_("From"), "to": N_("Until"), "schedule_time": N_("Time of the day")}
#: how Litestar says that the sender hung up before the request was complete
_HUNG_UP = "client disconnected prematurely"
_INTERNAL = N_("Something went wrong on our side. It has been recorded; please try again later.")


class Text(str):
    """A marked message that stands inside another one."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """An answer that is not what was asked for. `message` is the English source of a sentence for the
    reader, with {placeholders} for `params`; params that are `Text` are translated as well. `field` names the
    input that is wrong; `extra` joins the JSON problem."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        params: Mapping[str, object] | None = None,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message or _SENTENCES.get(status, _INTERNAL if status >= 500 else _SENTENCES[400])
        self.params = dict(params or {})
        self.headers = dict(headers or {})
        self.extra = {"field": field, **extra} if field else extra

    def sentence(self, reader: Reader) -> str:
        params = {k: reader.gettext(v) if isinstance(v, Text) else v for k, v in self.params.items()}
        return reader.gettext(self.message).format(**params)

    def sentence_on_page(self, reader: Reader) -> str:
        """The sentence with the word that pages have for the field."""
        word = _WORDS.get(str(self.params.get("name")))
        named = {**self.params, "name": Text(word)} if word else self.params
        return Problem(self.status, self.message, params=named).sentence(reader)


def _bad_filter(error: FilterError) -> Problem:
    message = N_("{name} cannot be “{value}”. Expected: {expected}.")
    params = {
        "name": _shortened(error.name),
        "value": _shortened(error.value),
        "expected": Text(error.expected),
    }
    return Problem(400, message, params=params, field=error.name)


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def _bad_fields(error: ValidationException) -> Problem:
    found = error.extra if isinstance(error.extra, list) else []
    fields = [name for item in found if isinstance(item, dict) and (name := _field_name(item))]
    if not fields:
        return Problem(400, N_("The request must be a JSON object with the fields that the endpoint names."))
    message = N_("A value is missing or not possible: {fields}.")
    return Problem(400, message, params={"fields": ", ".join(fields)}, field=fields[0])


def _field_name(item: Mapping[str, Any]) -> str:
    """The field that a validation error is about; of a missing one only the error's text tells the name."""
    missing = re.search(r"missing required field `([^`]+)`", str(item.get("message", "")))
    if missing:
        return missing[1]
    key = str(item.get("key") or "")
    return "" if key == "data" else key


def _by_framework(error: HTTPException) -> Problem:
    if isinstance(error.__cause__, SerializationException):
        return Problem(400, N_("The request is not readable as JSON."))
    if error.detail == _HUNG_UP:
        return Problem(400)
    return Problem(error.status_code, headers=error.headers)


def _by_database(error: Exception) -> Problem:
    return Problem(507) if is_full(error) else Problem(503, headers={"retry-after": "5"})


def _by_disk(error: OSError | FileCreateError) -> Problem:
    """XlsxWriter wraps what the disk says of the workbook, and leaves what it says of its temporary files."""
    cause = error.args[0] if isinstance(error, FileCreateError) else error
    return Problem(507 if is_full(cause) else 500)


def _unstorable(_error: Exception) -> Problem:
    """A value that no column can hold, such as a number of 30 digits."""
    return Problem(400)


_MEANINGS: Sequence[tuple[tuple[type[Exception], ...], Callable[[Any], Problem]]] = (
    ((Problem,), lambda problem: problem),
    ((FilterError,), _bad_filter),
    ((ValidationException,), _bad_fields),
    ((HTTPException,), _by_framework),
    ((database.OperationalError, database.InterfaceError, database.TimeoutError), _by_database),
    ((database.DataError, OverflowError), _unstorable),
    ((OSError, FileCreateError), _by_disk),
    ((RecursionError,), lambda _error: Problem(400, N_("The request is not readable as JSON."))),
)


def problem_of(error: Exception) -> Problem:
    """What an exception means to the one who asked; unknown ones are internal errors."""
    meaning = next((means for kinds, means in _MEANINGS if isinstance(error, kinds)), None)
    return meaning(error) if meaning else Problem(500)


def problem_json(problem: Problem, reader: Reader) -> dict[str, Any]:
    """The members of RFC 9457 and, beside them, the fields that clients of the original look at."""
    sentence = problem.sentence(reader)
    request_id = current_context().get("request_id")
    return {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": sentence,
        **({"instance": f"urn:request:{request_id}"} if request_id else {}),
        "success": False,
        "error": sentence,
        **problem.extra,
    }


def answer(request: AnyRequest, error: Exception) -> Response[Any]:
    """The one exception handler of the application."""
    problem = problem_of(error)
    if problem.status >= 500:
        _record(request, error, problem)
    reader = meet_reader(request)
    headers = {**problem.headers, "content-language": reader.language}
    if wants_json(request):
        return Response(
            problem_json(problem, reader),
            status_code=problem.status,
            media_type=PROBLEM_JSON,
            headers=headers,
        )
    return _page(request, problem, reader, headers)


def _record(request: AnyRequest, error: Exception, problem: Problem) -> None:
    # the route, not the address: that may name a person or a file
    where = (request.method, request.scope.get("path_template", "(unknown)"))
    if problem.status == 500:
        log.error("%s %s failed", *where, exc_info=error)
    else:
        reason = problem.message.format(**problem.params) if error is problem else error
        log.warning("%s %s: %s", *where, reason)


def _page(request: AnyRequest, problem: Problem, reader: Reader, headers: dict[str, str]) -> Response[Any]:
    sentence = problem.sentence_on_page(reader)
    name = "errors/_problem.html" if wants_fragment(request) else "errors/page.html"
    is_form, came_from = request.method == "POST", page_of(request.headers)
    context = {
        "problem": problem,
        "status": problem.status,
        "sentence": sentence,
        "came_from": came_from,
        "is_form": is_form,
        "back": came_from if is_form else request.url.path,
    }
    page = Template(
        name, context=context, status_code=problem.status, media_type=MediaType.HTML, headers=headers
    )
    try:
        # Rendered here, not later: where the page itself is what fails, a plain sentence still comes through.
        body = page.to_asgi_response(None, request).body
    except (TemplateError, LitestarException):
        log.exception("the error page failed")
        body = sentence.encode()
        return Response(body, status_code=problem.status, media_type=MediaType.TEXT, headers=headers)
    return Response(body, status_code=problem.status, media_type=MediaType.HTML, headers=headers)


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: answer}
