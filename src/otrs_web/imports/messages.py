"""The sentences for findings and refusals: what happened, then what to do, in words of the people who handle
tickets. They are chosen here by code and filled with what was found in the file; translations come from the
catalogue."""

from collections.abc import Callable
from typing import Any

from otrs_web.i18n import N_
from otrs_web.imports.remarks import FINDINGS
from otrs_web.imports.wording import CHOICES, FIELD_COSTS, FIELD_TITLES, REFUSALS, UNNAMED

Gettext = Callable[[str], str]
#: an export of 50 columns is listed whole
SHOWN = 60
_PAIR = N_("{name}: {value}")
_REMARK = N_("{name} ({value})")
_SEPARATOR = N_(", ")


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
            return _joined([_filled(_REMARK, key, number, gettext) for key, number in value.items()], gettext)
        titled = ((gettext(FIELD_TITLES[key]), header) for key, header in value.items())
        return _joined([_filled(_PAIR, title, header, gettext) for title, header in titled], gettext)
    if isinstance(value, list):
        texts = [str(entry) for entry in value]
        if name == "missing":
            texts = [gettext(FIELD_TITLES[text]) for text in texts]
        if name == "costs":
            both = ((gettext(FIELD_TITLES[text]), gettext(FIELD_COSTS[text])) for text in texts)
            texts = [_filled(_REMARK, title, cost, gettext) for title, cost in both]
        return _joined(texts, gettext)
    if value is None:
        return "–"
    choice = CHOICES.get(name, {}).get(str(value))
    return gettext(choice) if choice else str(value)


def _filled(template: str, name: str, value: object, gettext: Gettext) -> str:
    return gettext(template).format(name=name, value=value)


def _joined(texts: list[str], gettext: Gettext) -> str:
    more = f" … (+{len(texts) - SHOWN})" if len(texts) > SHOWN else ""
    return gettext(_SEPARATOR).join(texts[:SHOWN]) + more
