"""Which header names which field. OTRS translates its headers, versions and sites rename them, and people
retype them, so names are compared whole after everything that a reader does not see as a difference has been
removed."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from otrs_web.imports.names import NAMES, WEAK_NUMBERS

FIELDS = (
    "ticket_number",
    "created_date",
    "closed_date",
    "state",
    "state_type",
    "priority",
    "first_response",
    "age",
    "age_hours",
    "queue",
    "owner",
    "customer_id",
    "customer_realname",
    "title",
    "service",
    "type",
    "category",
    "sub_category",
    "responsible",
    "raw_data",
)

REQUIRED = ("ticket_number", "created_date")


@lru_cache(10_000)
def normal(name: str) -> str:
    """The name as it is compared: no case, accents, blanks, punctuation or invisible characters; # is
    kept."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in text if c.isalnum() or c == "#")


def _ranked(names: Sequence[str]) -> list[str]:
    return [normal(part) for line in names for part in line.split(", ")]


ALIASES: dict[str, tuple[str, int]] = {}
for _field, _lines in NAMES.items():
    for _rank, _name in enumerate(_ranked(_lines)):
        ALIASES.setdefault(_name, (_field, _rank))
_WEAK = _ranked(WEAK_NUMBERS)
CREATED_NAMES = frozenset(name for name, (field, _) in ALIASES.items() if field == "created_date")


def is_known(name: str) -> bool:
    """Whether a header of this name names a field."""
    return normal(name) in ALIASES


@dataclass(frozen=True)
class Mapping:
    """Field -> column index, and the columns that no field took: (index, unique name)."""

    fields: dict[str, int]
    names: dict[str, str]
    others: tuple[tuple[int, str], ...]
    nameless: tuple[int, ...]
    weak_number: int | None = None

    @property
    def missing(self) -> list[str]:
        return [field for field in REQUIRED if field not in self.fields]


def map_columns(cells: Sequence[object]) -> Mapping:
    """Give each field the best column of a header row; columns that lose keep their name in `others`."""
    best: dict[str, tuple[int, int]] = {}
    weak: tuple[int, int] | None = None
    keys = [normal(str(cell)) for cell in cells]
    for index, key in enumerate(keys):
        if key in ALIASES:
            field, rank = ALIASES[key]
            best[field] = min(best.get(field, (rank, index)), (rank, index))
        elif key in _WEAK:
            candidate = (_WEAK.index(key), index)
            weak = min(weak or candidate, candidate)
    fields = {field: index for field, (_, index) in best.items()}
    used = set(fields.values())
    others, nameless, counts = [], [], dict[str, int]()
    for index, cell in enumerate(cells):
        if index in used:
            continue
        name = " ".join(str(cell).split())
        if not keys[index] and not name:
            nameless.append(index)
            continue
        counts[name] = counts.get(name, 0) + 1
        others.append((index, name if counts[name] == 1 else f"{name} ({counts[name]})"))
    names = {field: " ".join(str(cells[index]).split()) for field, index in fields.items()}
    weak_number = weak[1] if weak and "ticket_number" not in fields else None
    return Mapping(fields, names, tuple(others), tuple(nameless), weak_number)
