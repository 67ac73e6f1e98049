"""Generated exports of every dialect against their truth, which another program has counted; and, where it
lies beside the project, a real one."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.generator import AS_OF, DIALECTS, generate

from .reading import read

REAL = Path(__file__).parents[3] / "shared/data/real/ticket_search_2025-08-27_18-18.xlsx"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
@pytest.mark.parametrize("custom", [False, True])
def test_every_dialect(tmp_path: Path, dialect: str, fmt: str, custom: bool) -> None:
    made = generate(700, 11, dialect, fmt, custom_states=custom)
    result = read(made.write(tmp_path))
    assert len(result.tickets) == 700
    assert result.export.rejected_rows == result.export.duplicate_rows == 0
    assert result.export.snapshot.at == AS_OF
    found = {ticket["ticket_number"]: ticket for ticket in result.tickets}
    for ticket in made.tickets:
        row = found[ticket.number]
        assert row["created_date"] == str(ticket.created)
        assert row["closed_date"] == (str(ticket.closed) if ticket.closed else None)
        assert row["first_response"] == (str(ticket.first_response) if ticket.first_response else None)
        assert row["state_type"] == ticket.kind
        assert row["priority"] == ticket.priority
        assert row["queue"] == ticket.queue
        if ticket.closed is None:
            assert row["age_hours"] == pytest.approx((AS_OF - ticket.created) / timedelta(hours=1), abs=1)
    assert result.export.fields >= {"owner", "customer_id", "title", "age", "state"}


@pytest.mark.skipif(not REAL.exists(), reason="the real export is not part of the project")
def test_the_real_export() -> None:
    result = read(REAL)
    assert len(result.tickets) == 1908
    assert sum(ticket["closed_date"] is None for ticket in result.tickets) == 118
    assert result.findings["open_with_close_time"].count == 10
    assert result.findings["closed_without_close_time"].count == 3
    assert Counter(result.column("state_type")) == {
        "closed": 1780,
        "new": 72,
        "pending": 30,
        "open": 23,
        "removed": 3,
    }
    assert result.export.snapshot.at == datetime(2025, 8, 27, 18, 18)
    assert not result.attention
