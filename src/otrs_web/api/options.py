"""What an upload's form says beside the file: replace or add, and when the export was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from otrs_web.i18n import N_
from otrs_web.tickets.filter import FilterError
from otrs_web.tickets.values import past_instant

_FLAGS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}
_MODES = ("replace", "incremental")


@dataclass(frozen=True)
class UploadOptions:
    """`as_of` is a wall-clock time of the site, None to find it in the file."""

    mode: str = "replace"
    as_of: datetime | None = None

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> "UploadOptions":
        """From a form; blank fields do not count, unknown ones are the business of others. Raises
        FilterError."""
        given = {name: value.strip() for name, value in fields.items() if value.strip()}
        return cls(_mode(given), _as_of(given.get("as_of")))


def _mode(given: Mapping[str, str]) -> str:
    mode, clear = given.get("mode"), given.get("clear_existing")
    if mode is not None and mode.lower() not in _MODES:
        raise FilterError("mode", mode, N_("replace or incremental"))
    if clear is not None and clear.lower() not in _FLAGS:
        raise FilterError("clear_existing", clear, N_("true or false"))
    if clear is None:
        return mode.lower() if mode else "replace"
    meant = "replace" if _FLAGS[clear.lower()] else "incremental"
    if mode is not None and mode.lower() != meant:
        raise FilterError("mode", mode, N_("the same as clear_existing says, or one of the two alone"))
    return meant


def _as_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return past_instant(text)
    except (ValueError, OverflowError):
        raise FilterError(
            "as_of", text, N_("a time such as 2026-05-31 23:59 that is not in the future")
        ) from None


def _text(description: str, *values: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description, enum=list(values) or None)


def _form() -> RequestBody:
    file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="The export, any format.")
    properties: dict[str, Schema] = {
        "file": file,
        "clear_existing": _text("true (as before, the default) replaces what is stored.", "true", "false"),
        "mode": _text("The same in words.", *_MODES),
        "as_of": _text("When the export was made, on the site's wall clock; else it is found in the file."),
    }
    schema = Schema(type=OpenAPIType.OBJECT, properties=dict(properties), required=["file"])
    return RequestBody({"multipart/form-data": OpenAPIMediaType(schema=schema)}, required=True)


@dataclass
class UploadOperation(Operation):
    """Documents the form, which is taken apart by hand while it arrives."""

    def __post_init__(self) -> None:
        self.request_body = _form()
