"""How far an update is, for people: its steps in words, and the last of what its commands said."""

from collections import deque
from typing import Literal

import msgspec

from otrs_web.i18n import N_
from otrs_web.settings import Settings
from otrs_web.updates.journal import Journal, folder

STEPS = {
    "check": N_("Check what is here"),
    "backup": N_("Back the database up"),
    "fetch": N_("Fetch the new version"),
    "checkout": N_("Lay its files beside the old ones"),
    "install": N_("Install it beside the old one"),
    "migrate": N_("Bring a copy of the database to its schema"),
    "start": N_("Start it on the copy and ask it"),
    "switch": N_("Change over while nothing runs"),
    "restart": N_("Begin anew as the new version"),
}
_LINES = 12
_LONGEST_LINE = 300


class Step(msgspec.Struct, frozen=True):
    name: str
    words: str
    state: Literal["done", "now", "failed", "later"]


class _Line(msgspec.Struct):
    step: str
    state: str


def steps(settings: Settings, journal: Journal) -> list[Step]:
    """All steps of the update in their order."""
    states: dict[str, str] = {}
    for line in _lines(settings, journal, "progress.jsonl"):
        try:
            found = msgspec.json.decode(line, type=_Line)
        except msgspec.MsgspecError:  # being written just now
            continue
        states[found.step] = found.state
    shown: dict[str | None, Literal["done", "now", "failed", "later"]]
    shown = {"begun": "now", "done": "done", "failed": "failed", None: "later"}
    names = [name for name in STEPS if name != "checkout" or journal.wheel is None]
    return [Step(name, STEPS[name], shown[states.get(name)]) for name in names]


def last_words(settings: Settings, journal: Journal) -> list[str]:
    """The last lines of the output, without what says only how far it is."""
    kept = deque(
        (line for line in _lines(settings, journal, "output.log") if line.startswith("  ")), maxlen=_LINES
    )
    return [line.strip()[:_LONGEST_LINE] for line in kept]


def _lines(settings: Settings, journal: Journal, name: str) -> list[str]:
    try:
        return (folder(settings, journal) / name).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
