"""What is sent to whom: packed for those who can unpack it, nothing to those who have it, and never old
content to those whose content is out of date."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import brotli
import httpx
import pytest
from litestar import Litestar

from otrs_web import update_notice
from otrs_web.app import create_app
from otrs_web.clock import frozen
from otrs_web.delivery import is_known, tag_of
from otrs_web.delivery.packing import CODINGS, coding_for, packed
from otrs_web.imports.service import clear
from otrs_web.imports.state_names import set_state_types
from otrs_web.reader import LANGUAGE_COOKIE, SEEN_COOKIE, THEME_COOKIE
from otrs_web.settings import Settings
from otrs_web.stats import records
from otrs_web.stats.daily_runs import change_schedule, run_by_hand, today
from otrs_web.web.assets import static_url
from tests.api.conftest import PASSWORD
from tests.support import QueryCounter, migrated, store_tickets
from tests.web.test_updates_page import offer

NOW = datetime(2026, 1, 12, 19, 30, tzinfo=ZoneInfo("Europe/Berlin"))
ROWS = [
    {"created_date": "2026-01-01 09:00", "responsible": "Ada", "priority": "3 normal"},
    {"created_date": "2026-01-11 15:30", "responsible": "Grace"},
    {"created_date": "2026-01-12 17:30", "responsible": "Grace", "state": "closed"},
]
HTML = {"accept": "text/html"}
#: whatever statistics there are to see and to fetch
PATHS = (
    "/results",
    "/results?as_of=now",
    "/results/report",
    "/results/newer?version=none",
    "/database",
    "/database/report?open=true",
    "/database-stats",
    "/database-stats?as_of=now",
    "/responsible-stats?people=all",
    "/daily-statistics",
    "/api/daily-statistics",
    "/api/responsible-list",
    "/api/latest-upload-info",
    "/tickets",
    "/settings",
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No record is written beside the queries that a test counts."""
    monkeypatch.setattr(records, "PAUSE_S", 3600)


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """A page of the present is another one every second."""
    with frozen(NOW):
        yield


# ---- packing


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("deflate, zstd", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("br; q=0.3 , gzip ; q=0.2", "br"),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "gzip"),
        ("gzip;q=nonsense", None),
        ("xgzip, brotli", None),
    ],
)
def test_a_client_gets_the_coding_that_it_likes_best(accepted: str, coding: str | None) -> None:
    assert coding_for(accepted) == coding


def test_packing_loses_nothing_and_gives_the_same_each_time() -> None:
    body = "queue priority 工单 ".encode() * 500
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        assert coding in CODINGS
        for for_good in (False, True):
            first = packed(body, coding, for_good=for_good)
            assert unpack(first) == body
            assert first == packed(body, coding, for_good=for_good)
            assert len(first) < len(body) / 10


@pytest.mark.parametrize("path", ["/results", "/results/report", "/database-stats", "/tickets", "/schema"])
async def test_what_is_unpacked_is_what_was_not_packed(
    client: httpx.AsyncClient, settings: Settings, path: str
) -> None:
    store_tickets(settings, ROWS)
    sizes, bodies = {}, set()
    for accepted in ("identity", "gzip", "br"):
        answer = await client.get(path, headers={"accept-encoding": accepted, **HTML})
        sizes[answer.headers.get("content-encoding", "identity")] = int(answer.headers["content-length"])
        assert "accept-encoding" in answer.headers["vary"]
        bodies.add(answer.content)
    assert len(bodies) == 1
    assert sizes["br"] < sizes["gzip"] < sizes["identity"] / 2


async def test_what_is_small_or_streamed_is_not_packed(client: httpx.AsyncClient, settings: Settings) -> None:
    store_tickets(settings, ROWS * 100)
    for path in ("/health/live", "/api/responsible-list", "/tickets.csv", "/tickets.json", "/tickets.xlsx"):
        answer = await client.get(path, headers={"accept-encoding": "br, gzip"})
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers
    assert len((await client.get("/tickets.json")).content) > 10_000


async def test_a_stream_begins_before_it_is_complete(
    client: httpx.AsyncClient, settings: Settings, app: Litestar
) -> None:
    """Nothing on the way out gathers it: the first message has the first part of it."""
    store_tickets(settings, ROWS * 700)
    sent: list[dict[str, object]] = []
    complete = asyncio.Event()

    async def receive() -> dict[str, object]:
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            complete.set()

    scope = httpx_scope("/tickets.csv", {"accept-encoding": "br"})
    await app(scope, receive, send)  # type: ignore[arg-type]
    kinds = [(message["type"], bool(message.get("more_body"))) for message in sent]
    assert kinds[0] == ("http.response.start", False)
    assert len(kinds) > 3
    assert kinds[1:] == [("http.response.body", True)] * (len(kinds) - 2) + [("http.response.body", False)]


def httpx_scope(path: str, headers: dict[str, str]) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"site.test"), *((k.encode(), v.encode()) for k, v in headers.items())],
        "client": ("192.0.2.7", 1),
        "server": ("site.test", 80),
    }


