"""What the site decides for itself: the meaning of its own ticket states. Everybody may read it, since it
explains the numbers; changing it changes them for everybody and needs the admin password."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from otrs_web.admin import require_admin
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.i18n import N_
from otrs_web.imports.service import clear
from otrs_web.imports.state_names import named_states, set_state_types
from otrs_web.reader import AnyRequest, reader
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
_UNCHANGED = N_("Nothing was changed.")


class SettingsPage(Controller):
    path = "/settings"
    include_in_schema = False

    @get()
    async def page(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        return await settings_page(request, db)

    @get(["/states", "/clear"])
    async def again(self) -> Redirect:
        """The addresses of forms: whoever comes back to one, to read again, gets the page."""
        return Redirect("/settings", status_code=303)

    @post("/states", status_code=303)
    async def states(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect | Template:
        form = await request.form()
        try:
            await require_admin(request)
        except Problem as problem:
            return await settings_page(request, db, "states", problem)
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

    @post("/clear", status_code=303)
    async def clear(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect | Template:
        """Delete all tickets; uploads, their files and the logs stay."""
        try:
            await require_admin(request)
        except Problem as problem:
            return await settings_page(request, db, "clear", problem)
        user_agent = request.headers.get("user-agent", "")
        await clear(db, address=client_address(request), user_agent=user_agent)
        return Redirect("/settings?cleared", status_code=303)


async def settings_page(
    request: AnyRequest, db: Database, form: str | None = None, problem: Problem | None = None
) -> Template:
    """The page; after a `problem` with one of its forms, with that and what was chosen in the form."""
    typed = dict((await request.form()).items()) if form else {}
    async with db.read() as session:
        context = {
            "states": await named_states(session),
            "kinds": KINDS,
            "field": FIELD,
            "saved": "saved" in request.query_params,
            "cleared": "cleared" in request.query_params,
            "refused": {form: problem.sentence_on_page(reader())} if problem else {},
            # what is wrong with a file says so itself
            "refused_todo": "" if problem and problem.status == 422 else reader().gettext(_UNCHANGED),
            "typed": typed,
            "as_of": await data_as_of(session),
            **signing_in(request),
            **({"here": "/settings"} if form else {}),
        }
    status, headers = (problem.status, problem.headers) if problem else (200, {})
    return Template("settings/page.html", context=context, status_code=status, headers=headers)
