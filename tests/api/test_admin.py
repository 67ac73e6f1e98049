"""The admin password: how it is given, what it opens, and how guessing it is stopped."""

import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from otrs_web.admin import ALLOWED_FAILURES, SESSION_COOKIE
from otrs_web.app import create_app
from otrs_web.clock import frozen
from otrs_web.database import SyncDatabase
from otrs_web.models import AuthFailure, DatabaseLog, Ticket
from tests.api.conftest import PASSWORD
from tests.support import store_tickets

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def basic(user, password):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def scalars(settings, query):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = list(session.scalars(query))
    db.dispose()
    return found


async def test_clearing_deletes_the_tickets_and_logs_who_did_it(client, settings):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}] * 3)
    headers = {"user-agent": "Firefox", "x-forwarded-for": "192.0.2.9"}
    answer = await client.post("/clear-database", json={"auth_password": PASSWORD}, headers=headers)
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "3 tickets were deleted.", "records_cleared": 3}
    assert scalars(settings, select(Ticket)) == []
    (entry,) = scalars(settings, select(DatabaseLog))
    assert entry.records_affected == 3
    assert "192.0.2.9" in entry.user_info
    assert "Firefox" in entry.user_info


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"auth_password": PASSWORD}}, 200),
        ({"headers": basic("admin", PASSWORD)}, 200),
        ({"headers": basic("admin", PASSWORD), "json": {}}, 200),
        ({}, 401),
        ({"json": {}}, 401),
        ({"json": {"auth_password": ""}}, 401),
        ({"json": {"auth_password": None}}, 401),
        ({"json": {"auth_password": PASSWORD + " "}}, 401),
        ({"json": {"auth_password": "пароль"}}, 401),
        ({"headers": basic("root", PASSWORD)}, 401),
        ({"headers": basic("admin", "wrong")}, 401),
        ({"headers": {"authorization": "Basic ???"}}, 401),
        ({"headers": {"authorization": "Bearer " + PASSWORD}}, 401),
        ({"json": {"auth_password": "wrong"}, "headers": basic("admin", PASSWORD)}, 401),
        ({"json": {"auth_password": 7}}, 400),
        ({"json": [PASSWORD]}, 400),
        ({"data": {"auth_password": PASSWORD}}, 415),
    ],
)
async def test_how_the_password_is_given(client, settings, options, status):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    answer = await client.post("/clear-database", **options)
    assert answer.status_code == status, answer.text
    assert len(scalars(settings, select(Ticket))) == (0 if status == 200 else 1)
    if status == 401:
        assert answer.json()["auth_required"] is True
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_browser_is_not_made_to_open_its_own_password_window(client):
    answer = await client.post(
        "/clear-database", headers={"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 401
    assert not answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_session_lasts_two_hours_and_opens_what_needs_the_password(client):
    with frozen(NOW):
        assert (await client.get("/api/daily-stats-auth-status")).json() == {
            "success": True,
            "authenticated": False,
        }
        answer = await client.post("/api/daily-stats-authenticate", json={"password": PASSWORD})
        assert (answer.status_code, answer.json()["success"]) == (200, True)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "max-age=7200" in cookie
        assert PASSWORD not in cookie
        assert (await client.get("/api/daily-stats-auth-status")).json()["authenticated"] is True
    with frozen(NOW + timedelta(minutes=119)):
        assert (await client.post("/clear-database")).status_code == 200
    with frozen(NOW + timedelta(minutes=121)):
        assert (await client.get("/api/daily-stats-auth-status")).json()["authenticated"] is False
        assert (await client.post("/clear-database")).status_code == 401


async def test_signing_out_ends_the_session(client):
    await client.post("/api/daily-stats-authenticate", json={"password": PASSWORD})
    assert (await client.post("/api/daily-stats-logout")).json()["success"] is True
    assert (await client.get("/api/daily-stats-auth-status")).json()["authenticated"] is False
    assert (await client.post("/clear-database")).status_code == 401


@pytest.mark.parametrize("value", ["", "x", "ImFkbWluIg.aaaa.bbbb", "\\u00e9"])
async def test_a_forged_session_opens_nothing(client, value):
    client.cookies.set(SESSION_COOKIE, value)
    assert (await client.post("/clear-database")).status_code == 401


async def test_a_session_of_an_older_password_opens_nothing(client, settings):
    from dataclasses import replace

    await client.post("/api/daily-stats-authenticate", json={"password": PASSWORD})
    changed = create_app(replace(settings, admin_password="another one"))
    transport = httpx.ASGITransport(changed)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as other:
        other.cookies = client.cookies
        assert (await other.get("/api/daily-stats-auth-status")).json()["authenticated"] is False
    await changed.state.db.dispose()


async def guess(client, times, address="192.0.2.1", password="wrong"):
    headers = {"x-forwarded-for": address}
    answers = [
        await client.post("/api/daily-stats-authenticate", json={"password": password}, headers=headers)
        for _ in range(times)
    ]
    return [answer.status_code for answer in answers], answers[-1]


async def test_guessing_is_stopped_for_a_while(client):
    with frozen(NOW):
        statuses, _ = await guess(client, ALLOWED_FAILURES)
        assert set(statuses) == {401}
        statuses, last = await guess(client, 2)
        assert statuses == [429, 429]
        assert last.json()["auth_required"] is True
        assert 0 < int(last.headers["retry-after"]) <= 601
        assert (await guess(client, 1, password=PASSWORD))[0] == [429]
    with frozen(NOW + timedelta(seconds=int(last.headers["retry-after"]))):
        assert (await guess(client, 1, password=PASSWORD))[0] == [200]


async def test_guessing_at_one_address_does_not_lock_out_another(client):
    await guess(client, ALLOWED_FAILURES + 1)
    assert (await guess(client, 1, address="192.0.2.2", password=PASSWORD))[0] == [200]


async def test_wrong_passwords_count_in_a_row(client, settings):
    for _ in range(2):
        await guess(client, ALLOWED_FAILURES - 1)
        assert (await guess(client, 1, password=PASSWORD))[0] == [200]
    assert scalars(settings, select(AuthFailure)) == []


async def test_all_processes_count_together(client, settings):
    await guess(client, ALLOWED_FAILURES)
    second = create_app(settings)
    transport = httpx.ASGITransport(second)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as other:
        assert (await guess(other, 1))[0] == [429]
    await second.state.db.dispose()


async def test_old_failures_are_forgotten(client, settings):
    with frozen(NOW):
        await guess(client, 3)
    with frozen(NOW + timedelta(hours=1)):
        await guess(client, 1, address="192.0.2.2")
    assert [failure.address for failure in scalars(settings, select(AuthFailure))] == ["192.0.2.2"]


async def test_asking_without_a_password_is_not_a_guess(client, settings):
    for _ in range(ALLOWED_FAILURES + 2):
        assert (await client.post("/clear-database")).status_code == 401
    assert scalars(settings, select(AuthFailure)) == []
