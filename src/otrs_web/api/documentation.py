"""The API's documentation at /schema: one page of our own from the OpenAPI document, since the usual viewers
load themselves from other hosts and need what our Content-Security-Policy forbids."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Response, Router
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import OpenAPIRenderPlugin

from otrs_web.reader import AnyRequest

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """A parameter, a field of a request's body or of an answer."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: str
    media_type: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    tag: str
    parameters: tuple[Field, ...]
    body_type: str
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-').translate({123: None, 125: None})}"


class DocumentationPage(OpenAPIRenderPlugin):
    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> bytes:
        found = sorted(operations(openapi_schema), key=lambda operation: operation.tag)
        template = request.app.template_engine.get_template("schema/page.html")  # type: ignore[union-attr]
        context = {
            "request": request,
            "operations": found,
            "tags": list(dict.fromkeys(operation.tag for operation in found)),
        }
        return str(template.render(**context)).encode()


def schema_router() -> Router:
    """Where the page and `openapi.json` live; unknown addresses there are answered like all others."""

    def refuse_unknown(response: Response[Any]) -> Response[Any]:
        if response.status_code == 404:
            raise NotFoundException
        return response

    return Router("/schema", route_handlers=[], include_in_schema=False, after_request=refuse_unknown)


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI 3.1 document, references resolved one level deep."""
    for path, methods in schema.get("paths", {}).items():
        for method in (m for m in _METHODS if m in methods):
            entry = methods[method]
            body_type, body = _content(schema, entry.get("requestBody", {}))
            yield Operation(
                method=method.upper(),
                path=path,
                summary=entry.get("summary", ""),
                description=entry.get("description", ""),
                tag=(entry.get("tags") or [""])[0],
                parameters=tuple(_parameter(schema, parameter) for parameter in entry.get("parameters", ())),
                body_type=body_type,
                body=body,
                answers=tuple(_answers(schema, entry.get("responses", {}))),
            )


def _answers(schema: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in sorted(responses.items()):
        media_type, fields = _content(schema, response)
        description = response.get("description", "")
        # The framework fills in what the status means in general, which says nothing here.
        said = "" if description == HTTPStatus(int(status)).description else description
        yield Answer(status, said, media_type, fields)


def _parameter(schema: Mapping[str, Any], parameter: Mapping[str, Any]) -> Field:
    return Field(
        name=parameter["name"],
        kind=_kind(schema, parameter.get("schema", {})),
        required=parameter.get("required", False),
        description=parameter.get("description", ""),
    )


def _content(schema: Mapping[str, Any], part: Mapping[str, Any]) -> tuple[str, tuple[Field, ...]]:
    for media_type, content in part.get("content", {}).items():
        found = _resolved(schema, content.get("schema", {}))
        required = found.get("required", ())
        return media_type, tuple(
            Field(
                name, _kind(schema, value), name in required, _resolved(schema, value).get("description", "")
            )
            for name, value in found.get("properties", {}).items()
        )
    return "", ()


def _resolved(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = value.get("$ref", "")
    if not reference:
        return value
    found: Mapping[str, Any] = schema["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """A type in a word or two: `string`, `array of integer`, `TicketRow`, `string or null`."""
    if reference := value.get("$ref"):
        return str(schema["components"]["schemas"][reference.rpartition("/")[2]].get("title") or "object")
    if options := value.get("oneOf") or value.get("anyOf"):
        return " or ".join(dict.fromkeys(_kind(schema, option) for option in options))
    if value.get("enum"):
        return " or ".join(str(option) for option in value["enum"])
    kind = value.get("type", "any")
    if kind == "array":
        return f"array of {_kind(schema, value.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
