"""The filter bar of a page: a panel for each thing that a reader chooses tickets by, what is chosen already,
and what has to stay when one panel is applied. `templates/parts/filter.html` draws it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.i18n import N_
from otrs_web.stats.distributions import priority_rank
from otrs_web.stats.wording import LABELS
from otrs_web.tickets.filter import NONE, TicketFilter
from otrs_web.tickets.options import Options, options, pick, ranked, stored_values
from otrs_web.tickets.periods import FIRST_YEAR, format_instant
from otrs_web.tickets.snapshot import instant
from otrs_web.web.chips import Chip, chips

Pairs = Sequence[tuple[str, str]]

#: the fields of values that have a panel, in the order of the bar
FIELDS = ("queue", "priority", "state", "type", "service", "customer_id", "responsible", "owner")
#: values that a panel begins with: a page has many panels, and few of them are opened
SHOWN = 30
#: a list that is seen at a glance needs no search
SEARCH_FROM = 7


class Picker(NamedTuple):
    """The values of one field to choose from; `query` asks for others of them (see `Values`)."""

    name: str
    label: str
    options: Options
    query: str

    @property
    def searchable(self) -> bool:
        return self.options.total >= SEARCH_FROM


class Preset(NamedTuple):
    """A choice that is one click; `note` says what it means, `query` is the page with it."""

    label: str
    note: str
    query: str
    current: bool


@dataclass(frozen=True)
class Panel:
    """`names` are the parts of the filter that it sets; `hidden` are those that it must not lose."""

    name: str
    label: str
    names: Collection[str]
    hidden: Pairs
    count: int
    presets: Sequence[Preset] = ()
    picker: Picker | None = None


@dataclass(frozen=True)
class Bar:
    """`reset` is the query string that is left without any filter."""

    chosen: TicketFilter
    panels: Sequence[Panel]
    chips: Sequence[Chip]
    reset: str

    @property
    def instant(self) -> str:
        """What a field of type datetime-local begins with."""
        return format_instant(self.chosen.as_of) if isinstance(self.chosen.as_of, datetime) else ""


async def filter_bar(
    session: AsyncSession, chosen: TicketFilter, *kept: tuple[str, str], without: Collection[str] = ()
) -> Bar:
    """The bar of a page that shows `chosen`. The pairs `kept` (a sort order, a period) stay whatever is
    chosen; fields `without` a panel stay as they are."""
    now = await instant(session, chosen)
    values = await stored_values(session)
    # a panel for a field that no ticket has would only be in the way
    names = [name for name in FIELDS if getattr(chosen, name) or any(v is not None for v, _ in values[name])]
    counts = await ranked(session, chosen, names, now, values)
    panels = [
        _panel(chosen, kept, "created", ("from", "to"), [*_day_presets(chosen, kept, now.as_of.date())]),
        *(
            _panel(
                chosen, kept, name, (name,), picker=_picker(chosen, name, _picked(chosen, name, counts[name]))
            )
            for name in names
        ),
        _panel(chosen, kept, "as_of", ("as_of",), _instant_presets(chosen, kept)),
    ]
    shown = [panel for panel in panels if panel.name not in without] if any(values.values()) else []
    return Bar(chosen, shown, list(chips(chosen, *kept)), urlencode(kept))


async def picker(session: AsyncSession, chosen: TicketFilter, name: str, search: str = "") -> Picker:
    """The values of one field, for a picker that stands by itself; what `chosen` restricts the field to is
    ticked. Raises FilterError."""
    return _picker(chosen, name, await options(session, chosen, name, search))


def _picker(chosen: TicketFilter, name: str, found: Options) -> Picker:
    return Picker(name, LABELS[name], found, urlencode([("of", name), *chosen.without(name).items()]))


def _picked(chosen: TicketFilter, name: str, values: list[tuple[str | None, int]]) -> Options:
    found = pick(values, "", getattr(chosen, name), SHOWN)
    if name != "priority":
        return found
    by_urgency = sorted(found.shown, key=lambda o: priority_rank(None if o.value == NONE else o.value))
    return found._replace(shown=by_urgency)


def _panel(
    chosen: TicketFilter,
    kept: Pairs,
    name: str,
    names: Collection[str],
    presets: Sequence[Preset] = (),
    picker: Picker | None = None,
) -> Panel:
    pairs = list(chosen.items())
    hidden = [(key, value) for key, value in pairs if key not in names]
    label = N_("Created") if name == "created" else LABELS[name]
    return Panel(name, label, names, [*hidden, *kept], len(pairs) - len(hidden), presets, picker)


def _day_presets(chosen: TicketFilter, kept: Pairs, day: date) -> Iterator[Preset]:
    for label, first, last in _spans(day):
        if first and first.year < FIRST_YEAR:
            continue
        note = " – ".join(dict.fromkeys(str(one) for one in (first, last) if one))
        query = urlencode([*chosen.replace(from_=first, to=last).items(), *kept])
        yield Preset(label, note, query, (first, last) == (chosen.from_, chosen.to))


def _spans(day: date) -> Iterator[tuple[str, date | None, date | None]]:
    """Days up to the last one that the data know."""
    first = day.replace(day=1)
    before = first - timedelta(days=1)
    yield N_("Today"), day, day
    yield N_("Last 7 days"), day - timedelta(days=6), day
    yield N_("Last 30 days"), day - timedelta(days=29), day
    yield N_("This month"), first, day
    yield N_("Last month"), before.replace(day=1), before
    yield N_("This year"), day.replace(month=1, day=1), day
    yield N_("Last 12 months"), year_until(day), day
    yield N_("Everything"), None, None


def year_until(day: date) -> date:
    """The first day of the twelve months that end with `day`."""
    following = day + timedelta(days=1)
    if (following.month, following.day) == (2, 29):
        following += timedelta(days=1)
    return following.replace(year=following.year - 1)


def _instant_presets(chosen: TicketFilter, kept: Pairs) -> list[Preset]:
    return [
        Preset(label, "", urlencode([*chosen.replace(as_of=as_of).items(), *kept]), chosen.as_of == as_of)
        for label, as_of in ((N_("Latest export"), None), (N_("Now"), "now"))
    ]
