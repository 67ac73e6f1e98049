"""Made-up OTRS exports with their truth, for tests and the benchmark.

What an importer or a statistic says can only be trusted if something that shares no code with it says
the same. So this package imports nothing of the application: `desk` makes up tickets, `dialects` and `files`
write them as OTRS, Znuny and their statistics module would, and `truth` counts them with plain loops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .desk import Ticket, make_tickets
from .dialects import DIALECTS, Dialect
from .files import write_csv, write_xlsx
from .truth import Truth, count

AS_OF = datetime(2026, 6, 30, 18, 0)

__all__ = ["AS_OF", "DIALECTS", "Generated", "Ticket", "Truth", "count", "generate"]


@dataclass
class Generated:
    """Tickets, newest first as OTRS lists them; `truth` is what they add up to at `as_of`."""

    tickets: list[Ticket]
    dialect: Dialect
    fmt: str
    as_of: datetime
    truth: Truth = field(init=False)

    def __post_init__(self) -> None:
        self.truth = count(self.tickets, self.as_of)

    @property
    def filename(self) -> str:
        """The name that OTRS itself would give, export time included."""
        return f"ticket_search_{self.as_of:%Y-%m-%d_%H-%M}.{self.fmt}"

    def write(self, path: Path) -> Path:
        """Write the export; `path` may be a folder, which then gets OTRS's own file name."""
        path = path / self.filename if path.is_dir() else path
        write = write_xlsx if self.fmt == "xlsx" else write_csv
        write(path, self.dialect, self.dialect.lines(self.tickets, self.as_of))
        return path


def generate(
    rows: int,
    seed: int,
    dialect: str = "otrs-en",
    fmt: str = "xlsx",
    as_of: datetime = AS_OF,
    *,
    custom_states: bool = False,
    title_line: bool | None = None,
) -> Generated:
    """Make `rows` tickets; the same arguments give the same tickets.

    `custom_states` renames the states as sites do; `title_line` puts the `Created: …` line of the statistics
    module above the header (by default in the dialect that has it).
    """
    if fmt not in {"xlsx", "csv"}:
        raise ValueError(f"unknown format {fmt!r}: xlsx or csv")
    chosen = Dialect.named(dialect, custom_states=custom_states, title_line=title_line)
    return Generated(make_tickets(rows, seed, as_of, chosen.states), chosen, fmt, as_of)
