"""Generated exports of every dialect go in by the ordinary way; every figure that comes out is compared with
the generator's own plain counting, and every stored field with what was written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from otrs_web.tickets.filter import TicketFilter
from tests.generator import AS_OF, DIALECTS, Generated, Ticket, count, generate
from tests.generator.truth import DISTRIBUTIONS, daily_row
from tests.truth.figures import expected_stats
from tests.truth.installation import Installation, findings

ROWS = 400
#: where the generator's field has another name than the stored one
STORED = {
    "number": "ticket_number",
    "created": "created_date",
    "closed": "closed_date",
    "customer_name": "customer_realname",
    "kind": "state_type",
}
CASES = [
    *((dialect, fmt, False) for dialect in DIALECTS for fmt in ("xlsx", "csv")),
    ("otrs-en", "xlsx", True),
    ("statistics", "csv", True),
]


@pytest.mark.parametrize(("dialect", "fmt", "custom"), CASES)
def test_all_figures_and_fields(tmp_path: Path, dialect: str, fmt: str, custom: bool) -> None:
    made = generate(ROWS, 7, dialect, fmt, custom_states=custom)
    here = Installation.at(tmp_path / "data")
    upload = here.import_file(made.write(tmp_path))
    assert (upload.status, upload.error, upload.record_count) == ("done", None, ROWS)
    assert (upload.snapshot_at, upload.new_records_count) == (AS_OF, ROWS)
    assert here.stats(TicketFilter()) == expected_stats(made.truth)
    check_distributions(here, made)
    check_fields(here, made.tickets)
    check_report(made, findings(upload))


def check_distributions(here: Installation, made: Generated) -> None:
    expected: dict[TicketFilter, int] = {}
    for name in DISTRIBUTIONS:
        for value, number in made.truth.distributions[name].items():
            expected[TicketFilter().replace(**{name: (value,)})] = number
    for kind, number in made.truth.open_by_kind.items():
        expected[TicketFilter(open=True, state_type=(kind,))] = number
    for who, number in made.truth.open_by_responsible.items():
        expected[TicketFilter(open=True, responsible=(who,))] = number
    for month, people in made.truth.closed_by_month.items():
        expected |= {TicketFilter(closed_on=month, responsible=(who,)): n for who, n in people.items()}
    for week, people in made.truth.closed_by_week.items():
        expected |= {TicketFilter(closed_on=week, responsible=(who,)): n for who, n in people.items()}
    assert dict(zip(expected, here.counts(list(expected)), strict=True)) == expected


def check_fields(here: Installation, tickets: Sequence[Ticket]) -> None:
    stored = here.tickets()
    assert stored.keys() == {ticket.number for ticket in tickets}
    for ticket in tickets:
        kept = stored[ticket.number]
        for name in Ticket.__slots__:
            if name == "first_response":
                assert kept.first_response == (ticket.first_response and str(ticket.first_response))
            elif name != "age_hours":
                assert getattr(kept, STORED.get(name, name)) == getattr(ticket, name), (ticket.number, name)


def check_report(made: Generated, found: dict[str, int]) -> None:
    truth = made.truth
    assert found.get("closed_without_close_time", 0) == truth.not_open_without_close_time
    assert found.get("open_with_close_time", 0) == truth.reopened
    assert found.get("unknown_states", 0) == sum(t.kind == "unknown" for t in made.tickets)


def test_the_original_rule_of_open(tmp_path: Path) -> None:
    made = generate(ROWS, 8)
    here = Installation.at(tmp_path / "data", "closed_date")
    here.import_file(made.write(tmp_path))
    truth = count(made.tickets, AS_OF, "closed_date")
    assert here.stats(TicketFilter()) == expected_stats(truth)
    assert truth.open == truth.without_close_time


@pytest.mark.parametrize(
    "as_of", [AS_OF - timedelta(days=45, hours=7, seconds=1), datetime(2026, 1, 1), AS_OF + timedelta(days=3)]
)
def test_at_another_instant(tmp_path: Path, as_of: datetime) -> None:
    made = generate(ROWS, 9)
    here = Installation.at(tmp_path / "data")
    here.import_file(made.write(tmp_path))
    assert here.stats(TicketFilter(as_of=as_of)) == expected_stats(count(made.tickets, as_of))


def test_time_of_the_export_from_user_title_and_data(tmp_path: Path) -> None:
    here = Installation.at(tmp_path / "data")
    plain = generate(ROWS, 10)
    upload = here.import_file(plain.write(tmp_path / "tickets.xlsx"))
    latest = max(t for x in plain.tickets for t in (x.created, x.closed) if t is not None)
    assert upload.snapshot_source == "data"
    assert upload.snapshot_at is not None
    assert latest <= upload.snapshot_at <= AS_OF
    assert here.stats(TicketFilter()) == expected_stats(count(plain.tickets, upload.snapshot_at))

    upload = here.import_file(plain.write(tmp_path / "given.xlsx"), as_of=AS_OF)
    assert (upload.snapshot_source, upload.snapshot_at) == ("user", AS_OF)

    upload = here.import_file(generate(ROWS, 10, "statistics", "csv").write(tmp_path / "list.csv"))
    assert (upload.snapshot_source, upload.snapshot_at) == ("title", AS_OF)


def earlier(ticket: Ticket, moment: datetime) -> Ticket:
    """The ticket as an export at `moment` would have shown it."""
    known = replace(ticket)
    if ticket.first_response and ticket.first_response > moment:
        known.first_response = None
    if ticket.closed and ticket.closed > moment:
        known.closed = None
        if ticket.kind == "closed":
            known.state, known.kind = "open", "open"
    return known


def test_from_export_to_export(tmp_path: Path) -> None:
    """Two exports a week apart, read incrementally, end where a single one would; the first one again
    changes nothing."""
    late = generate(1000, 11)
    moment = AS_OF - timedelta(days=7)
    seen = [earlier(t, moment) for t in late.tickets if t.created and t.created <= moment]
    early = Generated(seen, late.dialect, "xlsx", moment)
    here = Installation.at(tmp_path / "data")
    here.import_file(early.write(tmp_path), mode="incremental")
    assert here.stats(TicketFilter()) == expected_stats(early.truth)

    upload = here.import_file(late.write(tmp_path), mode="incremental")
    before = {t.number: t for t in seen}
    updated = sum(t.number in before and t != before[t.number] for t in late.tickets)
    assert updated > 5
    assert upload.new_records_count == len(late.tickets) - len(seen)
    assert upload.updated_records_count == updated
    assert upload.unchanged_records_count == len(seen) - updated
    assert here.stats(TicketFilter()) == expected_stats(late.truth)

    again = here.import_file(early.write(tmp_path), mode="incremental")
    assert (again.new_records_count, again.updated_records_count) == (0, 0)
    assert findings(again)["older_export"] == updated
    check_fields(here, late.tickets)
    assert here.stats(TicketFilter()) == expected_stats(late.truth)


def test_the_generator_agrees_with_itself() -> None:
    """Its daily rows, made one by one, and its running backlog are two ways to the same figures."""
    made = generate(2000, 12)
    for back in (0, 1, 30, 200):
        day: date = (AS_OF - timedelta(days=back)).date()
        row = daily_row(made.tickets, day, AS_OF)
        assert row["closing_balance"] == made.truth.backlog[day]
        assert row["new_tickets"] == made.truth.new[day]
        assert row["resolved_tickets"] == made.truth.closed[day]
        assert row["opening_balance"] + row["new_tickets"] - row["resolved_tickets"] == row["closing_balance"]
    assert Counter(t.kind for t in made.tickets).keys() >= {"new", "open", "pending", "merged", "unknown"}
    assert made.truth.reopened > 3
    assert made.truth.not_open_without_close_time > 20
