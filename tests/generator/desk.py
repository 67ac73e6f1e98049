"""Tickets of an imaginary help desk, with everything that makes a real export awkward: reopened tickets that
keep their close time, merged and removed ones that have none, a state that only this site knows, odd
subjects."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import words

DAYS = 420
WEEKDAY = (1.2, 1.1, 1.05, 1.0, 0.85, 0.15, 0.1)
HOUR = (1, 1, 1, 1, 1, 2, 8, 30, 80, 110, 110, 95, 60, 80, 100, 90, 70, 45, 20, 12, 9, 7, 5, 3)


@dataclass(slots=True)
class Ticket:
    """One ticket as the site knows it; `kind` is its true state type, whatever the state is called.

    `age_hours` is its age at the export; it only counts where the creation time is missing.
    """

    number: str
    created: datetime | None
    closed: datetime | None
    first_response: datetime | None
    state: str | None
    kind: str
    priority: str | None = "3 normal"
    queue: str | None = "Raw"
    owner: str | None = None
    responsible: str | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    title: str | None = None
    service: str | None = None
    type: str | None = None
    category: str | None = None
    sub_category: str | None = None
    age_hours: float | None = None


def make_tickets(rows: int, seed: int, as_of: datetime, states: Mapping[str, str]) -> list[Ticket]:
    """`rows` tickets created in the 420 days before `as_of`, newest first; `states` names the states."""
    rng = random.Random(f"export/{seed}")
    tickets: list[Ticket] = []
    today, counter = "", 0
    for created in _moments(rng, rows, as_of):
        day = f"{created:%Y%m%d}"
        counter = counter + 1 if day == today else 1
        today = day
        tickets.append(_ticket(rng, f"{day}10{counter:06d}", created, as_of, states))
    tickets.reverse()
    return tickets


def _moments(rng: random.Random, rows: int, as_of: datetime) -> list[datetime]:
    """Creation times in order: fewer at weekends, a yearly wave, office hours."""
    midnight = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(DAYS)]
    weights = [WEEKDAY[d.weekday()] * (1 + 0.2 * math.sin(d.timetuple().tm_yday / 58)) for d in days]
    moments = []
    for day in rng.choices(days, weights, k=rows):
        hour = rng.choices(range(24), HOUR)[0]
        moment = day + timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))
        moments.append(moment if moment <= as_of else moment - timedelta(days=1))
    return sorted(moments)


def _ticket(
    rng: random.Random, number: str, created: datetime, as_of: datetime, states: Mapping[str, str]
) -> Ticket:
    name, closed = _fate(rng, created, as_of)
    answered = created + timedelta(seconds=int(rng.lognormvariate(8.3, 1.3)))
    silent = rng.random() < 0.25 or answered > (closed or as_of)
    category = rng.choice(sorted(words.CATEGORIES))
    company = rng.choice(words.COMPANIES)
    title = rng.choice(words.ODD_TITLES if rng.random() < 0.03 else words.TITLES)
    return Ticket(
        number=number,
        created=created,
        closed=closed,
        first_response=None if silent else answered,
        state=states[name],
        kind=words.STATE_TYPES[name],
        priority=rng.choices(words.PRIORITIES, (3, 8, 70, 14, 5))[0],
        queue=rng.choice(words.QUEUES),
        owner=rng.choice(words.AGENTS),
        responsible=rng.choice(words.AGENTS),
        customer_id="NA" if rng.random() < 0.01 else f"{rng.randrange(5000):06d}",
        customer_name=company,
        title=title.format(n=rng.randrange(1000, 99999)),
        service=rng.choice(words.SERVICES) or None,
        type=rng.choices(words.TYPES, (60, 30, 10))[0],
        category=category,
        sub_category=rng.choice(words.CATEGORIES[category]) or None,
    )


def _fate(rng: random.Random, created: datetime, as_of: datetime) -> tuple[str, datetime | None]:
    """State and close time: the names on the left of `words.STATE_TYPES`."""
    done = created + timedelta(seconds=int(rng.lognormvariate(11.2, 1.6)) + 1)
    chance = rng.random()
    if chance < 0.02:
        return ("merged", done) if chance < 0.002 and done <= as_of else ("merged", None)
    if chance < 0.03:
        return ("removed", None) if chance < 0.025 else ("cancelled", None)
    if chance < 0.04:
        return "elsewhere", done if done <= as_of and rng.random() < 0.5 else None
    if done > as_of or chance < 0.09:
        name = rng.choices(("new", "open", "reminder", "auto"), (30, 40, 25, 5))[0]
        reopened = rng.random() < 0.08 and (as_of - created).days > 2
        return name, created + timedelta(hours=rng.randrange(1, 48)) if reopened else None
    return ("unsuccessful" if rng.random() < 0.1 else "successful"), done
