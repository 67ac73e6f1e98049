"""Signing in as admin from a page: where it leads, how long it lasts, and what it says when it does not."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from otrs_web.admin import ALLOWED_FAILURES, SESSION_COOKIE
from otrs_web.clock import frozen
from otrs_web.settings import Settings
from tests.api.conftest import PASSWORD
from tests.support import store_tickets

NOW = datetime(2026, 3, 1, 11, 5, tzinfo=UTC)  # 12:05 on the site's wall
HTML = {"accept": "text/html", "accept-language": "en"}
FIELD = 'name="auth_password"'


@pytest.fixture(autouse=True)
def tickets(settings: Settings) -> None:
    store_tickets(settings, [{"created_date": "2026-01-10 10:00"}])


async def sign_in(client: httpx.AsyncClient, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await client.post("/sign-in", data={"password": password, **form}, headers=HTML)


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("/settings?saved", "/settings?saved"),
        ("/tickets?q=a+%26+b", "/tickets?q=a+%26+b"),
        ("", "/"),
        ("http://evil.test/settings", "/settings"),
        ("//evil.test/settings", "/settings"),
        ("/\\evil.test", "/evil.test"),
        ("\\\\evil.test", "/evil.test"),
        ("/\t/evil.test/x", "/x"),
        ("javascript:alert(1)", "/alert(1)"),
        ("http://[", "/"),
    ],
)
async def test_it_leads_back_and_never_to_another_host(
    client: httpx.AsyncClient, given: str, target: str
) -> None:
    answer = await sign_in(client, next=given)
    assert (answer.status_code, answer.headers["location"]) == (303, target)
    assert answer.cookies[SESSION_COOKIE]
    page = await client.get("/sign-in", params={"next": given}, headers=HTML)
    assert f'href="{target.replace("&", "&amp;")}">Continue' in page.text
    assert "/here" not in page.text


async def test_an_address_with_characters_of_all_kinds_is_one_header(client: httpx.AsyncClient) -> None:
    answer = await sign_in(client, next="/tickets/工单 1?q=中 文\r\nx-header: 1")
    assert answer.headers["location"] == (
        "/tickets/%E5%B7%A5%E5%8D%95%201?q=%E4%B8%AD%20%E6%96%87x-header:%201"
    )


async def test_a_signed_in_page_says_until_when_and_asks_for_no_password(client: httpx.AsyncClient) -> None:
    before = (await client.get("/settings", headers=HTML)).text
    assert "Only with the admin password" in before
    assert FIELD in before
    with frozen(NOW):
        await sign_in(client)
        after = (await client.get("/settings", headers=HTML)).text
        assert "Signed in as admin until" in after
        assert ">14:05</time>" in after
        assert FIELD not in after
    with frozen(NOW + timedelta(minutes=119)):
        assert ">14:05</time>" in (await client.get("/settings", headers=HTML)).text
    with frozen(NOW + timedelta(minutes=121)):
        assert FIELD in (await client.get("/settings", headers=HTML)).text


async def test_signing_out_ends_it(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    answer = await client.post("/sign-out", data={"next": "/settings"}, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    assert FIELD in (await client.get("/settings", headers=HTML)).text


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in/here"])
@pytest.mark.parametrize("password", ["guessed-word", ""])
async def test_a_wrong_password_is_said_where_it_was_typed(
    client: httpx.AsyncClient, address: str, password: str
) -> None:
    form = {"password": password, "next": "/settings"}
    answer = await client.post(address, data=form, headers={**HTML, "hx-current-url": "http://x/settings"})
    assert answer.status_code == 401
    assert "The admin password is wrong." in answer.text
    assert 'name="next" value="/settings"' in answer.text
    assert ("<html" in answer.text) is (address == "/sign-in")
    assert SESSION_COOKIE not in answer.cookies
    assert password not in answer.text or not password


async def test_guessing_is_told_to_wait(client: httpx.AsyncClient) -> None:
    with frozen(NOW):
        for _ in range(ALLOWED_FAILURES):
            await sign_in(client, "wrong")
        answer = await sign_in(client)
        assert answer.status_code == 429
        assert "Wait 11 minutes" in answer.text or "Wait 10 minutes" in answer.text
        assert int(answer.headers["retry-after"]) > 0


async def test_an_open_page_fetches_itself_and_stays_what_it_is(client: httpx.AsyncClient) -> None:
    where = {"hx-request": "true", "hx-current-url": "http://site.test/settings?saved"}
    for address, form in (("/sign-in/here", {"password": PASSWORD}), ("/sign-out/here", {})):
        answer = await client.post(address, data=form, headers=where)
        assert answer.status_code == 200
        told = json.loads(answer.headers["hx-location"])
        assert (told["path"], told["target"], told["push"]) == ("/settings?saved", "#main", "false")
        assert bool(client.cookies.get(SESSION_COOKIE)) is (address == "/sign-in/here")


async def test_a_session_that_has_ended_is_said_and_nothing_is_done(client: httpx.AsyncClient) -> None:
    came_from = {**HTML, "referer": "http://site.test/settings"}
    with frozen(NOW):
        await sign_in(client)
    with frozen(NOW + timedelta(hours=3)):
        answer = await client.post("/settings/clear", data={"anything": "1"}, headers=came_from)
        assert answer.status_code == 401
        assert FIELD in answer.text
        assert "You are no longer signed in as admin" in answer.text
        fragment = {**came_from, "hx-request": "true"}
        answer = await client.post("/settings/adopt", data={"anything": "1"}, headers=fragment)
        assert answer.status_code == 401
        assert "You are no longer signed in as admin" in answer.text
        assert 'href="/sign-in?next=%2Fsettings"' in answer.text
    assert (await client.get("/tickets.json")).json()["total"] == 1


async def test_another_website_signs_nobody_in_or_out(client: httpx.AsyncClient) -> None:
    for address in ("/sign-in", "/sign-in/here", "/sign-out", "/sign-out/here"):
        answer = await client.post(
            address, data={"password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403
