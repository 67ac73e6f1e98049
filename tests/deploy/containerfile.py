"""Reads Containerfile. Strict and small: an instruction or a form that the file does not use is an error, so
that nothing is in the file which the tests pass over."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN"}
KNOWN |= {"STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}


@dataclass
class Stage:
    """What one FROM begins: its base, its name, and the instructions after it, in order."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, keyword: str) -> list[str]:
        return [value for found, value in self.steps if found == keyword]

    def last(self, keyword: str) -> str:
        return self.all(keyword)[-1]


def read(path: Path) -> list[Stage]:
    stages: list[Stage] = []
    for keyword, value in _instructions(path.read_text()):
        assert keyword in KNOWN, f"{keyword} is not known to the tests"
        if keyword == "FROM":
            parts = re.fullmatch(r"(\S+)(?: AS (\w+))?", value)
            assert parts, value
            stages.append(Stage(parts[1], parts[2] or ""))
        else:
            stages[-1].steps.append((keyword, value))
    return stages


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    parts = (line.partition(" ") for line in joined.splitlines())
    return [(keyword, value.strip()) for keyword, _, value in parts]


def command(text: str) -> list[str]:
    """The words of a command in JSON's form, the only one that starts no shell."""
    words = json.loads(text)
    assert words
    assert all(isinstance(word, str) for word in words)
    return list(words)


def pairs(text: str, known: dict[str, str]) -> dict[str, str]:
    """The names and values of an ENV or LABEL; `$NAME` in a value is what `known` says."""
    found = dict(part.split("=", 1) for part in shlex.split(text))
    return {name: re.sub(r"\$(\w+)", lambda match: known[match[1]], value) for name, value in found.items()}


def health_check(text: str) -> tuple[dict[str, str], list[str]]:
    """The options of a HEALTHCHECK, and its command."""
    options, _, cmd = text.partition("CMD ")
    return dict(re.findall(r"--([a-z-]+)=(\S+)", options)), command(cmd)


def ignored(path: str, rules: list[str]) -> bool:
    """Whether an ignore file with these rules keeps a file out. The last that fits it, or a folder above it,
    decides."""
    folders = ["/".join(path.split("/")[: end + 1]) for end in range(path.count("/") + 1)]
    result = False
    for rule in rules:
        pattern = re.escape(rule.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, folder) for folder in folders):
            result = not rule.startswith("!")
    return result


def ignore_rules(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]
