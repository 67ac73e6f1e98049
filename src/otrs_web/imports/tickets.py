"""A chunk of rows to ticket tuples, and everything odd about them on the way: rows that name no ticket or no
time, numbers seen before, dates that cannot be or do not fit together, states against close times."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

from otrs_web.imports.columns import FIELDS
from otrs_web.imports.columns import Mapping as Columns
from otrs_web.imports.datecolumn import Cell, DateColumn
from otrs_web.imports.numbers import Numbers
from otrs_web.imports.quality import Findings
from otrs_web.imports.rows import Ages, RawData, StateTypes, Texts, Words, cell_text, texts
from otrs_web.imports.snapshot import LatestEvent

OPEN_TYPES = frozenset({"new", "open", "pending"})
GONE_TYPES = frozenset({"closed", "merged", "removed"})
DATE_FIELDS = ("created_date", "closed_date", "first_response")
WORD_FIELDS = (
    "state", "priority", "age", "queue", "owner", "customer_id", "customer_realname", "service", "type",
    "category", "sub_category", "responsible",
)  # fmt: skip
Columned = dict[str, list[Any]]


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
        self._words = {field: Words() for field in WORD_FIELDS if field in self._at}
        self._ages = Ages()
        self._types = StateTypes(states)
        self._raw = RawData(columns.others)
        self._findings = findings
        self._future_after = str(future_after.replace(microsecond=0))
        self._latest = latest
        self._seen: set[str] = set()
        self._dates = {
            field: DateColumn(lambda field=field: order(field), epoch_1904=epoch_1904)  # type: ignore[misc]
            for field in DATE_FIELDS
            if field in self._at
        }
        self.numbers = Numbers()
        self.rows = self.rejected = self.duplicates = 0
        self.unknown_states: Counter[str] = Counter()

    def column_name(self, field: str) -> str:
        """The header that the file has for a field."""
        return self._names[field]

    @property
    def date_columns(self) -> dict[str, DateColumn]:
        return self._dates

    def read(self, lines: Sequence[int], by_column: Sequence[Sequence[Cell]]) -> list[tuple[Any, ...]]:
        """Unique valid tickets of a chunk in `FIELDS` order; the columns are all as long as `lines`."""
        numbers = self.numbers.read(by_column[self._at["ticket_number"]], lines)
        self.rows += len(lines)
        out: Columned = {"ticket_number": numbers}
        bad = self._read_dates(by_column, out)
        self._read_words(by_column, out)
        dropped = self._reject(lines, by_column, out, bad)
        dropped |= self._repeated(lines, numbers, dropped)
        self._report_dates(lines, by_column, bad, dropped)
        if dropped:
            keep = [index not in dropped for index in range(len(lines))]
            out = {field: list(compress(values, keep)) for field, values in out.items()}
            lines = list(compress(lines, keep))
        self._look_at_times(lines, out)
        self._look_at_words(lines, out)
        blank: Texts = [None] * len(lines)
        return list(zip(*(out.get(field, blank) for field in FIELDS), strict=True))

    def _read_dates(self, by_column: Sequence[Sequence[Cell]], out: Columned) -> dict[str, list[int]]:
        bad = {}
        for field, column in self._dates.items():
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

    def _reject(
        self,
        lines: Sequence[int],
        by_column: Sequence[Sequence[Cell]],
        out: Columned,
        bad: dict[str, list[int]],
    ) -> set[int]:
        """Indexes of rows that are no tickets: blank ones silently, the others with their reason."""
        dropped: set[int] = set()

        def reject(code: str, index: int, field: str) -> None:
            dropped.add(index)
            self.rejected += 1
            sample = cell_text(by_column[self._at[field]][index]).strip()
            self._findings.add(code, "attention", [lines[index]], column=self._names[field], sample=sample)

        if "" in out["ticket_number"]:
            for index in (i for i, number in enumerate(out["ticket_number"]) if not number):
                if any(cell_text(column[index]).strip() for column in by_column):
                    reject("row_without_number", index, "ticket_number")
                else:
                    dropped.add(index)
                    self.rows -= 1
        if None in out["created_date"]:
            unreadable = set(bad["created_date"])
            for index in (i for i, at in enumerate(out["created_date"]) if at is None and i not in dropped):
                reject(
                    "created_unreadable" if index in unreadable else "created_missing", index, "created_date"
                )
        for index in bad.get("closed_date", ()):
            if index not in dropped and out["state_type"][index] == "unknown":
                reject("closed_unreadable_rejected", index, "closed_date")
        return dropped

    def _repeated(self, lines: Sequence[int], numbers: list[str], dropped: set[int]) -> set[int]:
        """Indexes of rows whose number an earlier valid row has; that row wins."""
        fresh = set(numbers)
        if not dropped and len(fresh) == len(numbers) and self._seen.isdisjoint(fresh):
            self._seen |= fresh
            return set()
        repeated = set()
        for index, number in enumerate(numbers):
            if index in dropped:
                continue
            if number in self._seen:
                repeated.add(index)
                self._findings.add("duplicates", "attention", [lines[index]], sample=number)
            self._seen.add(number)
        self.duplicates += len(repeated)
        return repeated

    def _report_dates(
        self,
        lines: Sequence[int],
        by_column: Sequence[Sequence[Cell]],
        bad: dict[str, list[int]],
        dropped: set[int],
    ) -> None:
        for field, level in (("closed_date", "attention"), ("first_response", "notice")):
            for index in bad.get(field, ()):
                if index not in dropped:
                    self._findings.add(
                        f"{field}_unreadable",
                        "attention" if level == "attention" else "notice",
                        [lines[index]],
                        column=self._names[field],
                        sample=cell_text(by_column[self._at[field]][index]).strip(),
                    )

    def _look_at_times(self, lines: Sequence[int], out: Columned) -> None:
        """Dates in the future or in the wrong order, close times against states, and the latest event."""
        created = out["created_date"]
        self._latest.see(created)
        self._look_for_future(lines, "created_date", created)
        closed = out.get("closed_date")
        if closed is not None:
            self._latest.see(closed)
            self._look_for_future(lines, "closed_date", closed)
            early = [
                line for line, a, b in zip(lines, created, closed, strict=True) if b is not None and b < a
            ]
            if early:
                self._findings.add("closed_before_created", "attention", early)
            if "state" in out:
                self._compare_states(lines, out["state_type"], closed)
        if "age_hours" in out:
            ends = closed or [None] * len(created)
            kinds = zip(out["state_type"], ends, strict=True)
            is_open = [kind in OPEN_TYPES or (kind == "unknown" and not end) for kind, end in kinds]
            self._latest.see_ages(created, out["age_hours"], is_open)

    def _look_for_future(self, lines: Sequence[int], field: str, values: list[str | None]) -> None:
        given = [value for value in values if value]
        if given and max(given) > self._future_after:
            late = [(n, at) for n, at in zip(lines, values, strict=True) if at and at > self._future_after]
            name = self._names[field]
            for line, at in late:
                self._findings.add("future_dates", "attention", [line], column=name, sample=at)

    def _compare_states(self, lines: Sequence[int], types: list[str], closed: list[str | None]) -> None:
        both = list(zip(lines, types, closed, strict=True))
        reopened = [line for line, kind, end in both if end and kind in OPEN_TYPES]
        if reopened:
            self._findings.add("open_with_close_time", "notice", reopened)
        gone = [line for line, kind, end in both if not end and kind in GONE_TYPES]
        if gone:
            self._findings.add("closed_without_close_time", "notice", gone)

    def _look_at_words(self, lines: Sequence[int], out: Columned) -> None:
        if self._ages.unreadable and "age" in out:
            ages = zip(lines, out["age"], out["age_hours"], strict=True)
            for line, text, hours in ages:
                if text and hours is None:
                    self._findings.add(
                        "age_unreadable", "notice", [line], column=self._names["age"], sample=text
                    )
        if self._types.unknown and "state" in out:
            odd = [
                (n, name) for n, name in zip(lines, out["state"], strict=True) if name in self._types.unknown
            ]
            self.unknown_states.update(name for _, name in odd)
            if odd:
                self._findings.add("unknown_states", "attention", [line for line, _ in odd])
