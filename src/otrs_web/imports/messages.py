"""The sentences for findings and refusals."""

from typing import Any


def sentence(code: str, params: dict[str, Any], count: int, gettext: Any) -> str:
    return f"{code} {count} {params}"
