"""The values that a reader may choose from: those of a field, each with its number of tickets.

Counted under the filter without the field's own restriction, so a number says how many tickets choosing that
value brings. Counts are kept for as long as the data stay, so a search only looks through names.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.tickets.facts import Values, load_facts
from otrs_web.tickets.filter import NONE, VALUE_FIELDS, FilterError, TicketFilter
from otrs_web.tickets.snapshot import Instant, instant, memory, view_at
from otrs_web.tickets.view import View

SHOWN = 100
#: so many values are found even where the chosen ones alone would fill the list
_AT_LEAST = 20
_UNFILTERED = TicketFilter()


class Option(NamedTuple):
    """`value` as a filter names it: `(none)` for a blank one."""

    value: str
    tickets: int
    chosen: bool


class Options(NamedTuple):
    """`shown` has the chosen values first, then the most frequent; after a search all that it finds, in that
    order, and then the chosen values that it does not. `more` match but are not shown, `total` are all values
    that there are, whatever is searched."""

    shown: Sequence[Option]
    more: int
    total: int


@dataclass
class _Facets:
    """The values of fields by number of tickets, counted when first asked for; `view` is None where the
    stored facts hold them all."""

    view: View | None
    ranked: dict[str, Values] = field(default_factory=dict)

    def count(self, names: Collection[str], stored: Mapping[str, Values]) -> None:
        """Fill in what is missing. A field that nothing else restricts is in the `stored` facts."""
        for name in set(names) - self.ranked.keys():
            rest = self.view.filter.without(name) if self.view else _UNFILTERED
            if self.view is None or rest == _UNFILTERED:
                counts = stored[name]
            else:
                view = self.view
                if rest != view.filter:
                    view = View(view.columns, rest, view.as_of, view.found)
                counts = list(view.columns.coded[name].counts(view.chosen).items())
            # values come in order, and sorting keeps that among equally frequent ones
            self.ranked[name] = sorted(counts, key=itemgetter(1), reverse=True)


async def options(
    session: AsyncSession,
    ticket_filter: TicketFilter,
    name: str,
    search: str = "",
    chosen: Sequence[str] | None = None,
    limit: int = SHOWN,
) -> Options:
    """The values of a field in which `search` occurs, whatever its case: at most `limit`, but the `chosen`
    ones (those of the filter, unless others are given) always. Raises FilterError for no field of values."""
    if name not in VALUE_FIELDS:
        raise FilterError("of", name, N_("the name of a field, such as queue or customer_id"))
    now = await instant(session, ticket_filter)
    values = (await ranked(session, ticket_filter, (name,), now, await stored_values(session)))[name]
    ticked = getattr(ticket_filter, name) if chosen is None else chosen
    return await asyncio.to_thread(pick, values, search, ticked, limit)


async def stored_values(session: AsyncSession) -> Mapping[str, Values]:
    """The values of each field among all tickets, with how many have them."""
    return (await load_facts(session, _UNFILTERED)).counts.values


async def ranked(
    session: AsyncSession,
    ticket_filter: TicketFilter,
    names: Collection[str],
    now: Instant,
    stored: Mapping[str, Values],
) -> Mapping[str, Values]:
    """All values of fields, the most frequent first; `stored` are those of all tickets. No query where the
    view of the filter is known."""
    known = memory(session, now.version)
    chosen = ticket_filter.pinned(now.as_of)
    key = ("facets", chosen, now.as_of)
    found = known.get(key, _Facets)
    if found is None:
        view = None if chosen == _UNFILTERED else await view_at(session, chosen, now)
        found = _Facets(view)
        known.keep(key, found)
    if set(names) - found.ranked.keys():
        await asyncio.to_thread(found.count, names, stored)
    return found.ranked


def pick(values: Values, search: str, chosen: Sequence[str], limit: int = SHOWN) -> Options:
    """The part of `values`, which are in order, that a reader is shown."""
    ticked = dict.fromkeys(chosen)
    tickets = {value or NONE: number for value, number in values if (value or NONE) in ticked}
    by_number = sorted(ticked, key=lambda value: -tickets.get(value, 0))
    kept = [Option(value, tickets.get(value, 0), True) for value in by_number]
    words = search.strip().casefold()
    matching = values if not words else [pair for pair in values if words in (pair[0] or "").casefold()]
    room = max(limit - len(kept), min(limit, _AT_LEAST))
    unticked = (pair for pair in matching if (pair[0] or NONE) not in ticked)
    rest = [Option(value or NONE, number, False) for value, number in islice(unticked, room)]
    # a long list of chosen values must not stand before what a search is for
    sought = {
        option for option in kept if not words or (option.value != NONE and words in option.value.casefold())
    }
    shown = [
        *(option for option in kept if option in sought),
        *rest,
        *(option for option in kept if option not in sought),
    ]
    found = (
        len(matching) - sum((value or NONE) in ticked for value, _ in matching) if ticked else len(matching)
    )
    return Options(shown, found - len(rest), len(values))
