"""How the documentation describes answers that are not what was asked for. Litestar would show its own error
shape; ours is one shape for all endpoints."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from otrs_web.errors import PROBLEM_JSON

_WHEN = {
    400: "A parameter is unknown, or a value is not possible: `field` names it.",
    401: "The admin password is missing or wrong.",
    404: "There is no such thing.",
    409: "Not possible in the present state.",
    413: "The file is too large.",
    415: "The content type is not accepted.",
    422: "The file was refused; nothing was changed.",
    429: "Too many wrong passwords, or asked again too soon; `Retry-After` tells when to try again.",
    503: "The database, the job queue or the disk is not available.",
    507: "The disk is full: nothing was stored.",
}


class ProblemAnswer(msgspec.Struct, rename={"kind": "type"}):
    """A problem (RFC 9457), with the two fields that clients of the original application look at."""

    kind: str
    title: str
    status: int
    detail: str
    error: str
    success: bool = False
    instance: str | None = None
    field: str | None = None
    code: str | None = None
    auth_required: bool | None = None


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The `responses` of a handler that may answer with these errors."""
    return {
        status: ResponseSpec(
            data_container=ProblemAnswer,
            description=_WHEN[status],
            media_type=PROBLEM_JSON,
            generate_examples=False,
        )
        for status in statuses
    }


def file_of(media_type: str, description: str) -> dict[int, ResponseSpec]:
    """The `responses` of a handler that answers with a file."""
    return {200: ResponseSpec(bytes, description=description, media_type=media_type, generate_examples=False)}
