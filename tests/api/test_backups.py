"""Backups by JSON: everything needs the password, answers are as the original's, names stay in the folder."""

import asyncio
import json
import zipfile
from io import BytesIO

import pytest

from otrs_web.api import backups as endpoints
from otrs_web.backups import folder
from otrs_web.backups.task import task
from otrs_web.database import SyncDatabase
from otrs_web.imports.lock import import_lock
from tests.api.conftest import PASSWORD
from tests.api.test_admin import basic
from tests.backups.support import files, logged, made, rewritten, tickets
from tests.backups.test_odd_files import odd_copy
from tests.support import store_tickets

ROWS = [{"created_date": "2026-01-01 10:00"}] * 3
ADMIN = {"headers": basic("admin", PASSWORD)}
WITH = {"auth_password": PASSWORD}


@pytest.fixture(autouse=True)
def data(settings):
    store_tickets(settings, ROWS)


async def test_everything_needs_the_password(client, settings):
    name = made(settings).name
    for method, path in (
        ("get", "list"),
        ("get", "status"),
        ("get", f"download/{name}"),
        ("get", "download/unknown.zip"),
        ("post", "create"),
        ("post", "verify"),
        ("post", "restore"),
        ("post", "cleanup"),
    ):
        body = {} if method == "get" else {"json": {"filename": name}}
        answer = await client.request(method, f"/api/backup/{path}", **body)
        assert (answer.status_code, answer.json()["auth_required"]) == (401, True), path
        if method == "post":
            body["json"]["auth_password"] = "wrong"
            assert (await client.post(f"/api/backup/{path}", **body)).status_code == 401
    assert files(settings) == [name]


async def test_from_create_to_restore(client, settings):
    created = (await client.post("/api/backup/create", json=WITH)).json()
    name = created["filename"]
    assert created["success"] is True
    assert (created["tickets"], created["message"]) == (3, f"The backup {name} was made.")
    (shown,) = (await client.get("/api/backup/list", **ADMIN)).json()["backups"]
    assert (shown["filename"], shown["kind"], shown["tickets"]) == (name, "by_hand", 3)
    assert (shown["verified"], shown["age_days"], shown["compressed"]) == (None, 0, True)
    verified = await client.post("/api/backup/verify", json={"filename": name, **WITH})
    assert (verified.status_code, verified.json()["message"]) == (200, f"The backup {name} is good.")
    (shown,) = (await client.get("/api/backup/list", **ADMIN)).json()["backups"]
    assert shown["verified"] is True
    store_tickets(settings, [{"ticket_number": "later", "created_date": "2026-01-11 10:00"}])
    restored = (await client.post("/api/backup/restore", json={"filename": name, **WITH})).json()
    assert (restored["success"], restored["tickets"]) == (True, 3)
    assert (await client.get("/tickets.json")).json()["total"] == 3
    listed = (await client.get("/api/backup/list", **ADMIN)).json()["backups"]
    assert {b["filename"]: b["kind"] for b in listed} == {
        name: "by_hand",
        restored["safety_copy"]: "before_restore",
    }
    assert (
        await client.post("/api/backup/restore", json={"filename": restored["safety_copy"], **WITH})
    ).is_success
    assert (await client.get("/tickets.json")).json()["total"] == 4


async def test_the_status_says_what_there_is_and_what_will_be(client, settings):
    empty = (await client.get("/api/backup/status", **ADMIN)).json()
    assert (empty["total_backups"], empty["newest_backup"], empty["running"]) == (0, None, None)
    assert (empty["retention_days"], empty["schedule_time"]) == (30, "02:00")
    assert "T02:00:00" in empty["next_automatic"]
    made(settings)
    made(settings)
    full = (await client.get("/api/backup/status", **ADMIN)).json()
    assert full["total_backups"] == full["compressed_count"] == 2
    assert full["newest_backup"] >= full["oldest_backup"]
    with task(settings, "verify"):
        assert (await client.get("/api/backup/status", **ADMIN)).json()["running"] == "verify"
        busy = await client.post("/api/backup/create", json=WITH)
    assert busy.status_code == 409
    assert "already" in busy.json()["error"]


async def test_the_download_is_the_file(client, settings):
    path = made(settings)
    answer = await client.get(f"/api/backup/download/{path.name}", **ADMIN)
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] == "application/zip"
    assert path.name in answer.headers["content-disposition"]
    assert "content-encoding" not in answer.headers
    database = "database.sqlite" if "sqlite" in settings.database_url else "database.pgdump"
    assert set(zipfile.ZipFile(BytesIO(answer.content)).namelist()) == {database, "manifest.json"}


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fotrs.db",
        "%2e%2e%2fotrs.db",
        "..%5cotrs.db",
        "%2fetc%2fpasswd",
        "a%00.zip",
        "link.zip",
        ".checks.json",
        ".lock",
        "nothing.zip",
        "%252e%252e%252fotrs.db",
    ],
)
async def test_names_lead_nowhere_else(client, settings, name):
    path = made(settings)
    (settings.backups_dir / "link.zip").symlink_to(settings.data_dir / "otrs.db")
    answer = await client.get(f"/api/backup/download/{name}", **ADMIN)
    assert answer.status_code in {400, 404}
    from urllib.parse import unquote

    for action in ("verify", "restore"):
        answer = await client.post(f"/api/backup/{action}", json={"filename": unquote(name), **WITH})
        assert (answer.status_code, answer.json()["success"]) == (404, False)
    assert files(settings) == ["link.zip", path.name]


