"""A few tickets of a number that a page shows, under it: a fragment with pages of its own, for a first look.
The whole list is on the page of tickets."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.stats.distributions import priority_rank
from otrs_web.tickets.listing import ListOptions, list_tickets
from otrs_web.tickets.rows import AGE_SECONDS
from otrs_web.web.pages import page_numbers

FEW = 10
NAMES = ("ticket_number", AGE_SECONDS, "created_date", "priority", "state", "state_type", "title")


async def few(session: AsyncSession, asked: ListOptions) -> dict[str, Any]:
    """What `tickets/_few.html` shows: the tickets of a list from its offset on."""
    options = replace(asked, limit=FEW, after=None)
    page = await list_tickets(session, options, NAMES)
    return {
        "list": page,
        "query": options.filter.query(),
        "sort": options.sort,
        "pages": page_numbers(page.total, options.limit, options.offset),
        "limit": options.limit,
        "address": lambda number: f"/tickets/{quote(number, safe='')}",
        "rank": lambda priority: priority_rank(priority)[0],
    }
