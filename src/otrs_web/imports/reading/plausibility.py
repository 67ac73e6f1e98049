"""What cannot be true of a ticket, or is worth a second look: dates in the future or in the wrong order,
close times that contradict the state, words that mean nothing here. The tickets are imported all the same,
and the report says so; statistics have to cope with what OTRS itself stores."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from otrs_web.imports.quality import Findings
from otrs_web.imports.reading.rows import Columned
from otrs_web.imports.reading.snapshot import LatestEvent

OPEN_TYPES = frozenset({"new", "open", "pending"})
GONE_TYPES = frozenset({"closed", "merged", "removed"})


class Plausibility:
    """Looks at each chunk of converted tickets; `names` are the file's headers of the fields that it has."""

    def __init__(
        self, names: Mapping[str, str], findings: Findings, *, future_after: dt.datetime, latest: LatestEvent
    ) -> None:
        self._names = names
        self._findings = findings
        self._future_after = str(future_after.replace(microsecond=0))
        self._latest = latest
        self.unknown_states: Counter[str] = Counter()

    def look(
        self,
        lines: Sequence[int],
        out: Columned,
        unknown_states: Collection[str],
        unreadable_ages: Collection[object],
    ) -> None:
        """Count what is odd in a chunk; the collections are those met so far, to skip the search when
        empty."""
        for field in ("created_date", "closed_date"):
            if field in out:
                self._latest.see(out[field])
                self._look_for_future(lines, field, out[field])
        if "closed_date" in out:
            both = zip(lines, out["created_date"], out["closed_date"], strict=True)
            early = [(line, "") for line, start, end in both if end is not None and end < start]
            self._findings.add("closed_before_created", "attention", early)
            if "state" in out:
                self._compare_states(lines, out["state_type"], out["closed_date"])
        if "age" in out:
            self._look_at_ages(lines, out, unreadable_ages)
        if unknown_states and "state" in out:
            odd = [(n, name) for n, name in zip(lines, out["state"], strict=True) if name in unknown_states]
            self.unknown_states.update(name for _, name in odd)
            self._findings.add("unknown_states", "attention", odd)

    def _look_for_future(self, lines: Sequence[int], field: str, values: list[str | None]) -> None:
        limit = self._future_after
        if max(filter(None, values), default="") > limit:
            late = [(line, at) for line, at in zip(lines, values, strict=True) if at and at > limit]
            self._findings.add("future_dates", "attention", late, column=self._names[field])

    def _compare_states(self, lines: Sequence[int], types: list[str], closed: list[str | None]) -> None:
        both = list(zip(lines, types, closed, strict=True))
        reopened = [(line, "") for line, kind, end in both if end and kind in OPEN_TYPES]
        self._findings.add("open_with_close_time", "notice", reopened)
        gone = [(line, "") for line, kind, end in both if not end and kind in GONE_TYPES]
        self._findings.add("closed_without_close_time", "notice", gone)

    def _look_at_ages(self, lines: Sequence[int], out: Columned, unreadable: Collection[object]) -> None:
        ends = out.get("closed_date") or [None] * len(lines)
        ages = zip(out["created_date"], out["age_hours"], out["state_type"], ends, strict=True)
        self._latest.see_ages(
            (start, hours)
            for start, hours, kind, end in ages
            if hours and (kind in OPEN_TYPES or (kind == "unknown" and not end))
        )
        if unreadable:
            odd = zip(lines, out["age"], out["age_hours"], strict=True)
            rows = [(line, text) for line, text, hours in odd if text and hours is None]
            self._findings.add("age_unreadable", "notice", rows, column=self._names["age"])
