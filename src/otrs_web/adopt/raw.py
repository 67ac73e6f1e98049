"""The original kept every row of an export whole, as JSON; here only the columns are kept that no field of a
ticket has taken, under the names and in the form in which an import keeps them."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from otrs_web.imports.columns import map_columns
from otrs_web.imports.reading.rows import cell_text

#: what pandas calls a column without a name
_NAMELESS = "Unnamed: "


def other_columns(text: str) -> str | None:
    """A JSON object of the other columns' values that are not blank, None where there are none. Raises
    ValueError for what is no JSON object."""
    try:
        row = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, Mapping):
        raise ValueError("no object")
    values = {name: _value(row[key]) for key, name in _others(tuple(row))}
    filled = {name: value for name, value in values.items() if value}
    return msgspec.json.encode(filled).decode() if filled else None


@lru_cache(100)
def _others(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(key, name) of the columns that no field takes. An odd half of a pair of surrogates cannot be
    stored."""
    others = map_columns(keys).others
    return tuple(
        (keys[index], name.encode(errors="replace").decode())
        for index, name in others
        if not name.startswith(_NAMELESS)
    )


def _value(value: object) -> str | None:
    """The text of a cell; pandas wrote blanks as null, others as NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = value if isinstance(value, str) else _written(value)
    text = text.encode(errors="replace").decode()
    return None if not text or text.isspace() else text


def _written(value: object) -> str:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return cell_text(value)  # type: ignore[arg-type]
