"""An entry in the words of its reader. What has no message, as in adopted logs, stays as it is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from otrs_web.database_log.writing import COMMAND_LINE, SCHEDULE
from otrs_web.i18n import N_
from otrs_web.stats.wording import STATE_TYPE_WORDS

KINDS: Mapping[str, str] = {
    "upload": N_("Import"),
    "clear_tickets": N_("Tickets removed"),
    "state_type": N_("State meaning"),
    "schedule": N_("Schedule"),
    "daily_statistics": N_("Daily statistics"),
    "backup": N_("Backup"),
    "backup_failed": N_("Backup failed"),
    "backup_cleanup": N_("Backups cleaned up"),
    "restore": N_("Restore"),
    "adopt": N_("Data taken over"),
    "update": N_("Update"),
}
"""The kinds of changes; adopted logs may have others, which are shown as they are."""

_WHO = {SCHEDULE: N_("By schedule"), COMMAND_LINE: N_("Command line")}
_BROWSER = re.compile(r"IP: (?P<address>.*?), Browser: (?P<agent>.*)", re.DOTALL)
#: how programs name themselves, the telling ones first: most browsers claim to be several others as well
_AGENTS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Vivaldi": "Vivaldi",
    "MicroMessenger": "WeChat",
    "QQBrowser": "QQ Browser",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chromium": "Chromium",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Version": "Safari",
}
_PRODUCT = re.compile(r"[\w.-]{1,30}(?=/|$)")


@dataclass(frozen=True)
class Voice:
    """How a reader is spoken to: in their language, with its numbers."""

    gettext: Callable[[str], str]
    number: Callable[[float | None], str]

    def kind(self, kind: str) -> str:
        return self.gettext(KINDS[kind]) if kind in KINDS else kind

    def details(self, message: Mapping[str, Any] | None, stored: str | None) -> str:
        """The sentence of an entry: its message in the reader's language, else the one that is stored."""
        if not message:
            return stored or ""
        params = {name: self._value(name, value) for name, value in message["params"].items()}
        text = message["text"]  # apart, or it would be taken for a text to translate
        return self.gettext(text).format(**params)

    def _value(self, name: str, value: str | int) -> str:
        if isinstance(value, int):
            return self.number(value)
        return self.gettext(STATE_TYPE_WORDS[value]) if name == "meaning" else value

    def who(self, stored: str | None) -> str:
        """Who it was, in short: an address and the name of a browser, the schedule, the command line."""
        if stored in _WHO:
            return self.gettext(_WHO[stored])
        found = _BROWSER.fullmatch(stored or "")
        if found and found["address"] == "terminal":  # as an import of the command line says it
            return self.gettext(_WHO[COMMAND_LINE])
        if found:
            parts = (found["address"], agent_name(found["agent"]))
            return " · ".join(part for part in parts if part != "unknown") or self.gettext(N_("unknown"))
        return stored or ""


def agent_name(user_agent: str) -> str:
    """What a program calls itself, by the name that people know it by."""
    for token, name in _AGENTS.items():
        if f"{token}/" in user_agent:
            return name
    product = _PRODUCT.match(user_agent)
    return product[0] if product else user_agent[:30]