async def test_a_file_that_will_not_do_is_a_sentence(client, settings):
    path = made(settings)
    newer = rewritten(path, "newer.zip", format=2)
    foreign = settings.backups_dir / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("beach.jpg", b"sand")
    path.write_bytes(path.read_bytes()[:-50])
    for file, words in ((path, "damaged"), (newer, "newer version"), (foreign, "not a backup of otrs-web")):
        answer = await client.post("/api/backup/restore", json={"filename": file.name, **WITH})
        assert answer.status_code == 422
        assert words in answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert tickets(settings) == 3
    listed = (await client.get("/api/backup/list", **ADMIN)).json()["backups"]
    faults = {b["filename"]: b["verified"] for b in listed}
    assert (faults[path.name], faults["foreign.zip"]) == (False, False)
    chinese = await client.post(
        "/api/backup/restore", json={"filename": path.name, **WITH}, headers={"accept-language": "zh"}
    )
    assert "damaged" not in chinese.json()["detail"]


async def test_an_import_in_the_way_is_a_conflict(client, settings):
    path = made(settings)
    db = SyncDatabase(settings)
    with import_lock(db):
        answer = await client.post("/api/backup/restore", json={"filename": path.name, **WITH})
    db.dispose()
    assert answer.status_code == 409
    assert "import" in answer.json()["error"]


async def test_cleaning_up(client, settings):
    made(settings)
    answer = await client.post("/api/backup/cleanup", json={"retention_days": 1, **WITH})
    assert (answer.status_code, answer.json()["deleted_count"]) == (200, 0)
    for days in (0, -1, 40_000, "many"):
        answer = await client.post("/api/backup/cleanup", json={"retention_days": days, **WITH})
        assert (answer.status_code, answer.json()["field"]) == (400, "retention_days")
    assert (await client.post("/api/backup/cleanup", **ADMIN)).status_code == 200


@pytest.mark.parametrize("body", [{}, {"filename": 7}, {"filename": None}, [], "x"])
async def test_a_body_without_a_file_is_refused(client, body):
    if isinstance(body, dict):
        body = {**body, **WITH}
    answer = await client.post("/api/backup/verify", json=body, **ADMIN)
    assert answer.status_code == 400


async def test_the_log_knows_who_it_was(client, settings):
    await client.post("/api/backup/create", json=WITH, headers={"user-agent": "nightly-script"})
    (entry,) = logged(settings)
    assert entry.operation_type == "backup"
    assert "nightly-script" in entry.user_info


async def test_what_takes_long_goes_on_after_the_answer(client, settings, monkeypatch):
    monkeypatch.setattr(endpoints, "PATIENCE_SECONDS", 0.0)
    answer = await client.post("/api/backup/create", json=WITH)
    assert (answer.status_code, answer.json()["running"]) == (202, True)
    for _ in range(200):
        status = (await client.get(answer.json()["status_url"], **ADMIN)).json()
        if status["total_backups"] and not status["running"]:
            break
        await asyncio.sleep(0.05)
    assert len(folder.listing(settings)) == 1


async def test_scripts_see_that_something_was_killed(client, settings):
    made(settings)
    assert (await client.get("/api/backup/status", **ADMIN)).json()["last_error"] is None
    note = settings.backups_dir / ".task.json"
    note.write_text('{"doing": "restore", "file": "a.zip", "began_at": "2026-11-24T02:00:00Z"}')
    status = (await client.get("/api/backup/status", **ADMIN)).json()
    assert status["running"] is None
    assert status["last_error"].startswith("The last thing that was done here was interrupted.")
    assert (await client.post("/api/backup/create", json=WITH)).status_code == 200
    assert (await client.get("/api/backup/status", **ADMIN)).json()["last_error"] is None


async def test_a_file_with_an_odd_name_stands_in_nobodys_way(client, settings):
    path = made(settings)
    odd_copy(path)
    listed = await client.get("/api/backup/list", **ADMIN)
    assert listed.status_code == 200
    (odd,) = (b for b in listed.json()["backups"] if b["filename"] != path.name)
    assert (odd["filename"], odd["verified"]) == ("\ufffd\ufffdbad.zip", False)
    assert "is not UTF-8" in odd["fault"]
    assert (await client.get("/api/backup/status", **ADMIN)).status_code == 200
    assert (await client.post("/api/backup/cleanup", json=WITH)).status_code == 200
    for name in ("%FF%FEbad.zip", "%EF%BF%BD%EF%BF%BDbad.zip"):
        assert (await client.get(f"/api/backup/download/{name}", **ADMIN)).status_code in {400, 404}
    for name in (odd["filename"], "\udcff\udcfebad.zip"):
        body = json.dumps({"filename": name, **WITH})
        kind = {"content-type": "application/json"}
        answer = await client.post("/api/backup/restore", content=body, headers=kind)
        assert answer.status_code in {400, 404}
