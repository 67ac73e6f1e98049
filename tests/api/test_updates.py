"""Newer versions by JSON: the original's fields, asked for seldom, and the token in no answer."""

from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar

from otrs_web.app import create_app
from otrs_web.clock import frozen
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from otrs_web.updates.shapes import Fault
from otrs_web.updates.status import begin_update, fail_update
from otrs_web.updates.versions import running_version
from tests.api.conftest import PASSWORD
from tests.support import migrated
from tests.updates.conftest import TOKEN
from tests.updates.github_server import REPO, GitHubServer, running_github
from tests.updates.test_check import MINUTE, NOW

FIELDS = {
    *("current_version", "latest_version", "release_name", "release_notes", "release_url", "published_at"),
    *("status", "notified_at", "last_checked_at", "last_update_started_at", "last_update_completed_at"),
    *("last_error", "update_enabled", "repo", "poll_interval", "is_updating", "restart_scheduled"),
}


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with running_github() as server:
        server.release("v98.0.0")
        yield server


@pytest.fixture
def settings(tmp_path, github: GitHubServer) -> Settings:
    return migrated(
        tmp_path,
        language="en",
        admin_password=PASSWORD,
        secret_key="k" * 32,
        app_update_repo=REPO,
        app_update_api_url=github.url,
        app_update_github_token=TOKEN,
    )


async def status(client: httpx.AsyncClient) -> dict[str, object]:
    answer = await client.get("/api/update/status")
    assert TOKEN not in answer.text
    assert answer.json()["success"] is True
    return dict(answer.json()["status"])


async def test_before_the_first_check(client: httpx.AsyncClient) -> None:
    known = await status(client)
    assert set(known) >= FIELDS
    assert (known["status"], known["current_version"], known["latest_version"]) == (
        "idle",
        running_version(),
        None,
    )
    assert (known["update_enabled"], known["repo"], known["poll_interval"]) == (True, REPO, 3600)
    assert (known["is_updating"], known["restart_scheduled"]) == (False, False)


async def test_check_and_status(client: httpx.AsyncClient) -> None:
    with frozen(NOW):
        answer = await client.post("/api/update/check", json={})
        known = await status(client)
    assert answer.json() == {
        "success": True,
        "status": "update_available",
        "current_version": running_version(),
        "latest_version": "v98.0.0",
        "message": "Version 98.0.0 is available.",
    }
    assert (known["status"], known["latest_version"]) == ("update_available", "v98.0.0")
    assert known["release_name"] == "otrs-web v98.0.0"
    assert str(known["release_notes"]).startswith("## What is new in v98.0.0")
    assert known["release_url"] == f"https://github.com/{REPO}/releases/tag/v98.0.0"
    assert known["published_at"] == "2026-10-01T08:00:00Z"
    assert (known["last_checked_at"], known["next_check_at"]) == (
        "2026-11-02T09:00:00Z",
        "2026-11-02T10:00:00Z",
    )


async def test_a_second_check_in_the_same_minute_is_refused(
    client: httpx.AsyncClient, github: GitHubServer
) -> None:
    with frozen(NOW):
        await client.post("/api/update/check")
        answer = await client.post("/api/update/check")
        assert (answer.status_code, answer.json()["success"]) == (429, False)
        assert 0 < int(answer.headers["retry-after"]) <= 61
    with frozen(NOW + 2 * MINUTE):
        assert (await client.post("/api/update/check")).status_code == 200
    assert len(github.asked) == 2


async def test_a_check_that_fails_says_why(client: httpx.AsyncClient, github: GitHubServer) -> None:
    github.raw = b"<html>"
    answer = (await client.post("/api/update/check")).json()
    assert (answer["success"], answer["status"]) == (False, "error")
    assert answer["message"] == "The answer of 127.0.0.1 cannot be understood."
    client.cookies.set("lang", "zh-CN")
    known = await status(client)
    assert "127.0.0.1" in str(known["last_error"])
    assert "cannot" not in str(known["last_error"])


