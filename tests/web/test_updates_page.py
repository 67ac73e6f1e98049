"""What pages tell of a newer version, to whom and until when, and what the page of updates says."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from otrs_web import update_notice
from otrs_web.clock import frozen, utc_now
from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from otrs_web.stats import records
from otrs_web.updates.shapes import Fault, Target
from otrs_web.updates.status import begin_update, fail_update, finish_update, note_check, target_columns
from tests.api.conftest import PASSWORD
from tests.support import QueryCounter, migrated, store_tickets
from tests.updates.test_check import NOW
from tests.web.test_report_pages import ROWS

HTML = {"accept": "text/html"}
PAGES = (
    *(
        "/",
        "/results",
        "/database?open=true",
        "/responsible-stats?people=all",
        "/daily-statistics",
        "/tickets",
    ),
    *(
        "/tickets?age=old",
        "/uploads",
        "/database-log",
        "/backups",
        "/settings",
        "/sign-in",
        "/schema",
        "/nowhere",
    ),
)
FRAGMENTS = ("/results/report", "/database/report", "/database-log/list", "/daily-statistics/log")
HOSTILE = (
    "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![p](//evil/p.png)"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return migrated(
        tmp_path,
        language="en",
        admin_password=PASSWORD,
        secret_key="k" * 32,
        app_update_api_url="http://127.0.0.1:9",
    )


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this test stores is told with the next page; and no record is written beside the queries."""
    monkeypatch.setattr(update_notice, "TTL_S", 0.0)
    monkeypatch.setattr(records, "PAUSE_S", 3600)


def note(settings: Settings, change: Callable[..., Any], *values: Any, **named: Any) -> None:
    db = SyncDatabase(settings)
    with db.write() as session:
        change(session, *values, **named)
    db.dispose()


def offer(settings: Settings, version: str = "v98.0.0", **values: Any) -> None:
    target = Target(
        kind="release", version=version, ref=version, **{"name": "Autumn", "notes": "- new", **values}
    )
    note(settings, note_check, {"status": "update_available", "notified_at": None, **target_columns(target)})


async def page(client: httpx.AsyncClient, path: str, **headers: str) -> str:
    return (await client.get(path, headers={**HTML, **headers})).text


