"""A few tickets of a number that a page shows, under it: a fragment with pages of its own, for a first look.
The whole list is on the page of tickets."""

from typing import Any
from urllib.parse import quote

from otrs_web.stats.distributions import priority_rank
from otrs_web.tickets.listing import ListOptions, TicketPage
from otrs_web.web.pages import page_numbers

FEW = 10


def few(options: ListOptions, page: TicketPage) -> dict[str, Any]:
    """What `tickets/_few.html` shows."""
    return {
        "list": page,
        "query": options.filter.query(),
        "sort": options.sort,
        "pages": page_numbers(page.total, options.limit, options.offset),
        "limit": options.limit,
        "address": lambda number: f"/tickets/{quote(number, safe='')}",
        "rank": lambda priority: priority_rank(priority)[0],
    }
