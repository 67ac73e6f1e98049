"""The change log: every change to the data with its time, what it was and who made it, filtered by plain
links and forms and leafed through by key."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template
from markupsafe import Markup, escape

from otrs_web.clock import site_now
from otrs_web.database import Database
from otrs_web.database_log.filter import LogFilter
from otrs_web.database_log.reading import kinds, read_page
from otrs_web.database_log.wording import KINDS, Voice
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest, reader
from otrs_web.tickets.values import FilterError, is_whole
from otrs_web.web.bar import Preset
from otrs_web.web.chips import Chip
from otrs_web.web.frame import data_as_of

ADDRESS = "/database-log"
LABELS = {"kind": N_("Kind"), "from": N_("From"), "to": N_("Until"), "q": N_("Search")}
#: the entry that a page of the list begins behind
KEYS = ("older_than", "newer_than")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class DatabaseLogPage(Controller):
    path = ADDRESS
    include_in_schema = False

    @get()
    async def page(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        return Template("database_log/page.html", context=await _listing(request, db))

    @get("/list")
    async def listing(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        """The list alone, for a page that is open; tells the browser which page it is now."""
        context = await _listing(request, db)
        return Template("database_log/_list.html", context=context, headers={"hx-push-url": context["here"]})


async def _listing(request: AnyRequest, db: Database) -> dict[str, Any]:
    pairs = [(name, str(value)) for name, value in request.query_params.multi_items()]
    chosen = LogFilter.parse(pair for pair in pairs if pair[0] not in KEYS)
    keys = {name: _key(name, value) for name, value in pairs if name in KEYS and value.strip()}
    if len(keys) > 1:
        raise FilterError(KEYS[1], str(keys[KEYS[1]]), N_("only one of older_than and newer_than"))
    voice = Voice(reader().gettext, reader().formats.number)
    async with db.read() as session:
        found = await read_page(session, chosen, voice.gettext, **keys)
        context = {"kinds": await kinds(session), "as_of": await data_as_of(session)}
    query = chosen.query(*((name, str(key)) for name, key in keys.items()))
    return {
        **context,
        "log": found,
        "chosen": chosen,
        "voice": voice,
        "unbroken": _unbroken,
        "chips": list(_chips(chosen)),
        "presets": _presets(chosen, site_now(db.settings.timezone).date()),
        "here": f"{ADDRESS}?{query}" if query else ADDRESS,
    }


def _unbroken(text: str) -> Markup:
    """With every day on one line: browsers break lines behind its hyphens."""
    return Markup(_DAY.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


def _key(name: str, text: str) -> int:
    if not is_whole(text) or len(text) > 9:
        raise FilterError(name, text, N_("the number of an entry"))
    return int(text)


def _chips(chosen: LogFilter) -> Iterator[Chip]:
    for name, value in chosen.items():
        words = KINDS.get(value) if name == "kind" else None
        rest = chosen.without(name, value).query()
        yield Chip(name, LABELS[name], words or value, words is not None, rest)


def _presets(chosen: LogFilter, today: date) -> Sequence[Preset]:
    spans: Sequence[tuple[str, date | None]] = (
        (N_("Today"), today),
        (N_("Last 7 days"), today - timedelta(days=6)),
        (N_("Last 30 days"), today - timedelta(days=29)),
        (N_("Everything"), None),
    )
    return [
        Preset(
            label,
            "",
            chosen.replace(from_=first, to=None).query(),
            (chosen.from_, chosen.to) == (first, None),
        )
        for label, first in spans
    ]
