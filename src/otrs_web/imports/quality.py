"""What an import has to say about its file: why it was refused, and what was odd in it. Both carry a code
for programs and parameters for the sentence, which is built only when the reader's language is known
(messages.py), so that a report stored today can be read in another language tomorrow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["attention", "notice", "fine"]
MAX_LINES = 100
Gettext = Callable[[str], str]


class Rejected(Exception):  # noqa: N818 - the outcome's name on every page
    """The whole file is refused and nothing of it is stored. `lines` are the first lines that show why."""

    def __init__(self, code: str, *, lines: Sequence[int] = (), **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: dict[str, Any] = {"line": lines[0], **params} if lines else params
        self.lines = list(lines[:MAX_LINES])

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params, "lines": self.lines}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Rejected":
        return cls(data["code"], lines=data.get("lines", []), **data.get("params", {}))


@dataclass
class Finding:
    """One thing worth knowing about an imported file: how many rows it concerns, and the first lines of
    them."""

    code: str
    level: Level
    count: int = 0
    lines: list[int] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "level": self.level,
            "count": self.count,
            "lines": self.lines,
            "params": self.params,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        return cls(data["code"], data["level"], data["count"], list(data["lines"]), dict(data["params"]))


class Findings:
    """Collects findings row by row: the same code adds up, and keeps the first lines and the first sample
    values."""

    SAMPLES = 5

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}

    def add(self, code: str, level: Level, rows: Sequence[tuple[int, str]], *, column: str = "") -> None:
        """Count `rows` (line, value or '') towards `code`, separately for each `column`."""
        if not rows:
            return
        finding = self._found.get((code, column))
        if finding is None:
            finding = self._found[code, column] = Finding(code, level)
            if column:
                finding.params["column"] = column
        finding.count += len(rows)
        finding.lines.extend(line for line, _ in rows[: MAX_LINES - len(finding.lines)])
        samples = finding.params.get("samples", [])
        for _, value in rows[:MAX_LINES]:
            if value and len(samples) < self.SAMPLES and value[:80] not in samples:
                samples.append(value[:80])
        if samples:
            finding.params["samples"] = samples

    def say(self, code: str, level: Level, count: int = 0, lines: Sequence[int] = (), **params: Any) -> None:
        """One finding about the file as a whole."""
        self._found[code, str(params.get("column", ""))] = Finding(
            code, level, count, list(lines[:MAX_LINES]), params
        )

    def detail(self, code: str, **params: Any) -> None:
        """Further parameters for a finding that has been counted."""
        self._found[code, ""].params.update(params)

    def all(self) -> list[Finding]:
        """What needs attention first, then what is worth knowing, then what is fine."""
        order = ["attention", "notice", "fine"]
        return sorted(self._found.values(), key=lambda finding: order.index(finding.level))


def message(what: Finding | Rejected, gettext: Gettext) -> str:
    """What happened, and what to do, in the language of `gettext`."""
    from otrs_web.imports.messages import sentence

    return sentence(what.code, what.params, getattr(what, "count", 0), gettext)
