"""What the site decides for itself: the meaning of its own ticket states. Everybody may read it, since it
explains the numbers; changing it changes them for everybody and needs the admin password."""

from typing import Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from otrs_web.admin import admin_only
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.imports.service import clear
from otrs_web.imports.state_names import named_states, set_state_types
from otrs_web.security import client_address
from otrs_web.tickets.filter import FilterError
from otrs_web.web.frame import data_as_of
from otrs_web.web.signin import signing_in

#: the kinds of states in the words of people who work with tickets
KINDS = {
    "new": N_("New: nobody has begun"),
    "open": N_("Open: being worked on"),
    "pending": N_("Pending: open, but waiting"),
    "closed": N_("Closed"),
    "merged": N_("Merged: no longer open"),
    "removed": N_("Removed: no longer open"),
    "unknown": N_("Unknown: open without a close time"),
}
#: the form's fields are this and the state's name; a blank value means the built-in meaning
FIELD = "state:"


class SettingsPage(Controller):
    path = "/settings"
    include_in_schema = False

    @get()
    async def page(self, request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Template:
        async with db.read() as session:
            context = {
                "states": await named_states(session),
                "kinds": KINDS,
                "field": FIELD,
                "saved": "saved" in request.query_params,
                "cleared": "cleared" in request.query_params,
                "as_of": await data_as_of(session),
                **signing_in(request),
            }
        return Template("settings/page.html", context=context)

    @post("/states", guards=[admin_only], status_code=303)
    async def states(self, request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Redirect:
        form = await request.form()
        async with db.read() as session:
            before = {state.name: state for state in await named_states(session)}
        types: dict[str, str | None] = {}
        for key, value in form.items():
            state = before.get(key.removeprefix(FIELD)) if key.startswith(FIELD) else None
            if state is None:
                continue
            if value and value not in KINDS:
                raise FilterError(state.name, str(value), N_("one of the kinds that the page offers"))
            if (value or None) != (state.state_type if state.own else None):
                types[state.name] = value or None
        if types:
            user_agent = request.headers.get("user-agent", "")
            await set_state_types(db, types, address=client_address(request), user_agent=user_agent)
        return Redirect("/settings?saved", status_code=303)

    @post("/clear", guards=[admin_only], status_code=303)
    async def clear(self, request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Redirect:
        """Delete all tickets; uploads, their files and the logs stay."""
        user_agent = request.headers.get("user-agent", "")
        await clear(db, address=client_address(request), user_agent=user_agent)
        return Redirect("/settings?cleared", status_code=303)
