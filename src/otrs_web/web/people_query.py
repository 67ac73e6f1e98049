"""What the address of the page of people says beside the filter: whom, parted how, in which order, and which
part of long tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.reader import AnyRequest
from otrs_web.stats.people import ORDERS, PERIODS
from otrs_web.tickets.filter import FilterError, TicketFilter
from otrs_web.tickets.values import is_whole

PATH = "/responsible-stats"
#: a table of more people cannot be read, and an address with more names not be sent
MOST = 100
_CHOICES = {"people": ("all", "chosen"), "period": tuple(PERIODS), "order": ORDERS}
_USUAL = {"people": "", "period": "total", "order": ORDERS[0], "person": 0, "row": 0}


@dataclass(frozen=True)
class PeopleQuery:
    """`people` is `all`, `chosen` (those whom the filter names, nobody if it names none) or blank: whom this
    browser chose last. `person` and `row` are how many people and periods are left out before those
    shown."""

    filter: TicketFilter
    people: str = ""
    period: str = "total"
    order: str = ORDERS[0]
    person: int = 0
    row: int = 0

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From the pairs of a query string. Raises FilterError."""
        own: dict[str, Any] = {}
        rest: list[tuple[str, str]] = []
        for name, value in pairs:
            if name not in _USUAL:
                rest.append((name, value))
            elif value.strip():
                own[name] = _read(name, value.strip())
        return cls(TicketFilter.parse(rest), **own)

    def named(self, field: str) -> Sequence[str]:
        """The names that the filter has in `field`. Raises Problem 400 for more than can be shown."""
        names: tuple[str, ...] = getattr(self.filter, field)
        if len(names) > MOST:
            sentence = N_("{number} people are chosen. Choose at most {most}, or everybody.")
            raise Problem(400, sentence, params={"number": len(names), "most": MOST}, field=field)
        return names

    @classmethod
    def of(cls, request: AnyRequest) -> Self:
        """From a request; the `version` in it is the business of others."""
        pairs = request.query_params.multi_items()
        return cls.parse((name, str(value)) for name, value in pairs if name != "version")

    def with_names(self, field: str, names: Sequence[str]) -> Self:
        """The same page of exactly these people."""
        return replace(self, filter=self.filter.replace(**{field: tuple(names)}), people="chosen")

    def settled(self, field: str) -> Self:
        """With what is meant said: names mean those, no names and no other word everybody."""
        if self.people == "chosen" or self.named(field):
            return replace(self, people="chosen")
        return replace(self, people="all")

    def everybody(self, field: str) -> str:
        """The query string of this page of everybody."""
        return replace(self, filter=self.filter.without(field), people="all", person=0).query()

    def nobody(self, field: str) -> str:
        """The query string of this page before anybody is chosen."""
        return replace(self, filter=self.filter.without(field), people="chosen", person=0).query()

    @property
    def address(self) -> str:
        return f"{PATH}?{self.query()}"

    def is_nobody(self, field: str) -> bool:
        return self.people == "chosen" and not self.named(field)

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """What is not usual of the page's own part, with `changes`."""
        values = {name: changes.get(name, getattr(self, name)) for name in _USUAL}
        return [(name, str(value)) for name, value in values.items() if value != _USUAL[name]]

    def query(self, **changes: Any) -> str:
        """The query string of this page with `changes` of its own part. Other people begin at the first."""
        return urlencode([*self.filter.items(), *self.pairs(**changes)])


def _read(name: str, text: str) -> str | int:
    if name in _CHOICES:
        if text not in _CHOICES[name]:
            raise FilterError(name, text, ", ".join(_CHOICES[name]))
        return text
    if not is_whole(text) or len(text) > 9:
        raise FilterError(name, text, N_("a whole number, 0 or more"))
    return int(text)