# ---- what is sent to whom has it


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ("", False),
        ('"x"', False),
        ("{tag}", True),
        ('"{bare}"', True),
        ('W/"other", {tag}', True),
        ('W/"other",{tag} ,', True),
        ("*", True),
        ("{bare}", False),
        ('w/"{bare}"', False),
    ],
)
def test_which_tags_a_client_has(if_none_match: str, known: bool) -> None:
    tag = tag_of(b"content")
    bare = tag.removeprefix('W/"').removesuffix('"')
    assert is_known(if_none_match.format(tag=tag, bare=bare), tag) is known


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
@pytest.mark.usefixtures("stopped_clock")
async def test_whoever_has_the_content_is_told_so(
    client: httpx.AsyncClient, settings: Settings, accepted: str
) -> None:
    """However it was packed when they got it, and however they would like it now."""
    store_tickets(settings, ROWS)
    for path in PATHS:
        first = await client.get(path, headers={**HTML, "accept-encoding": "br"})
        assert first.headers["vary"] == "accept-encoding, accept-language, cookie"
        assert first.headers["cache-control"] == "private, no-cache"
        asked = {**HTML, "accept-encoding": accepted, "if-none-match": first.headers["etag"]}
        again = await client.get(path, headers=asked)
        assert (again.status_code, again.content) == (304, b""), path
        for name in ("etag", "vary", "cache-control", "hx-push-url"):
            assert again.headers.get(name) == first.headers.get(name)
        assert not {"content-type", "content-encoding", "content-length"} & set(again.headers)


async def test_only_what_is_read_has_a_tag(client: httpx.AsyncClient, settings: Settings) -> None:
    store_tickets(settings, ROWS)
    for path in ("/nowhere", "/tickets?age=old", "/tickets/nothing", "/tickets.csv", "/tickets.json"):
        answer = await client.get(path, headers={**HTML, "if-none-match": "*"})
        assert answer.status_code != 304
        assert "etag" not in answer.headers
    for path in ("/empty-firstresponse-details", "/language"):
        answer = await client.post(path, headers={"if-none-match": "*"})
        assert answer.status_code in (200, 400)
        assert "etag" not in answer.headers


async def test_files_are_revalidated_under_a_name_that_is_not_their_contents(
    client: httpx.AsyncClient,
) -> None:
    present = static_url("ui.js")
    assert (await client.get(present)).headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/static/ui.js", "/static/ui.0123456789ab.js"):
        first = await client.get(path)
        assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
        assert first.headers["vary"] == "accept-encoding"
        assert first.content == (await client.get(present)).content
        again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == "no-cache"
        stale = await client.get(path, headers={"if-none-match": 'W/"0123456789ab"'})
        assert (stale.status_code, stale.content) == (200, first.content)


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/results", 2),
        ("/results/report?open=true", 2),
        ("/database?queue=Raw", 2),
        ("/database-stats", 1),
        ("/api/daily-statistics", 4),
        ("/api/responsible-list", 3),
    ],
)
async def test_being_told_so_costs_no_more_than_asking_for_versions(
    client: httpx.AsyncClient, app: Litestar, settings: Settings, path: str, queries: int
) -> None:
    for rows in (ROWS, [{**row, "ticket_number": f"more {n}"} for n, row in enumerate(ROWS * 100)]):
        store_tickets(settings, rows)
        tag = (await client.get(path)).headers["etag"]
        with QueryCounter(app.state.db) as counter:
            assert (await client.get(path, headers={"if-none-match": tag})).status_code == 304
        assert len(counter.statements) == queries, counter.statements


# ---- never old content


@dataclass
class World:
    """A reader with a browser that keeps what it was sent, in an installation where things change."""

    client: httpx.AsyncClient
    app: Litestar
    settings: Settings
    now: datetime = NOW
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, dict[str, bytes]] = field(default_factory=lambda: {path: {} for path in PATHS})

    async def get(self, path: str, *tags: str) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**HTML, **self.headers, **({"cookie": cookie} if cookie else {})}
        if tags:
            sent["if-none-match"] = ", ".join(tags)
        self.client.cookies.clear()
        with frozen(self.now):
            return await self.client.get(path, headers=sent)

    async def look(self) -> set[str]:
        """Ask for everything as a browser does that keeps whatever it was ever sent; the paths whose content
        it was sent now."""
        new = set()
        for path, kept in self.kept.items():
            answer = await self.get(path, *kept)
            tag = answer.headers["etag"]
            if answer.status_code == 304:
                assert (await self.get(path)).content == kept[tag], path
            else:
                assert answer.status_code == 200, (path, answer.text)
                assert answer.content not in kept.values(), path
                assert tag not in kept, path
                kept[tag] = answer.content
                new.add(path)
        return new

    async def cookies_of(self, path: str, **options: object) -> None:
        with frozen(self.now):
            answer = await self.client.post(path, **options)  # type: ignore[arg-type]
        assert answer.cookies
        self.cookies |= dict(answer.cookies)


