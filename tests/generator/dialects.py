"""How the same ticket looks in the export of an English, German or Chinese user, in the list of the
statistics module and in the columns of the application that this one follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .desk import Ticket

STAMP = "%Y-%m-%d %H:%M:%S"
ENGLISH = {
    "new": "new",
    "open": "open",
    "reminder": "pending reminder",
    "auto": "pending auto close+",
    "successful": "closed successful",
    "unsuccessful": "closed unsuccessful",
    "cancelled": "removed",
    "merged": "merged",
    "removed": "removed",
    "elsewhere": "Parked (Finance)",
}
GERMAN = {
    "new": "neu",
    "open": "offen",
    "reminder": "warten zur Erinnerung",
    "auto": "warten auf erfolgreich schließen",
    "successful": "erfolgreich geschlossen",
    "unsuccessful": "erfolglos geschlossen",
    "cancelled": "entfernt",
    "merged": "zusammengefasst",
    "removed": "entfernt",
    "elsewhere": "Beim Hersteller",
}
CHINESE = {
    "new": "new-新建",
    "open": "open-处理中",
    "reminder": "挂起提醒",
    "auto": "挂起等待成功关闭",
    "successful": "closed successful-成功关闭",
    "unsuccessful": "closed unsuccessful-失败关闭",
    "cancelled": "removed-已删除",
    "merged": "merged-已合并",
    "removed": "removed-已删除",
    "elsewhere": "等待供应商",
}
CUSTOM = {
    "new": "New",
    "open": "In progress",
    "reminder": "Pending Reminder",
    "auto": "PENDING AUTO CLOSE+",
    "successful": "Closed",
    "unsuccessful": "Resolved",
    "cancelled": "Cancelled",
    "merged": "Merged",
    "removed": "Removed",
    "elsewhere": "Level-3 / HQ",
}

# field -> header, in the order of the file
SEED = {
    "number": "Ticket Number",
    "created": "Created",
    "closed": "Closed",
    "state": "State",
    "priority": "Priority",
    "first_response": "FirstResponse",
    "age": "Age",
    "queue": "Queue",
    "owner": "Owner",
    "responsible": "Responsible",
    "customer_id": "CustomerID",
    "customer_name": "Customer Realname",
    "title": "Title",
    "service": "Service",
    "type": "Type",
    "category": "Category",
    "sub_category": "Sub Category",
}
SEARCH_FIELDS = (
    "number|age|created|closed|first_lock|first_response|state|priority|queue|lock|owner|customer_id|"
    "customer_name|subject|articles|title|responsible|service|type|category|sub_category"
)
SEARCH_HEADERS = {
    "en": "Ticket Number|Age|Created|Closed|FirstLock|FirstResponse|State|Priority|Queue|Lock|Owner|"
    "CustomerID|Customer Name|Subject|ArticleTree|Title|Responsible|Service|Type|Category|Sub Category",
    "de": "Ticket-Nummer|Alter|Erstellt|Geschlossen|Erstsperrzeit|Erstantwortzeit|Status|Priorität|Queue|"
    "Sperren|Besitzer|Kundennummer|Kundenname|Betreff|Artikelbaum|Titel|Verantwortlicher|Service|Typ|Kategorie|"
    "Unterkategorie",
    "zh": "工单编号|总时长|创建时间|已关闭|首次锁定|首次响应|状态|优先级|队列|锁定|所有者|CustomerID|"
    "客户名字|主题|信件树|标题|负责人|服务|类型|分类|子分类",
}
STATISTICS = {
    "running": "Number",
    "number": "Ticket#",
    "age": "Age",
    "title": "Title",
    "created": "Created",
    "closed": "Close Time",
    "queue": "Queue",
    "state": "State",
    "priority": "Priority",
    "customer_id": "Customer ID",
    "customer_name": "Customer Realname",
    "service": "Service",
    "type": "Type",
    "owner": "Agent/Owner",
    "responsible": "Responsible",
    "first_response": "FirstResponse",
    "category": "Category",
    "sub_category": "Sub Category",
    "minutes": "SolutionInMin",
    "first_lock": "First Lock",
    "lock": "Lock",
}


def _search(language: str) -> dict[str, str]:
    return dict(zip(SEARCH_FIELDS.split("|"), SEARCH_HEADERS[language].split("|"), strict=True))


# name -> columns, states, units of age, separator of its csv, title line
_KNOWN: dict[str, tuple[dict[str, str], dict[str, str], tuple[str, str, str], str, bool]] = {
    "seed": (SEED, ENGLISH, ("d", "h", "m"), ",", False),
    "otrs-en": (_search("en"), ENGLISH, ("d", "h", "m"), ",", False),
    "otrs-de": (_search("de"), GERMAN, ("T", "Std", "Min"), ";", False),
    "otrs-zh": (_search("zh"), CHINESE, ("天", "小时", "分钟"), ";", False),
    "statistics": (STATISTICS, ENGLISH, ("d", "h", "m"), ";", True),
}
DIALECTS = tuple(_KNOWN)


@dataclass(frozen=True)
class Dialect:
    """Columns, words and separator of one kind of export."""

    name: str
    columns: Mapping[str, str]
    states: Mapping[str, str]
    units: tuple[str, str, str]
    separator: str
    title_line: bool

    @classmethod
    def named(cls, name: str, *, custom_states: bool = False, title_line: bool | None = None) -> Dialect:
        if name not in _KNOWN:
            raise ValueError(f"unknown dialect {name!r}: one of {', '.join(DIALECTS)}")
        columns, states, units, separator, has_title = _KNOWN[name]
        title = has_title if title_line is None else title_line
        return cls(name, columns, CUSTOM if custom_states else states, units, separator, title)

    def lines(self, tickets: Sequence[Ticket], as_of: datetime) -> Iterator[list[str | None]]:
        """Title line (if any), header and rows as cell texts; None is a cell that is not there."""
        if self.title_line:
            yield ["Name: List of tickets", f"Created: {as_of:{STAMP}}"]
        yield list(self.columns.values())
        for running, ticket in enumerate(tickets, 1):
            cells = self._cells(ticket, running, as_of)
            yield [cells[name] for name in self.columns]

    def _cells(self, ticket: Ticket, running: int, as_of: datetime) -> dict[str, str | None]:
        # The statistics module writes empty texts and zeros, the search export leaves cells out.
        blank = "" if self.name == "statistics" else None
        cells: dict[str, str | None] = {
            name: getattr(ticket, name) or blank for name in SEED if name not in {"number", "age"}
        }
        for name in ("created", "closed", "first_response"):
            at = getattr(ticket, name)
            cells[name] = f"{at:{STAMP}}" if at else blank
        created = ticket.created or as_of
        return cells | {
            "number": ticket.number,
            "running": str(running),
            "age": age_text(as_of - created, self.units, trailing_blank=self.name != "statistics"),
            "subject": ticket.title,
            "articles": blank,
            "minutes": str(int(((ticket.closed or created) - created).total_seconds() / 60)),
            "first_lock": blank,
            "lock": "unlock",
        }


def age_text(age: timedelta, units: tuple[str, str, str], *, trailing_blank: bool = True) -> str:
    """Age as OTRS prints it: days and whole hours from one day on, else hours and minutes."""
    day, hour, minute = units
    seconds = int(age.total_seconds())
    if seconds >= 86400:
        text = f"{seconds // 86400} {day} {seconds // 3600 % 24} {hour} "
    elif seconds >= 3600:
        text = f"{seconds // 3600} {hour} {seconds // 60 % 60} {minute}"
    else:
        text = f"{seconds // 60} {minute}"
    return text if trailing_blank else text.rstrip()
