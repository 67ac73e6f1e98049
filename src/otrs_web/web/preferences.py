"""Language and theme: what a reader chooses for this browser. Plain forms, so they work without JavaScript;
the reader comes back to the page that the form was on."""

from dataclasses import dataclass
from typing import Literal

from litestar import Request, post
from litestar.datastructures import Cookie, State
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from otrs_web.reader import LANGUAGE_COOKIE, THEME_COOKIE, page_of

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Language:
    language: Literal["zh-CN", "en"]


@dataclass(frozen=True)
class Theme:
    theme: Literal["system", "light", "dark"]


@post("/language", include_in_schema=False, status_code=303)
async def choose_language(request: Request[None, None, State], data: URLEncodedBody[Language]) -> Redirect:
    return _back(request, _cookie(LANGUAGE_COOKIE, data.language, _YEAR))


@post("/theme", include_in_schema=False, status_code=303)
async def choose_theme(request: Request[None, None, State], data: URLEncodedBody[Theme]) -> Redirect:
    """`system` forgets the choice: the device decides."""
    age = 0 if data.theme == "system" else _YEAR
    return _back(request, _cookie(THEME_COOKIE, data.theme, age))


def _cookie(name: str, value: str, age: int) -> Cookie:
    return Cookie(name, value=value, path="/", max_age=age, samesite="lax")


def _back(request: Request[None, None, State], cookie: Cookie) -> Redirect:
    """To the page that the form was on."""
    return Redirect(page_of(request.headers), status_code=303, cookies=[cookie])