Change = Callable[[World], Awaitable[object]]
WHO = {"address": "192.0.2.7", "user_agent": "pytest"}


async def _import(world: World) -> None:
    store_tickets(world.settings, ROWS)


async def _import_more(world: World) -> None:
    store_tickets(world.settings, [{**row, "ticket_number": f"more {n}"} for n, row in enumerate(ROWS)])


async def _give_a_state_another_meaning(world: World) -> None:
    await set_state_types(world.app.state.db, {"open": "closed"}, **WHO)


async def _choose_chinese(world: World) -> None:
    world.cookies[LANGUAGE_COOKIE] = "zh-CN"


async def _leave_the_language_to_the_browser(world: World) -> None:
    del world.cookies[LANGUAGE_COOKIE]
    world.headers["accept-language"] = "zh"


async def _use_another_browser_language(world: World) -> None:
    world.headers["accept-language"] = "en"


async def _choose_the_dark_theme(world: World) -> None:
    world.cookies[THEME_COOKIE] = "dark"


async def _choose_the_light_theme(world: World) -> None:
    world.cookies[THEME_COOKIE] = "light"


async def _sign_in(world: World) -> None:
    await world.cookies_of("/sign-in", data={"password": PASSWORD, "next": "/"})


async def _choose_people(world: World) -> None:
    await world.cookies_of("/api/responsible-stats", json={"selected_responsibles": ["Grace"]})


async def _learn_of_an_update(world: World) -> None:
    offer(world.settings)


async def _have_seen_the_update(world: World) -> None:
    world.cookies[SEEN_COOKIE] = "v98.0.0"


async def _learn_of_another_update(world: World) -> None:
    offer(world.settings, "v99.0.0")


async def _change_the_schedule(world: World) -> None:
    with frozen(world.now):
        await change_schedule(world.app.state.db, time(6, 15), True, "pytest")


async def _compute_today(world: World) -> None:
    with frozen(world.now):
        day = today(world.app.state.db)
        await run_by_hand(world.app.state.db, day, day, occasion="manual", who="pytest")


async def _wait_for_tomorrow(world: World) -> None:
    """The session ends as well."""
    world.now += timedelta(days=1)


async def _delete_everything(world: World) -> None:
    await clear(world.app.state.db, **WHO)


CHANGES: list[tuple[Change, set[str]]] = [
    (_import, set(PATHS)),
    (_import_more, set(PATHS) - {"/api/responsible-list", "/api/latest-upload-info"}),
    (_choose_chinese, {"/results", "/results/report", "/database", "/tickets", "/daily-statistics"}),
    (_sign_in, {"/daily-statistics", "/settings"}),
    (_choose_the_dark_theme, {"/results", "/database", "/tickets"}),
    (_leave_the_language_to_the_browser, set()),
    (_use_another_browser_language, {"/results", "/database", "/tickets"}),
    (_choose_people, {"/api/responsible-list"}),
    (_learn_of_an_update, {"/results", "/database", "/tickets", "/settings"}),
    (_choose_the_light_theme, {"/results", "/database", "/tickets"}),
    (_have_seen_the_update, set()),
    (_learn_of_another_update, {"/results", "/database", "/tickets", "/settings"}),
    (_change_the_schedule, {"/daily-statistics", "/api/daily-statistics"}),
    (_compute_today, {"/daily-statistics", "/api/daily-statistics"}),
    (_give_a_state_another_meaning, {"/results", "/results/report", "/database-stats", "/settings"}),
    (
        _wait_for_tomorrow,
        {"/results?as_of=now", "/database-stats?as_of=now", "/daily-statistics", "/settings"},
    ),
    (_delete_everything, {"/results", "/database-stats", "/api/responsible-list"}),
]


async def test_whatever_changes_nobody_is_told_that_old_content_is_present(
    client: httpx.AsyncClient, app: Litestar, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each change, exactly those who have the very bytes that would be sent are told to keep them."""
    monkeypatch.setattr(update_notice, "TTL_S", 0.0)
    world = World(client, app, settings)
    await world.look()
    for change, expected in CHANGES:
        await change(world)
        new = await world.look()
        assert expected <= new, (change.__name__, expected - new)


async def test_the_same_version_of_other_data_is_other_content(
    client: httpx.AsyncClient, settings: Settings, tmp_path
) -> None:
    """A new installation at the address of an old one counts its versions from the beginning."""
    store_tickets(settings, ROWS)
    other = migrated(tmp_path / "other", language="en", admin_password=PASSWORD, secret_key="k" * 32)
    store_tickets(other, ROWS[1:])
    transport = httpx.ASGITransport(create_app(other))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as later:
        for path in ("/results", "/results/report", "/database-stats", "/api/daily-statistics", "/tickets"):
            tag = (await client.get(path, headers=HTML)).headers["etag"]
            answer = await later.get(path, headers={**HTML, "if-none-match": tag})
            assert answer.status_code == 200, path
