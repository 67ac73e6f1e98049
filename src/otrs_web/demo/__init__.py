"""A made-up help desk as an OTRS export, so that an empty installation can show what it will show.

It goes through the ordinary import like anybody's file. Its fourteen months have what a reader looks for in
real data: working hours, quiet weekends and holidays, a slow growth, three incidents, and a backlog that
builds up while a migration ties people down, and is worked off again.
"""

import io
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from xlsxwriter import Workbook

from otrs_web.demo.words import (
    AGENTS,
    CUSTOMERS,
    INCIDENTS,
    PRIORITIES,
    QUEUES,
    SLAS,
    TEAMS,
    TYPES,
    Queue,
)

DAYS = 426
HEADERS = (
    "Ticket Number",
    "Age",
    "Created",
    "Closed",
    "FirstResponse",
    "State",
    "Priority",
    "Queue",
    "Owner",
    "CustomerID",
    "Customer Name",
    "Title",
    "Responsible",
    "Service",
    "SLA",
    "Type",
    "Category",
    "Sub Category",
)
WEEKDAY = (1.2, 1.08, 1.02, 1.0, 0.86, 0.13, 0.09)
HOUR = (1, 1, 1, 1, 1, 2, 9, 34, 88, 112, 110, 92, 58, 80, 102, 94, 72, 42, 18, 10, 7, 5, 4, 2)
OPENS, CLOSES = 8, 18
HOLIDAYS = {(1, 1), (5, 1), (10, 1), (10, 2), (12, 24), (12, 25), (12, 26), (12, 31)}
# The migration: its share of the period, and by how many days it delays a ticket at the worst moment.
HUMP_FROM, HUMP_PEAK, HUMP_TO, HUMP_DAYS = 0.52, 0.64, 0.74, 17.0


@dataclass(slots=True)
class _Ticket:
    created: datetime
    queue: Queue
    priority: str
    patience: float
    subject: str
    category: str
    closed: datetime | None = None
    answered: datetime | None = None
    state: str = "closed successful"


def write_demo(path: Path, today: datetime, tickets: int = 5000) -> None:
    """Write made-up tickets of the fourteen months up to `today` (naive, the wall clock), newest first,
    in the columns of an English ticket search. The same arguments give the same file."""
    rng = random.Random(tickets)  # noqa: S311  (repeatable on purpose)
    today = today.replace(microsecond=0)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # zipped in memory: a zip that no longer fits on the disk complains once more when it is collected
    zipped = io.BytesIO()
    with Workbook(zipped, options) as book:
        book.set_properties({"created": today})
        sheet = book.add_worksheet("Sheet1")
        for at, values in enumerate([HEADERS, *_rows(rng, today, tickets)]):
            for column, value in enumerate(values):
                if value:
                    sheet.write_string(at, column, value)
    path.write_bytes(zipped.getbuffer())


def _rows(rng: random.Random, today: datetime, tickets: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    counters: dict[str, int] = {}
    for created in _moments(rng, today, tickets):
        day = f"{created:%Y%m%d}"
        counters[day] = counters.get(day, 0) + 1
        digits = f"{day}10{counters[day]:05d}"
        ticket = _ticket(rng, created, today)
        rows.append(_values(rng, digits + _check_digit(digits), ticket, today))
    return rows[::-1]


def _moments(rng: random.Random, today: datetime, tickets: int) -> list[datetime]:
    """Creation times, oldest first."""
    midnight = today.replace(hour=0, minute=0, second=0)
    days = [midnight - timedelta(days=DAYS - 1 - at) for at in range(DAYS)]
    weights = list(_weights(rng, days))
    weights[-1] *= sum(HOUR[: today.hour + 1]) / sum(HOUR)  # the last day is not over
    last = (today - midnight).seconds
    moments = []
    for day in rng.choices(days, weights, k=tickets):
        seconds = rng.choices(range(24), HOUR)[0] * 3600 + rng.randrange(3600)
        if day == midnight and seconds > last:
            seconds = rng.randrange(last + 1)
        moments.append(day + timedelta(seconds=seconds))
    return sorted(moments)


def _weights(rng: random.Random, days: Sequence[datetime]) -> Iterator[float]:
    incidents = {int(at * DAYS) for at, _, _ in INCIDENTS}
    for at, day in enumerate(days):
        weight = WEEKDAY[day.weekday()] * (1 + 0.25 * at / DAYS) * rng.uniform(0.82, 1.18)
        weight *= 1 + 0.13 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 20) / 182)
        if (day.month, day.day) in HOLIDAYS:
            weight *= 0.15
        if HUMP_FROM < at / DAYS < HUMP_PEAK:
            weight *= 1.15
        yield weight * (2.4 if at in incidents else 1)


def _ticket(rng: random.Random, created: datetime, today: datetime) -> _Ticket:
    queue = rng.choices(QUEUES, [q.share for q in QUEUES])[0]
    priority, _, patience = rng.choices(PRIORITIES, [share for _, share, _ in PRIORITIES])[0]
    subject, category = rng.choice(queue.subjects)
    ticket = _Ticket(created, queue, priority, patience, subject, category)
    _join_incident(rng, ticket, today)
    _live(rng, ticket, today)
    return ticket


