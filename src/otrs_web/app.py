"""The web application, wired from its parts. Nothing imports this module but what starts it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import cast

from anyio import to_thread
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.openapi.config import OpenAPIConfig
from litestar.template import TemplateConfig
from litestar.types import HTTPScope, Receive, Scope, Send
from litestar.types.asgi_types import LifeSpanReceive, LifeSpanScope, LifeSpanSend

from otrs_web import api, web
from otrs_web.api.documentation import DocumentationPage, schema_router
from otrs_web.api.receive import remove_stale_parts
from otrs_web.credentials import with_credentials
from otrs_web.database import Database
from otrs_web.delivery import Deliver
from otrs_web.errors import EXCEPTION_HANDLERS
from otrs_web.metrics.requests import RequestMetrics
from otrs_web.observer import Answer, Observer
from otrs_web.proxies import without_proxies
from otrs_web.queue import TicketQueue, make_queue
from otrs_web.reader import MeetReader, template_engine
from otrs_web.security import SameOrigin, add_response_headers
from otrs_web.settings import Settings
from otrs_web.stats.records import Records
from otrs_web.update_notice import LookForNews, Notices
from otrs_web.web.assets import static_file, static_url

MAX_BODY_BYTES = 1_000_000
#: a download holds a database connection as long as it takes; pages must find one free
DOWNLOADS_AT_ONCE = 4


class Application(Litestar):
    """Takes every request as its sender sent it, whatever proxies it came through, and answers HEAD wherever
    it answers GET; the server leaves the body out."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] == ScopeType.HTTP:
            scope = without_proxies(cast("HTTPScope", scope), self.state.settings.trusted_proxies)
            method = scope["method"]
            if method == "HEAD":
                scope = cast("HTTPScope", {**scope, "method": "GET"})
            answer = cast("Answer", super().__call__)
            await self.state.observer.observe(method, scope, receive, send, answer)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> Litestar:
    """The application of one installation. The database must be at the newest schema (`migrate`)."""
    settings, _ = with_credentials(settings)
    db = Database(settings)
    notices = Notices(db)
    requests = RequestMetrics()
    state = State(
        {
            "settings": settings,
            "db": db,
            "records": Records(db),
            "notices": notices,
            "queue": make_queue(settings),
            "requests": requests,
            "observer": Observer(requests),
            "downloads": asyncio.Semaphore(DOWNLOADS_AT_ONCE),
        }
    )
    return Application(
        route_handlers=[*api.controllers, *web.controllers, static_file],
        state=state,
        lifespan=[_running],
        dependencies={
            "settings": Provide(_settings, sync_to_thread=False),
            "db": Provide(_database, sync_to_thread=False),
            "queue": Provide(_queue, sync_to_thread=False),
            "records": Provide(_records, sync_to_thread=False),
            "notices": Provide(_notices, sync_to_thread=False),
        },
        middleware=[MeetReader(), SameOrigin(), LookForNews(), Deliver()],
        before_send=[add_response_headers],
        exception_handlers=EXCEPTION_HANDLERS,
        template_config=TemplateConfig(instance=template_engine(static_url, notices.for_reader)),
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
        debug=False,
    )


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    await to_thread.run_sync(remove_stale_parts, app.state.settings.uploads_dir)
    await app.state.notices.refresh()
    try:
        async with app.state.records.being_written():
            yield
    finally:
        await app.state.queue.disconnect()
        await app.state.db.dispose()


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="otrs-web",
        version=version("otrs-web"),
        description="Ticket analytics for help desks that run OTRS, Znuny or OTOBO.",
        render_plugins=[DocumentationPage(path="/")],
        openapi_router=schema_router(),
        use_handler_docstrings=True,
    )


def _settings(state: State) -> Settings:
    return state.settings  # type: ignore[no-any-return]


def _database(state: State) -> Database:
    return state.db  # type: ignore[no-any-return]


def _records(state: State) -> Records:
    return state.records  # type: ignore[no-any-return]


def _notices(state: State) -> Notices:
    return state.notices  # type: ignore[no-any-return]


def _queue(state: State) -> TicketQueue:
    return state.queue  # type: ignore[no-any-return]
