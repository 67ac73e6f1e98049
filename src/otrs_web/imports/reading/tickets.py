"""A chunk of rows to ticket tuples: which rows are tickets at all, which repeat one that came before, and
what each field of the others is."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

from otrs_web.imports.columns import FIELDS
from otrs_web.imports.columns import Mapping as Columns
from otrs_web.imports.quality import Findings, Level
from otrs_web.imports.reading.datecolumn import Cell, DateColumn
from otrs_web.imports.reading.numbers import Numbers
from otrs_web.imports.reading.plausibility import Plausibility
from otrs_web.imports.reading.rows import (
    Ages,
    Columned,
    People,
    RawData,
    StateTypes,
    Texts,
    Words,
    cell_text,
    texts,
)
from otrs_web.imports.reading.snapshot import LatestEvent

DATE_FIELDS = ("created_date", "closed_date", "first_response")
WORD_FIELDS = (
    "state", "priority", "age", "queue", "owner", "customer_id", "customer_realname", "service", "type",
    "category", "sub_category", "responsible",
)  # fmt: skip
PERSON_FIELDS = frozenset({"owner", "responsible"})


class TicketReader:
    """Converts the chunks of one table; findings, counts and the latest event grow with them.

    `order` gives the day/month order of a date field when it is first needed; dates after `future_after` are
    reported; `latest` is None when the snapshot is known without the rows.
    """

    def __init__(
        self,
        columns: Columns,
        states: Mapping[str, str],
        findings: Findings,
        *,
        order: Callable[[str], str],
        epoch_1904: bool,
        future_after: dt.datetime,
        latest: LatestEvent,
    ) -> None:
        self._at = columns.fields
        self._names = columns.names
        self._words = {
            field: People() if field in PERSON_FIELDS else Words()
            for field in WORD_FIELDS
            if field in self._at
        }
        self._ages = Ages()
        self._types = StateTypes(states)
        self._raw = RawData(columns.others)
        self._findings = findings
        self._seen: set[str] = set()
        self._plausibility = Plausibility(columns.names, findings, future_after=future_after, latest=latest)
        self.date_columns = {
            field: DateColumn(lambda field=field: order(field), epoch_1904=epoch_1904)  # type: ignore[misc]
            for field in DATE_FIELDS
            if field in self._at
        }
        self.numbers = Numbers()
        self.rows = self.rejected = self.duplicates = 0

    @property
    def unknown_states(self) -> Mapping[str, int]:
        """Names of unknown meaning and how many tickets have them."""
        return self._plausibility.unknown_states

    def column_name(self, field: str) -> str:
        """The header that the file has for a field."""
        return self._names[field]

    def read(self, lines: Sequence[int], by_column: Sequence[Sequence[Cell]]) -> list[tuple[Any, ...]]:
        """Unique valid tickets of a chunk in `FIELDS` order; the columns are all as long as `lines`."""
        out: Columned = {"ticket_number": self.numbers.read(by_column[self._at["ticket_number"]], lines)}
        bad = self._read_dates(by_column, out)
        self._read_words(by_column, out)
        self.rows += len(lines)
        dropped = self._rejected(lines, by_column, out, bad)
        dropped |= self._repeated(lines, out["ticket_number"], dropped)
        for field in ("closed_date", "first_response"):
            left = [index for index in bad.get(field, ()) if index not in dropped]
            self._add(f"{field}_unreadable", left, field, lines, by_column)
        if dropped:
            keep = [index not in dropped for index in range(len(lines))]
            out = {field: list(compress(values, keep)) for field, values in out.items()}
            lines = list(compress(lines, keep))
        self._plausibility.look(lines, out, self._types.unknown, self._ages.unreadable)
        blank: Texts = [None] * len(lines)
        return list(zip(*(out.get(field, blank) for field in FIELDS), strict=True))

    def _add(
        self,
        code: str,
        indexes: Sequence[int],
        field: str,
        lines: Sequence[int],
        by_column: Sequence[Sequence[Cell]],
    ) -> None:
        if indexes:
            cells = by_column[self._at[field]]
            rows = [(lines[index], cell_text(cells[index]).strip()) for index in indexes]
            level: Level = "notice" if field == "first_response" else "attention"
            self._findings.add(code, level, rows, column=self._names[field])

    def _read_dates(self, by_column: Sequence[Sequence[Cell]], out: Columned) -> dict[str, list[int]]:
        bad = {}
        for field, column in self.date_columns.items():
            cells = by_column[self._at[field]]
            out[field], bad[field] = column.read(cells)
            if field == "first_response":
                for index in bad[field]:
                    out[field][index] = cell_text(cells[index]).strip()
        return bad

    def _read_words(self, by_column: Sequence[Sequence[Cell]], out: Columned) -> None:
        for field, words in self._words.items():
            out[field] = words.read(by_column[self._at[field]])
        if "title" in self._at:
            out["title"] = texts(by_column[self._at["title"]])
        if "age" in out:
            out["age_hours"] = list(map(self._ages.__getitem__, by_column[self._at["age"]]))
        states = out.get("state") or [None] * len(out["ticket_number"])
        out["state_type"] = list(map(self._types.__getitem__, states))
        out["raw_data"] = self._raw.read(by_column, len(states))

    def _rejected(
        self,
        lines: Sequence[int],
        by_column: Sequence[Sequence[Cell]],
        out: Columned,
        bad: dict[str, list[int]],
    ) -> set[int]:
        """Indexes of rows that are no tickets: blank ones silently, the others with their reason."""
        dropped: set[int] = set()
        reasons: dict[tuple[str, str], list[int]] = {}
        if "" in out["ticket_number"]:
            nameless = [index for index, number in enumerate(out["ticket_number"]) if not number]
            dropped.update(nameless)
            filled = [i for i in nameless if any(cell_text(column[i]).strip() for column in by_column)]
            self.rows -= len(nameless) - len(filled)
            reasons["row_without_number", "ticket_number"] = filled
        if None in out["created_date"]:
            undated = [i for i, at in enumerate(out["created_date"]) if at is None and i not in dropped]
            unreadable = set(bad["created_date"])
            reasons["created_unreadable", "created_date"] = [i for i in undated if i in unreadable]
            reasons["created_missing", "created_date"] = [i for i in undated if i not in unreadable]
            dropped.update(undated)
        types = out["state_type"]
        unclear = [i for i in bad.get("closed_date", ()) if i not in dropped and types[i] == "unknown"]
        reasons["closed_unreadable_rejected", "closed_date"] = unclear
        dropped.update(unclear)
        for (code, field), indexes in reasons.items():
            self.rejected += len(indexes)
            self._add(code, indexes, field, lines, by_column)
        return dropped

    def _repeated(self, lines: Sequence[int], numbers: list[str], dropped: set[int]) -> set[int]:
        """Indexes of rows whose number an earlier valid row has; that row wins."""
        fresh = set(numbers)
        if not dropped and len(fresh) == len(numbers) and self._seen.isdisjoint(fresh):
            self._seen |= fresh
            return set()
        repeated = []
        for index, number in enumerate(numbers):
            if index not in dropped:
                if number in self._seen:
                    repeated.append(index)
                self._seen.add(number)
        self.duplicates += len(repeated)
        self._findings.add("duplicates", "attention", [(lines[i], numbers[i]) for i in repeated])
        return set(repeated)
