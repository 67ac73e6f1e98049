"""The button of the update page, and the steps of the update that it begins: a fragment that is asked for
every second, also while the server begins anew as another version."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from otrs_web.admin import admin_only
from otrs_web.backup_requests import who_asks
from otrs_web.database import Database
from otrs_web.errors import Problem
from otrs_web.reader import AnyRequest
from otrs_web.update_requests import begin_now
from otrs_web.web.signin import signing_in
from otrs_web.web.update_view import steps_context
from otrs_web.web.updates import PATH, page


class UpdateSteps(Controller):
    path = PATH
    include_in_schema = False

    @get("/steps")
    async def steps(self, request: AnyRequest, db: NamedDependency[Database]) -> Template:
        admin = signing_in(request)
        steps = await steps_context(db, is_admin=admin["signed_in"])
        return Template("updates/_steps.html", context={**admin, **steps, "was_seen": True})

    @get("/begin")
    async def again(self) -> Redirect:
        """The address of the form: whoever comes back to it, to read again, gets the page."""
        return Redirect(PATH, status_code=303)

    @post("/begin", guards=[admin_only], status_code=303)
    async def begin(self, request: AnyRequest, db: NamedDependency[Database]) -> Redirect | Template:
        wanted = str((await request.form()).get("target", ""))[:200]
        try:
            await begin_now(db, wanted, who=who_asks(request))
        except Problem as problem:
            return await page(request, db, problem)
        return Redirect(PATH, status_code=303)
