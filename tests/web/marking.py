"""Finds text in a template that a reader would see and that is not marked for translation."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

#: names that are the same in every language
NAMES = {"otrs-web", "· otrs-web", "openapi.json"}
READ_ATTRIBUTES = {"alt", "aria-label", "aria-description", "placeholder", "title", "label"}
SILENT_ELEMENTS = {"script", "style"}
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: stands where Jinja puts something, so that what is left are the template's own words
_HOLE = " "


def unmarked(source: str, environment: Environment) -> list[str]:
    """Texts, read attributes and string constants with words in them that go to the page as they stand."""
    reader = _Reader()
    reader.feed(_without_jinja(source, environment))
    return [*reader.found, *_constants(environment.parse(source))]


def _without_jinja(source: str, environment: Environment) -> str:
    parts: list[str] = []
    is_marked = False
    for _, kind, value in environment.lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            is_marked = value == "trans"
        elif kind.endswith("_end"):
            parts.append(_HOLE)
        elif kind == "data" and not is_marked:
            parts.append(value)
    return "".join(parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        self.found += [
            f"{name}={value}" for name, value in attrs if name in READ_ATTRIBUTES and _has_words(value or "")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        silent = bool(self._open) and self._open[-1] in SILENT_ELEMENTS
        if not silent and _has_words(data):
            self.found.append(data.strip())


def _has_words(text: str) -> bool:
    words = text.strip()
    return words not in NAMES and bool(_LETTERS.search(words))


def _constants(tree: nodes.Template) -> Iterator[str]:
    """Sentences that are output without `_()`: keys and attribute values have neither blanks nor capitals."""
    for output in tree.find_all(nodes.Output):
        for child in output.nodes:
            for value in _shown(child):
                if isinstance(value, str) and re.search(r"[A-Z][a-z]|[a-z] [a-z]", value):
                    yield value


def _shown(node: nodes.Node) -> Iterator[object]:
    if isinstance(node, nodes.Const):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _shown(node.expr1)
        if node.expr2 is not None:
            yield from _shown(node.expr2)
    elif isinstance(node, nodes.Or | nodes.And):
        yield from _shown(node.left)
        yield from _shown(node.right)
