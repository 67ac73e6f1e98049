"""The figures on top of a page: how many tickets, how many open, how many of those without an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from otrs_web.i18n import N_
from otrs_web.stats.report import Count, Stat, column
from otrs_web.tickets.facts import Facts


@dataclass(frozen=True, slots=True)
class Totals:
    total: Count = column(N_("Tickets"), N_("All tickets that match the filter."))
    open: Count = column(
        N_("Open"),
        N_("Tickets whose state is new, open or pending; without a known state, those without a close time."),
    )
    empty_first_response: Count = column(
        N_("Without first response"), N_("Open tickets that nobody has answered yet.")
    )
    reopened: Count = column(
        N_("Reopened"), N_("Open tickets that had been closed before: they still carry a close time.")
    )
    undated: Count = column(
        N_("Undated"), N_("Open tickets without a creation time; they are in no figure by day.")
    )


def _totals(facts: Facts) -> Sequence[Totals]:
    counts = facts.counts

    def open_tickets(tickets: int, **changes: object) -> Count:
        return Count(tickets, facts.filter, {"open": True, **changes})

    return [
        Totals(
            total=Count(counts.total, facts.filter),
            open=open_tickets(counts.open),
            empty_first_response=open_tickets(counts.unanswered_total, first_response="empty"),
            reopened=open_tickets(counts.reopened, reopened=True),
            undated=open_tickets(counts.undated_open, undated=True),
        )
    ]


TOTALS = Stat("totals", N_("Overview"), Totals, _totals)
