"""What was taken from a file and what was not, counted by table and reason, so that nothing is left out in
silence. It holds messages, not sentences: the terminal and the page say them in their reader's language."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from otrs_web.i18n import N_, Formats

Gettext = Callable[[str], str]

#: the original's nine tables, in the order in which they are taken over
TABLES: Mapping[str, str] = {
    "upload_detail": N_("Uploads"),
    "otrs_ticket": N_("Tickets"),
    "statistic": N_("Analyses"),
    "daily_statistics": N_("Daily statistics"),
    "statistics_config": N_("Schedule"),
    "statistics_log": N_("Runs of the daily statistics"),
    "responsible_config": N_("Selections of people"),
    "database_log": N_("Database log"),
    "app_update_status": N_("Update status"),
}


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The file cannot be taken over, and nothing was changed. `message` is marked for translation and has the
    places that `params` fills."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message, params)
        self.message = message
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        return _refused, (self.message, self.params)


def _refused(message: str, params: dict[str, Any]) -> Refused:
    return Refused(message, **params)


@dataclass
class Taken:
    """One table: rows `found` in the file, `taken` over, `known` from an earlier time; how many were left out
    and how many changed, by reason. `is_missing` says that the file has no such table."""

    table: str
    found: int = 0
    taken: int = 0
    known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    is_missing: bool = False

    def remarks(self, formats: Formats, tr: Gettext) -> Iterator[str]:
        """Every reason with its number of rows, in the reader's language."""
        if self.is_missing:
            yield tr(N_("The file has no such table."))
        for reason, count in (*self.left_out.items(), *self.changed.items()):
            yield tr(reason).format(n=formats.number(count))


@dataclass
class Report:
    """What came of it. `removed` counts tickets that were here before, `repaired` texts that were no UTF-8,
    `others` are tables of the file that are not taken over."""

    filename: str
    tables: dict[str, Taken] = field(default_factory=lambda: {name: Taken(name) for name in TABLES})
    removed: int = 0
    repaired: int = 0
    others: list[str] = field(default_factory=list)

    def __getitem__(self, table: str) -> Taken:
        return self.tables[table]

    @property
    def records(self) -> int:
        """Rows taken over besides the tickets."""
        return sum(taken.taken for taken in self.tables.values()) - self["otrs_ticket"].taken

    def lines(self, formats: Formats, tr: Gettext) -> Iterator[str]:
        """The report as text, a line for each table with its remarks."""
        for taken in self.tables.values():
            words = [
                tr(N_("{table}: {found} found, {taken} taken over.")).format(
                    table=tr(TABLES[taken.table]),
                    found=formats.number(taken.found),
                    taken=formats.number(taken.taken),
                )
            ]
            if taken.known:
                words.append(tr(N_("Here already: {n}.")).format(n=formats.number(taken.known)))
            yield " ".join([*words, *taken.remarks(formats, tr)])
        yield from self.notes(formats, tr)

    def notes(self, formats: Formats, tr: Gettext) -> Iterator[str]:
        """What concerns the file as a whole."""
        if self.removed:
            words = tr(N_("Tickets that were here before and were replaced: {n}."))
            yield words.format(n=formats.number(self.removed))
        if self.repaired:
            words = tr(N_("Texts with damaged characters, which are shown as \ufffd: {n}."))
            yield words.format(n=formats.number(self.repaired))
        if self.others:
            words = tr(N_("Tables that are not taken over, since nothing here has a use for them: {tables}."))
            yield words.format(tables=", ".join(self.others))
