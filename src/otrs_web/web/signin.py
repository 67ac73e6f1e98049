"""Signing in as admin, once for two hours, beside the forms that take the password each time. The part of a
page that offers it is one include; after signing in or out the page fetches itself and changes in place, so
that what was typed elsewhere on it stays."""

import json
from typing import Any

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from otrs_web.admin import check_password, ended_session_cookie, session_cookie, signed_in_until
from otrs_web.errors import Problem
from otrs_web.reader import AnyRequest, local_address, page_of, reader

#: what `check_password` raises: a wrong password, and too many of them
_REFUSALS = frozenset({401, 429})


def signing_in(request: AnyRequest) -> dict[str, Any]:
    """What `parts/signin.html` and the forms of a page ask for: `signed_in`, until when, and the address to
    come back to."""
    until = signed_in_until(request)
    query = request.url.query
    here = f"{request.url.path}?{query}" if query else request.url.path
    return {"signed_in": until is not None, "signed_in_until": until, "here": here}


class SignIn(Controller):
    include_in_schema = False

    @get("/sign-in")
    async def page(self, request: AnyRequest, next: FromQuery[str] = "/") -> Template:  # noqa: A002
        context = {**signing_in(request), "here": local_address(next), "refusal": None}
        return Template("signin/page.html", context=context)

    @post("/sign-in", status_code=303)
    async def sign_in(self, request: AnyRequest) -> Response[Any]:
        """Without JavaScript: to the page `next`."""
        form = await request.form()
        target = local_address(str(form.get("next", "")))
        if refusal := await _refusal(request):
            return _refused(request, refusal, "signin/page.html", target)
        return Redirect(target, status_code=303, cookies=[session_cookie(request)])

    @post("/sign-in/here", status_code=200)
    async def sign_in_here(self, request: AnyRequest) -> Response[Any]:
        """In an open page, which stays where it is."""
        if refusal := await _refusal(request):
            return _refused(request, refusal, "parts/signin.html", page_of(request.headers))
        return Response(
            "", headers=_follow(request), cookies=[session_cookie(request)], media_type=MediaType.HTML
        )

    @post("/sign-out", status_code=303)
    async def sign_out(self, request: AnyRequest) -> Redirect:
        form = await request.form()
        target = local_address(str(form.get("next", "")))
        return Redirect(target, status_code=303, cookies=[ended_session_cookie(request)])

    @post("/sign-out/here", status_code=200)
    async def sign_out_here(self, request: AnyRequest) -> Response[str]:
        cookies = [ended_session_cookie(request)]
        return Response("", headers=_follow(request), cookies=cookies, media_type=MediaType.HTML)


async def _refusal(request: AnyRequest) -> Problem | None:
    """Why the password in the form does not sign in."""
    form = await request.form()
    try:
        await check_password(request, str(form.get("password", "")))
    except Problem as problem:
        if problem.status not in _REFUSALS:
            raise
        return problem
    return None


def _refused(request: AnyRequest, problem: Problem, template: str, target: str) -> Template:
    context = {"signed_in_until": None, "here": target, "refusal": problem.sentence(reader())}
    return Template(template, context=context, status_code=problem.status, headers=problem.headers)


def _follow(request: AnyRequest) -> dict[str, str]:
    """Has the page fetch itself and take over what is different, with everything typed in it kept."""
    location = {
        "path": page_of(request.headers),
        "target": "#main",
        "select": "#main",
        "swap": "outerMorph",
        "push": "false",
    }
    return {"hx-location": json.dumps(location)}
