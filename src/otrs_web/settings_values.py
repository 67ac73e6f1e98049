"""How the text of one setting becomes a checked value, and what is said when it cannot. Apart from
`settings.py` so that the list of settings there reads as a list."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OpenBy = Literal["state", "closed_date"]
LogFormat = Literal["text", "json"]
DEFAULT_PORT = 5000
DEFAULT_BACKUP_TIME = time(2, 0)
_LANGUAGES = {"zh-cn": "zh-CN", "zh": "zh-CN", "en": "en"}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True}
_FLAGS |= {"false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Problem:
    """One value that makes no sense: where it is, what it is (without passwords) and what would do."""

    name: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.name} is {self.value!r}, but must be {self.expected}"


class Networks:
    """Addresses, by the networks that they belong to, in CIDR notation; a bare address is a network of one.
    Raises ValueError for what is none. A class of its own, since the framework cannot have a choice of two
    classes in the settings that it hands to handlers."""

    def __init__(self, *networks: str) -> None:
        self._networks = tuple(ip_network(network.strip()) for network in networks)

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)

    def __repr__(self) -> str:
        return ", ".join(map(str, self._networks)) or "none"


DEFAULT_TRUSTED_PROXIES = Networks("127.0.0.1/32", "::1/128")

#: leaves room for the database's own name in SQLite's limit of 512 bytes
_LONGEST_PATH = 480


class Values:
    """Reads single values and collects what is wrong with them; a wrong one reads as its default."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[Problem] = []

    def text(self, name: str) -> str | None:
        """The value without blanks around it; an empty one counts as not given."""
        return self._environ.get(name, "").strip() or None

    def _wrong(self, name: str, value: str, expected: str) -> None:
        self.problems.append(Problem(name, _without_password(value), expected))

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
            return int(text)
        self._wrong(name, text, f"a whole number from {low} to {high}")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in _FLAGS:
            self._wrong(name, text, "true or false")
        return _FLAGS.get(text.lower(), default)

    def data_dir(self) -> Path:
        path = Path(self.text("OTRS_WEB_DATA_DIR") or "data").expanduser().absolute()
        if "?" in str(path) or len(os.fsencode(path)) > _LONGEST_PATH:
            # in a database's address a question mark ends the path, and SQLite opens no longer one
            self._wrong("OTRS_WEB_DATA_DIR", str(path), f"a path without ? of at most {_LONGEST_PATH} bytes")
        elif path.exists() and not path.is_dir():
            self._wrong("OTRS_WEB_DATA_DIR", str(path), "a directory, or a path where one can be made")
        return path

    def database_url(self, data_dir: Path) -> str:
        name, default = "OTRS_WEB_DATABASE_URL", f"sqlite:///{data_dir / 'otrs-web.db'}"
        text = self.text(name) or default
        if text.startswith("sqlite:///") and text != "sqlite:///" and ":memory:" not in text:
            return f"sqlite:///{Path(text.removeprefix('sqlite:///')).expanduser().absolute()}"
        if text.startswith(("postgresql://", "postgres://")) and _split_host(text):
            return "postgresql://" + text.split("://", 1)[1]
        self._wrong(name, text, "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE")
        return default

    def queue_url(self) -> str | None:
        name = "OTRS_WEB_QUEUE_URL"
        text = self.text(name)
        if text is None:
            return None
        # Valkey and Redis speak the same protocol, but the client library knows only the older name.
        url = re.sub(r"^valkey(s?://)", r"redis\1", text)
        if url.startswith(("redis://", "rediss://")) and _split_host(url):
            return url
        if url.startswith("unix:///"):
            return url
        self._wrong(name, text, "redis://HOST:PORT/NUMBER, rediss://… or unix:///PATH")
        return None

    def host(self) -> str:
        text = self.text("OTRS_WEB_HOST") or "127.0.0.1"
        if re.fullmatch(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.%]+", text):
            return text
        self._wrong("OTRS_WEB_HOST", text, "an address or a host name, such as 127.0.0.1 or 0.0.0.0")
        return "127.0.0.1"

    def trusted_proxies(self) -> Networks:
        """Whose X-Forwarded-… headers are believed; nobody's where it says none."""
        text = self.text("OTRS_WEB_TRUSTED_PROXIES")
        if text is None:
            return DEFAULT_TRUSTED_PROXIES
        if text.lower() == "none":
            return Networks()
        try:
            return Networks(*text.split(","))
        except ValueError:
            expected = "addresses or networks, such as 10.0.0.5, 10.1.0.0/16, separated by commas, or none"
            self._wrong("OTRS_WEB_TRUSTED_PROXIES", text, expected)
            return DEFAULT_TRUSTED_PROXIES

    def listener(self) -> int | None:
        """What a process that begins anew hands on to itself: its id and the socket's file. All that it
        starts read that, too, and it is not meant for them."""
        found = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", self.text("OTRS_WEB_LISTENER") or "")
        return int(found[2]) if found and int(found[1]) == os.getpid() else None

    def timezone(self) -> ZoneInfo:
        name = "OTRS_WEB_TIMEZONE"
        text = self.text(name)
        zone = _zone(text) if text else _machine_zone(self.text("TZ"))
        if zone is None:
            self._wrong(name, text or "", "a time zone by its IANA name, such as Europe/Berlin")
        return zone or ZoneInfo("UTC")

    def language(self) -> str | None:
        text = self.text("OTRS_WEB_LANGUAGE")
        if text is None:
            return None
        language = _LANGUAGES.get(text.replace("_", "-").lower())
        if language is None:
            self._wrong("OTRS_WEB_LANGUAGE", text, "zh-CN or en")
        return language

    def open_by(self) -> OpenBy:
        text = self.text("OTRS_WEB_OPEN_BY") or "state"
        if text == "closed_date":
            return "closed_date"
        if text != "state":
            self._wrong("OTRS_WEB_OPEN_BY", text, "state or closed_date")
        return "state"

    def log_format(self) -> LogFormat:
        text = (self.text("OTRS_WEB_LOG_FORMAT") or "text").lower()
        if text == "json":
            return "json"
        if text != "text":
            self._wrong("OTRS_WEB_LOG_FORMAT", text, "text or json")
        return "text"

    def backup_time(self) -> time | None:
        """When the daily backup is due on the site's clock; None where there shall be none."""
        text = (self.text("OTRS_WEB_BACKUP_TIME") or f"{DEFAULT_BACKUP_TIME:%H:%M}").lower()
        if text == "off":
            return None
        if re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", text):
            hour, minute = map(int, text.split(":"))
            return time(hour, minute)
        self._wrong("OTRS_WEB_BACKUP_TIME", text, "a time of day, such as 02:00, or off")
        return DEFAULT_BACKUP_TIME

    def secret_key(self) -> str | None:
        text = self.text("OTRS_WEB_SECRET_KEY")
        if text is not None and len(text) < 16:
            self._wrong("OTRS_WEB_SECRET_KEY", "…", "at least 16 characters long")
        return text

    def repo(self) -> str:
        text = self.text("APP_UPDATE_REPO") or "Jacky/otrs-web"
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
            self._wrong("APP_UPDATE_REPO", text, "OWNER/NAME of a repository on GitHub")
        return text

    def update_by(self) -> Literal["systemd"] | None:
        text = self.text("OTRS_WEB_UPDATE_BY")
        if text is not None and text != "systemd":
            self._wrong("OTRS_WEB_UPDATE_BY", text, "systemd, or nothing")
        return "systemd" if text == "systemd" else None

    def api_url(self) -> str:
        text = self.text("APP_UPDATE_API_URL") or "https://api.github.com"
        if not (text.startswith(("http://", "https://")) and _split_host(text)):
            self._wrong("APP_UPDATE_API_URL", text, "an address that begins with https:// or http://")
        return text.rstrip("/")


def _split_host(url: str) -> bool:
    """Whether the URL can be taken apart and names something to connect to."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname or parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _without_password(value: str) -> str:
    return re.sub(r"(://[^:/@]*):.*@", r"\1:…@", value)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _machine_zone(tz: str | None) -> ZoneInfo:
    """The machine's zone: TZ, /etc/timezone, or where /etc/localtime points; UTC where none of them says."""
    names = [(tz or "").removeprefix(":")]
    if (stored := Path("/etc/timezone")).is_file():
        names.append(stored.read_text(errors="replace").strip())
    names.append(str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2])
    zones = (_zone(name) for name in names if name)
    return next((zone for zone in zones if zone), ZoneInfo("UTC"))