def _join_incident(rng: random.Random, ticket: _Ticket, today: datetime) -> None:
    """On the day of an incident most people write about nothing else."""
    at = DAYS - 1 - (today.date() - ticket.created.date()).days
    for when, name, subjects in INCIDENTS:
        if int(when * DAYS) == at and OPENS <= ticket.created.hour < CLOSES and rng.random() < 0.6:
            ticket.queue = next(queue for queue in QUEUES if queue.name == name)
            ticket.priority, ticket.patience = "5 very high", 0.4
            ticket.subject, ticket.category = rng.choice(subjects), "Outage"


def _live(rng: random.Random, ticket: _Ticket, today: datetime) -> None:
    """What became of the ticket until `today`."""
    hours = rng.lognormvariate(math.log(ticket.queue.hours * ticket.patience), 1.15)
    waits = rng.random() < 0.1  # for a part, a supplier, an answer
    delay = timedelta(hours=hours, days=rng.expovariate(1 / 50) if waits else 0)
    done = _working(rng, ticket.created + delay + _hump(rng, ticket, today))
    answer = _working(rng, ticket.created + timedelta(hours=rng.lognormvariate(0.2, 1.1) * ticket.patience))
    if answer <= min(done, today) and rng.random() < 0.93:
        ticket.answered = answer
    fate = rng.random()
    if fate < 0.018:
        ticket.state = "merged" if fate < 0.014 else "removed"
    elif done <= today:
        ticket.closed = done
        ticket.state = "closed unsuccessful" if rng.random() < 0.07 else "closed successful"
    else:
        ticket.state = _open_state(rng, ticket, waits=waits)
        if (today - ticket.created).days > 6 and rng.random() < 0.14:  # reopened: the close time stays
            ticket.closed = _working(rng, ticket.created + timedelta(hours=rng.uniform(4, 60)))


def _open_state(rng: random.Random, ticket: _Ticket, *, waits: bool) -> str:
    if ticket.answered is None and rng.random() < 0.8:
        return "new"
    names = ("open", "pending reminder", "pending auto close+", "pending auto close-")
    return rng.choices(names, (20, 60, 14, 6) if waits else (74, 20, 5, 1))[0]


def _hump(rng: random.Random, ticket: _Ticket, today: datetime) -> timedelta:
    """Delay by the migration: grows until its peak, then shrinks; urgent tickets are spared most of it."""
    at = 1 - (today - ticket.created) / timedelta(days=DAYS)
    height = min((at - HUMP_FROM) / (HUMP_PEAK - HUMP_FROM), (HUMP_TO - at) / (HUMP_TO - HUMP_PEAK))
    return timedelta(days=HUMP_DAYS * max(height, 0) * min(ticket.patience, 1) * rng.uniform(0.5, 1.1))


def _working(rng: random.Random, moment: datetime) -> datetime:
    """The moment itself in working hours, else some time in the morning of the next working day."""
    moment = moment.replace(microsecond=0)
    if moment.weekday() < 5 and OPENS <= moment.hour < CLOSES:
        return moment
    day = moment.replace(hour=0, minute=0, second=0) + timedelta(days=moment.hour >= OPENS)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day + timedelta(hours=OPENS, seconds=rng.randrange(3 * 3600))


def _values(rng: random.Random, number: str, ticket: _Ticket, today: datetime) -> tuple[str, ...]:
    agents = [AGENTS[i] for i in ticket.queue.agents]
    responsible = rng.choices(agents, range(len(agents), 0, -1))[0]
    customer_id, company, person = rng.choice(CUSTOMERS)
    subject = ticket.subject.format(
        team=rng.choice(TEAMS),
        floor=rng.randrange(1, 9),
        desk=rng.randrange(100, 480),
        staff=rng.randrange(10200, 18900),
        code=rng.randrange(400100, 489999),
    )
    return (
        number,
        _age(today - ticket.created),
        _stamp(ticket.created),
        _stamp(ticket.closed),
        _stamp(ticket.answered),
        ticket.state,
        ticket.priority,
        ticket.queue.name,
        responsible if rng.random() < 0.85 else rng.choice(agents),
        customer_id,
        f"{person} ({company})",
        subject,
        responsible,
        ticket.queue.service if rng.random() < 0.9 else "",
        rng.choice(SLAS),
        rng.choices([name for name, _ in TYPES], [share for _, share in TYPES])[0],
        ticket.queue.category,
        ticket.category,
    )


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _age(age: timedelta) -> str:
    """As OTRS prints it: `35 d 20 h ` from one day on, else `5 h 12 m` or `3 m`."""
    hours, minutes = age.seconds // 3600, age.seconds // 60 % 60
    if age.days:
        return f"{age.days} d {hours} h "
    return f"{hours} h {minutes} m" if hours else f"{minutes} m"


def _check_digit(digits: str) -> str:
    """OTRS's DateChecksum: weights 1 and 2 in turn, the complement to ten, 1 instead of 10."""
    rest = 10 - sum(int(digit) * (1 + at % 2) for at, digit in enumerate(digits)) % 10
    return "1" if rest == 10 else str(rest)