async def test_every_page_tells_of_a_newer_version_and_no_part_of_one(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    store_tickets(settings, ROWS)
    for path in PAGES:
        assert "update-notice" not in await page(client, path), path
    offer(settings)
    for path in PAGES:
        text = await page(client, path)
        assert text.count('id="update-notice"') == 1, path
        assert "Version 98.0.0 of otrs-web is available." in text
    for path in FRAGMENTS:
        text = await page(client, path, **{"hx-request": "true"})
        assert "update-notice" not in text, path
        assert "98.0.0" not in text, path
    assert "update-notice" not in await page(client, "/admin/update")


async def test_whoever_has_seen_it_is_told_of_the_next_one_alone(
    client: httpx.AsyncClient, app: Litestar, settings: Settings
) -> None:
    store_tickets(settings, ROWS)
    offer(settings)
    other = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test")
    back = {"referer": "http://site.test/results?queue=Raw"}
    await page(client, "/results")
    answer = await client.post("/admin/update/seen", data={"version": "v98.0.0"}, headers=back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/results?queue=Raw")
    for path in ("/results", "/settings"):
        assert "update-notice" not in await page(client, path)
        assert "update-notice" in await page(other, path)
    assert (await client.get("/api/update/status")).json()["status"]["notified_at"]
    offer(settings, "v98.0.1")
    for path in ("/results", "/settings"):
        assert "98.0.1" in await page(client, path)
    here = await client.post(
        "/admin/update/seen/here", data={"version": "v98.0.1"}, headers={"hx-request": "true"}
    )
    assert (here.status_code, here.text) == (200, "")
    assert "update-notice" not in await page(client, "/settings")
    await other.aclose()


@pytest.mark.parametrize("version", ["v1!2.0+local.7", "c0ffee000000", "", "é" * 300, 'a"; Path=/x'])
async def test_any_version_can_have_been_seen(
    client: httpx.AsyncClient, settings: Settings, version: str
) -> None:
    if version == "v1!2.0+local.7":
        offer(settings, version)
    answer = await client.post("/admin/update/seen", data={"version": version})
    assert answer.status_code == 303
    assert "\n" not in answer.headers["set-cookie"]
    assert answer.headers["set-cookie"].count("Path=") == 1
    if version == "v1!2.0+local.7":
        assert "update-notice" not in await page(client, "/settings")


async def test_another_site_cannot_hide_it(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/admin/update/seen", data={"version": "x"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_nobody_is_told_while_it_is_installed_or_afterwards(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    offer(settings)
    note(settings, begin_update, "v98.0.0")
    assert "update-notice" not in await page(client, "/settings")
    note(settings, fail_update, "fetch", Fault("No way."), who="x")
    assert "update-notice" in await page(client, "/settings")
    note(settings, begin_update, "v98.0.0")
    note(settings, finish_update, "98.0.0", who="x")
    assert "update-notice" not in await page(client, "/settings")


async def test_telling_costs_no_query(
    client: httpx.AsyncClient, app: Litestar, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_tickets(settings, ROWS)
    offer(settings)
    await page(client, "/results")
    monkeypatch.setattr(update_notice, "TTL_S", 60.0)
    for headers in ({}, {"cookie": "update_seen=v98.0.0"}):
        first = await page(client, "/results", **headers)
        with QueryCounter(app.state.db) as counter:
            assert await page(client, "/results", **headers) == first
        assert len(counter.statements) == 2, counter.statements
    assert "update-notice" not in first


async def test_notes_from_outside_can_do_nothing(client: httpx.AsyncClient, settings: Settings) -> None:
    offer(settings, notes=HOSTILE, name="<script>alert(2)</script>")
    for path in ("/settings", "/admin/update"):
        text = await page(client, path)
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'href="javascript' not in text
        assert "&lt;script&gt;alert(2)" in text


async def test_the_page_of_updates_in_both_languages(client: httpx.AsyncClient, settings: Settings) -> None:
    text = await page(client, "/admin/update")
    assert "Nobody has looked for newer versions yet." in text
    assert "No update has been made here yet." in text
    offer(settings, published_at=NOW, url="https://github.com/desk/otrs-web/releases/tag/v98.0.0")
    text = await page(client, "/admin/update")
    for words in (
        "Version 98.0.0 is available.",
        "What is new in 98.0.0",
        "Published on 2026-11-02",
        "<li>new",
    ):
        assert words in text
    assert 'rel="noopener noreferrer nofollow"' in text
    client.cookies.set("lang", "zh-CN")
    text = await page(client, "/admin/update")
    for words in ("有新版本 98.0.0 可用。", "98.0.0 更新内容", "立即检查"):
        assert words in text


async def test_what_failed_and_what_was_done_stand_on_the_page(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    with frozen(NOW):
        offer(settings)
        note(settings, begin_update, "v98.0.0")
        reason = Fault("{host} does not answer in time.", {"host": "github.test"})
        note(settings, fail_update, "fetch", reason, who="IP: 192.0.2.9, Browser: Firefox/1")
    text = await page(client, "/admin/update")
    assert "The update to 98.0.0 failed" in text
    assert "github.test does not answer in time." in text
    assert "failed: github.test" in text
    assert "192.0.2.9 · Firefox" in text
    for number in range(12):
        with frozen(utc_now() + timedelta(hours=number)):
            note(settings, begin_update, f"v98.0.{number}")
            note(settings, finish_update, f"98.0.{number}", who="Command line")
    text = await page(client, "/admin/update")
    assert text.count('title="Command line"') == 10
    assert "/database-log?kind=update" in text


async def test_only_admins_see_what_the_commands_say(client: httpx.AsyncClient, settings: Settings) -> None:
    run = settings.updates_dir / "20261102-090000-000000"
    run.mkdir(parents=True)
    (run / "progress.jsonl").write_text('{"step": "check", "state": "failed"}\n')
    (run / "output.log").write_text("  /opt/otrs-web is no git checkout\n")
    known = {"id": run.name, "phase": "failed", "step": "check", "target": "v98.0.0", "from_version": "1.0"}
    known |= {"version": None, "script": "", "who": "", "at": "2026-11-02T09:00:00+00:00"}
    (settings.updates_dir / "journal.json").write_text(json.dumps(known))
    for address in ("/admin/update", "/admin/update/steps"):
        text = await page(client, address)
        assert "step-check" in text
        assert "no git checkout" not in text
    await client.post("/sign-in", data={"password": PASSWORD, "next": "/"})
    for address in ("/admin/update", "/admin/update/steps"):
        assert "/opt/otrs-web is no git checkout" in await page(client, address)


async def test_looking_now_is_refused_in_words(client: httpx.AsyncClient, app: Litestar) -> None:
    """GitHub is not there in this test, which is an answer as well."""
    with frozen(NOW):
        answer = await client.post("/admin/update/check", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/update")
        text = await page(client, "/admin/update")
        assert "Newer versions could not be looked for." in text
        answer = await client.post("/admin/update/check", headers=HTML)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "Somebody has just asked." in answer.text


async def test_addresses_of_forms_lead_to_the_page(client: httpx.AsyncClient) -> None:
    for path in ("/admin/update/check", "/admin/update/seen"):
        answer = await client.get(path, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/update")
