"""The page of the backups: only for admins, and every form of it works as a plain one."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import insert

from otrs_web.backups.task import task
from otrs_web.clock import frozen
from otrs_web.models import Upload
from tests.api.conftest import PASSWORD
from tests.backups.support import files, made, run, tickets
from tests.backups.test_backups import NOW
from tests.backups.test_odd_files import odd_copy
from tests.support import store_tickets

HTML = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def data(settings):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}] * 3)


@pytest.fixture
async def admin(client):
    await client.post("/sign-in", data={"password": PASSWORD, "next": "/backups"})
    client.headers.update(HTML)
    return client


async def test_without_the_password_nothing_is_shown_or_done(client, settings):
    name = made(settings).name
    page = await client.get("/backups", headers=HTML)
    assert page.status_code == 200
    assert name not in page.text
    assert 'action="/sign-in"' in page.text
    for method, path in (
        ("get", "state"),
        ("get", f"{name}/file"),
        ("get", f"{name}/restore"),
        ("post", "create"),
        ("post", "clean-up"),
        ("post", f"{name}/verify"),
        ("post", f"{name}/restore"),
    ):
        answer = await client.request(method, f"/backups/{path}", headers=HTML)
        assert answer.status_code == 401, path
    assert files(settings) == [name]


async def test_an_empty_list_says_so(admin):
    page = (await admin.get("/backups")).text
    assert "There is no backup yet." in page
    assert "every day at 02:00" in page


async def test_from_making_a_backup_to_restoring_it(admin, settings):
    made_now = await admin.post("/backups/create")
    assert (made_now.status_code, made_now.headers["location"]) == (303, "/backups?done")
    assert "The backup was made." in (await admin.get("/backups?done")).text
    assert "The backup was made." not in (await admin.get("/backups")).text
    (name,) = files(settings)
    assert (await admin.post(f"/backups/{name}/verify")).status_code == 303
    page = (await admin.get("/backups?done")).text
    assert "The backup is good" in page
    assert "Verified" in page
    assert (await admin.get(f"/backups/{name}/file")).content == (settings.backups_dir / name).read_bytes()
    store_tickets(settings, [{"ticket_number": "later", "created_date": "2026-01-11 10:00"}])
    asked = (await admin.get(f"/backups/{name}/restore")).text
    assert "The 4 tickets of now are replaced" in asked
    unsure = await admin.post(f"/backups/{name}/restore")
    assert (unsure.status_code, tickets(settings)) == (400, 4)
    sure = await admin.post(f"/backups/{name}/restore", data={"sure": "yes"})
    assert (sure.status_code, tickets(settings)) == (303, 3)
    assert "before a restore" in (await admin.get("/backups?done")).text


async def test_what_stands_against_it_is_said_on_the_page(admin, settings):
    path = made(settings)
    run(settings, insert(Upload).values(filename="a.csv", status="queued", upload_time=NOW))
    answer = await admin.post(f"/backups/{path.name}/restore", data={"sure": "yes"})
    assert answer.status_code == 409
    assert "An import is waiting or running." in answer.text
    assert path.name in answer.text
    path.write_bytes(path.read_bytes()[:-50])
    answer = await admin.post(f"/backups/{path.name}/verify")
    assert answer.status_code == 422
    assert answer.text.count("is damaged") == 2  # what came of it, and the row's state
    assert "Cannot be restored" in answer.text
    again = await admin.get(answer.url.path)
    assert (again.status_code, again.headers["location"]) == (303, "/backups")


async def test_what_is_being_done_is_shown_and_followed(admin, settings):
    made(settings)
    with task(settings, "restore", "a.zip"):
        page = (await admin.get("/backups")).text
        assert "The backup is being restored" in page
        assert 'hx-get="/backups/state"' in page
        busy = await admin.post("/backups/create")
        assert busy.status_code == 409
        assert "already" in busy.text
    state = (await admin.get("/backups/state")).text
    assert "The backup was restored." in state
    assert "hx-get" not in state
    assert "<html" not in state


async def test_what_was_killed_is_said(admin, settings):
    made(settings)
    note = settings.backups_dir / ".task.json"
    note.write_text('{"doing": "backup", "file": "", "began_at": "2026-11-24T02:00:00Z"}')
    assert "was interrupted" in (await admin.get("/backups")).text
    await admin.post("/backups/create")
    assert "was interrupted" not in (await admin.get("/backups")).text


@pytest.mark.parametrize("name", ["..%2fotrs.db", "%2e%2e", "nothing.zip", ".checks.json", "a%00b.zip"])
async def test_names_lead_nowhere_else(admin, settings, name):
    made(settings)
    for path in ("file", "restore"):
        assert (await admin.get(f"/backups/{name}/{path}")).status_code in {400, 404}, unquote(name)
    assert (await admin.post(f"/backups/{name}/restore", data={"sure": "yes"})).status_code in {400, 404}


async def test_cleaning_up_by_hand(admin, settings):
    made(settings)
    assert (await admin.post("/backups/clean-up")).status_code == 303
    assert "no longer needed were deleted" in (await admin.get("/backups?done")).text


async def test_a_file_with_an_odd_name_is_shown_and_offers_nothing(admin, settings):
    odd_copy(made(settings))
    page = await admin.get("/backups")
    assert page.status_code == 200
    assert "is not UTF-8" in page.text
    assert page.text.count("/file") == 1
    assert page.text.count("/verify") == 1


async def test_backups_of_one_minute_can_be_told_apart(admin, settings):
    with frozen(NOW):
        first = made(settings)
    with frozen(NOW + timedelta(seconds=7)):
        second = made(settings)
    page = (await admin.get("/backups")).text
    assert ">2026-11-24 03:00:00<" in page
    assert ">2026-11-24 03:00:07<" in page
    for name in (first.name, second.name):
        assert f">{name}<" in page
