"""Who reads the answer: the language, the theme and how numbers and times are written for them. Kept in a
context variable for the length of a request, so that templates, macros and error pages all speak the same
language without handing it around, and unknown addresses (which no middleware sees) are answered too."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote, urlsplit

import jinja2
from jinja2.ext import i18n
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.types import ASGIApp, Receive, Scope, Send

from otrs_web.i18n import LANGUAGES, Formats, choose_language, translations
from otrs_web.resources import folder
from otrs_web.settings import Settings

LANGUAGE_COOKIE = "lang"
THEME_COOKIE = "theme"
SEEN_COOKIE = "update_seen"
AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]

THEMES = ("light", "dark")


@dataclass(frozen=True)
class Reader:
    """`theme` is None where the reader leaves it to the device; `seen_update` is the version that the reader
    needs to be told of no more."""

    language: str
    theme: str | None
    formats: Formats
    seen_update: str

    def gettext(self, message: str) -> str:
        return translations(self.language).gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return translations(self.language).ngettext(one, many, n)


_reader: ContextVar[Reader] = ContextVar("reader")


def reader() -> Reader:
    """The reader of the request that is being answered."""
    return _reader.get()


def meet_reader(connection: AnyConnection) -> Reader:
    """Find out from cookies and headers who reads, and remember it for the rest of the request."""
    settings: Settings = connection.app.state.settings
    chosen = unquote(connection.cookies.get(LANGUAGE_COOKIE, ""))
    language = choose_language(chosen, connection.headers.get("accept-language"), settings.language)
    theme = connection.cookies.get(THEME_COOKIE)
    found = Reader(
        language,
        theme if theme in THEMES else None,
        Formats(language, settings.timezone),
        unquote(connection.cookies.get(SEEN_COOKIE, "")),
    )
    _reader.set(found)
    return found


class MeetReader(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        meet_reader(AnyConnection(scope))
        await next_app(scope, receive, send)


def local_address(url: str) -> str:
    """The path and query of an address from outside, so that following it never leads to another host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path


def page_of(headers: Headers) -> str:
    """The local address of the page that a form or a fragment was on."""
    return local_address(headers.get("hx-current-url", "") or headers.get("referer", ""))


def template_engine(
    static_url: Callable[[str], str], update_notice: Callable[[], object] = lambda: None
) -> JinjaTemplateEngine:
    """The templates. Besides `_()`, `ngettext()` and `{% trans %}` they have

    - `language()`, `languages` ({tag: its own name}), `theme()` (light, dark or None), `version`;
    - `update_notice()`, what to tell the reader of a newer version, or None;
    - `static("app.css")`, the address of a static file, which changes with its content;
    - the filters `number`, `moment`, `day`, `ago`, `age`, `duration`, `size` and the function
      `percent(part, whole)`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[i18n],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined] # added by the extension
        lambda message: reader().gettext(message),
        lambda one, many, n: reader().ngettext(one, many, n),
        newstyle=True,
    )
    environment.globals.update(
        language=lambda: reader().language,
        languages=LANGUAGES,
        theme=lambda: reader().theme,
        static=static_url,
        update_notice=update_notice,
        version=version("otrs-web"),
    )
    formats = _formats()
    environment.globals["percent"] = formats.pop("percent")
    environment.filters.update(formats)
    return JinjaTemplateEngine.from_environment(environment)


def _formats() -> dict[str, Callable[..., str]]:
    def number(value: float | None) -> str:
        return reader().formats.number(value)

    def moment(value: datetime | None) -> str:
        return reader().formats.moment(value)

    def day(value: date | None) -> str:
        return reader().formats.day(value)

    def ago(value: datetime) -> str:
        return reader().formats.ago(value)

    def age(seconds: int | None) -> str:
        return reader().formats.age(seconds)

    def duration(seconds: float) -> str:
        return reader().formats.duration(seconds)

    def size(octets: int | None) -> str:
        return reader().formats.size(octets)

    def percent(part: float, whole: float) -> str:
        return reader().formats.percent(part, whole)

    return {f.__name__: f for f in (number, moment, day, ago, age, duration, size, percent)}