async def trigger(client: httpx.AsyncClient) -> tuple[int, str]:
    answer = await client.post("/api/update/trigger", json={"auth_password": PASSWORD})
    return answer.status_code, str(answer.json()["error"])


async def test_whoever_triggers_an_update_first_has_it_looked_for(
    client: httpx.AsyncClient, github: GitHubServer
) -> None:
    """Nothing can be put in place from here; before the look, nobody could have said that."""
    code, error = await trigger(client)
    assert (code, "run apart here" in error) == (409, True)
    assert (await status(client))["latest_version"] == "v98.0.0"
    github.releases.clear()
    assert (await trigger(client))[0] == 400
    assert github.paths == ["releases/latest", "releases/tags/v98.0.0", "releases/tags/v98.0.0"]


async def test_where_nobody_can_be_asked_there_is_nothing_to_trigger(
    client: httpx.AsyncClient, github: GitHubServer
) -> None:
    github.raw = b"<html>"
    assert await trigger(client) == (503, "The answer of 127.0.0.1 cannot be understood.")


async def test_having_seen_it(client: httpx.AsyncClient, app: Litestar) -> None:
    with frozen(NOW):
        await client.post("/api/update/check")
        page = {"accept": "text/html"}
        assert "update-notice" in (await client.get("/settings", headers=page)).text
        answer = await client.post("/api/update/ack")
        assert (answer.status_code, answer.json()["success"]) == (200, True)
        assert answer.json()["status"]["notified_at"] == "2026-11-02T09:00:00Z"
    assert "update-notice" not in (await client.get("/settings", headers=page)).text
    other = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test")
    async with other:
        assert "update-notice" in (await other.get("/settings", headers=page)).text


async def test_an_update_that_runs_and_one_that_failed(
    client: httpx.AsyncClient, settings: Settings, github: GitHubServer
) -> None:
    db = SyncDatabase(settings)
    with db.write() as session:
        assert begin_update(session, "v98.0.0")
    known = await status(client)
    assert (known["status"], known["is_updating"], known["updating_to"]) == ("updating", True, "v98.0.0")
    checked = (await client.post("/api/update/check")).json()
    assert (checked["status"], github.asked) == ("updating", [])
    with db.write() as session:
        fail_update(session, "start", Fault("It does not answer on port {port}.", {"port": 5001}), who="x")
    db.dispose()
    known = await status(client)
    assert (known["status"], known["is_updating"], known["step"]) == ("update_failed", False, "start")
    assert known["last_error"] == "It does not answer on port 5001."
    log = (await client.get("/database-log.json?kind=update")).json()["entries"]
    assert [entry["operation_details"] for entry in log] == [
        f"The update from {running_version()} to 98.0.0 failed: It does not answer on port 5001."
    ]


async def test_switched_off_nothing_is_asked_and_it_says_so(tmp_path, github: GitHubServer) -> None:
    settings = migrated(
        tmp_path, language="en", secret_key="k" * 32, app_update_enabled=False, app_update_api_url=github.url
    )
    app = create_app(settings)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client,
    ):
        known = await status(client)
        assert (known["update_enabled"], known["status"], known["next_check_at"]) == (False, "idle", None)
        assert "switched off" in str(known["message"])
        answer = await client.post("/api/update/check")
        assert (answer.status_code, answer.json()["success"]) == (409, False)
        assert "switched off" in answer.json()["error"]
        assert (await client.post("/api/update/ack")).status_code == 200
        assert "switched off" in (await client.get("/admin/update")).text
    assert github.asked == []


async def test_a_form_is_no_json(client: httpx.AsyncClient, github: GitHubServer) -> None:
    for path in ("check", "ack"):
        assert (await client.post(f"/api/update/{path}", data={"a": "b"})).status_code == 415
    assert (await client.get("/api/update/status?x=1")).status_code == 400
    assert github.asked == []
