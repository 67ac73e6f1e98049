"""How wide a text is where every character has the same width: on a terminal, or in a plain text file."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def display_width(text: str) -> int:
    """In columns: East Asian wide characters take two, combining and invisible ones none (UAX #11)."""
    return len(text) if text.isascii() else _width(text)


def widest(texts: Sequence[str]) -> int:
    """The width of the widest."""
    return max(map(len if "".join(texts).isascii() else display_width, texts), default=0)


def padded(texts: Sequence[str], width: int, *, right: bool = False) -> Sequence[str]:
    """Each filled up to a width with blanks behind, or before it to stand at the `right`."""
    if "".join(texts).isascii():
        return [text.rjust(width) for text in texts] if right else [text.ljust(width) for text in texts]
    blanks = [" " * (width - display_width(text)) for text in texts]
    return [blank + text if right else text + blank for text, blank in zip(texts, blanks, strict=True)]


def one_line(text: str) -> str:
    """The text without what would begin a new line or move on in it."""
    return _BREAKING.sub(" ", text)


@lru_cache(maxsize=8192)
def _width(text: str) -> int:
    return sum(map(_columns, text))


@lru_cache(maxsize=8192)
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
