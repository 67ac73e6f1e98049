"""The sentences for findings and refusals: what happened, then what to do, in words of the people who handle
tickets. They are chosen here by code and filled with what was found in the file; translations come from the
catalogue."""

from collections.abc import Callable
from typing import Any

from otrs_web.imports.remarks import FINDINGS
from otrs_web.imports.wording import CHOICES, FIELD_COSTS, FIELD_TITLES, REFUSALS, UNNAMED

Gettext = Callable[[str], str]
SHOWN = 12


def sentence(code: str, params: dict[str, Any], count: int, gettext: Gettext) -> str:
    """The filled sentence; a code that is not known here gets a general one."""
    values = {name: _text(name, value, gettext) for name, value in params.items()}
    values.setdefault("count", _text("count", count, gettext))
    template = _variant(code, params)
    return gettext(template).format_map(_Blanks(values)).strip()


class _Blanks(dict[str, str]):
    """A report stored by an older version may lack a value that a sentence of today mentions."""

    def __missing__(self, name: str) -> str:
        return "–"


def _variant(code: str, params: dict[str, Any]) -> str:
    """Some sentences depend on what is known: `code:parameter` where that parameter is there."""
    templates = {**REFUSALS, **FINDINGS}
    for name, value in params.items():
        if isinstance(value, str) and f"{code}:{name}={value}" in templates:
            return templates[f"{code}:{name}={value}"]
        if value and f"{code}:{name}" in templates:
            return templates[f"{code}:{name}"]
    return templates.get(code, UNNAMED)


def _text(name: str, value: Any, gettext: Gettext) -> str:
    if isinstance(value, dict):
        if name == "states":
            return _joined([f"{key} ({number})" for key, number in value.items()])
        return _joined([f"{gettext(FIELD_TITLES[key])}: {header}" for key, header in value.items()])
    if isinstance(value, list):
        texts = [str(entry) for entry in value]
        if name == "missing":
            texts = [gettext(FIELD_TITLES[text]) for text in texts]
        if name == "costs":
            texts = [f"{gettext(FIELD_TITLES[text])} ({gettext(FIELD_COSTS[text])})" for text in texts]
        return _joined(texts)
    if value is None:
        return "–"
    choice = CHOICES.get(name, {}).get(str(value))
    return gettext(choice) if choice else str(value)


def _joined(texts: list[str]) -> str:
    more = f" … (+{len(texts) - SHOWN})" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
