"""The original's data, handed over in a browser: with the password, without JavaScript, nothing kept of the
file."""

import httpx
import pytest

from tests.adopt.original import build, ticket
from tests.api.conftest import PASSWORD
from tests.support import room_for_files_of, store_tickets

HTML = {"accept": "text/html"}
LAST = {"otrs_ticket": [ticket("1"), ticket("2", created=None)]}


async def hand_over(client: httpx.AsyncClient, octets: bytes, **form: str) -> httpx.Response:
    form = {"auth_password": PASSWORD, **form}
    return await client.post(
        "/settings/adopt", data=form, files={"file": ("otrs_data.db", octets)}, headers=HTML, timeout=60
    )


@pytest.fixture
def octets(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    uploads = [
        {"id": 1, "filename": ticket("1")["data_source"], "upload_time": "2025-08-27 18:20:06",
         "record_count": 2, "stored_filename": "gone.xlsx"}
    ]  # fmt: skip
    return build(there / "otrs_data.db", **LAST, upload_detail=uploads).read_bytes()


async def test_the_answer_says_what_was_taken_and_every_page_follows(client, settings, octets):
    form = (await client.get("/settings", headers=HTML)).text
    assert 'action="/settings/adopt#adopt"' in form
    assert 'enctype="multipart/form-data"' in form
    answer = await hand_over(client, octets)
    assert answer.status_code == 200
    assert "Without a creation time that can be read, and so in no figure by day: 1." in answer.text
    assert (await client.get("/tickets.json")).json()["total"] == 2
    for path in (
        "/",
        "/results",
        "/database",
        "/responsible-stats",
        "/uploads",
        "/uploads/1",
        "/tickets/1",
        "/settings",
    ):
        assert (await client.get(path, headers=HTML)).status_code == 200, path
    assert (await client.get("/uploads/1/file")).status_code == 404
    assert sorted(path.name for path in settings.data_dir.iterdir() if path.is_dir()) == ["there"]


async def test_without_the_password_nothing_happens(client, settings, octets):
    answer = await hand_over(client, octets, auth_password="guessed-word", replace="true")
    assert answer.status_code == 401
    form = answer.text.partition('id="adopt"')[2].partition("</form>")[0]
    assert "The admin password is wrong." in form
    assert "Nothing was changed." in form
    assert 'name="replace" value="true" checked' in form
    assert "guessed-word" not in answer.text
    assert (await client.get("/tickets.json")).json()["total"] == 0


async def test_stored_tickets_give_way_only_when_the_box_is_ticked(client, settings, octets):
    store_tickets(settings, [{"created_date": "2026-01-10 10:00"}])
    refused = await hand_over(client, octets)
    assert refused.status_code == 422
    assert "There are 1 tickets here already" in refused.text
    assert "tick “Replace the tickets that are stored here”" in refused.text
    assert "--replace" not in refused.text
    assert (await client.get("/tickets.json")).json()["total"] == 1
    assert (await hand_over(client, octets, replace="true")).status_code == 200
    assert (await client.get("/tickets.json")).json()["total"] == 2


@pytest.mark.parametrize(
    ("octets", "status", "words"),
    [
        (b"PK\x03\x04 a workbook", 422, "is not an SQLite database"),
        (b"x" * (1_100_000 + (1 << 16)), 413, "otrs-web adopt"),
    ],
    ids=["no database", "too large"],
)
async def test_what_cannot_be_taken_is_refused_in_a_sentence(client, settings, octets, status, words):
    refused = await hand_over(client, octets)
    assert refused.status_code == status
    assert words in refused.text
    assert [path.name for path in settings.data_dir.iterdir() if path.is_dir()] == []


async def test_a_full_disk_is_called_that(client, settings, octets):
    with room_for_files_of(100_000):
        refused = await hand_over(client, octets + bytes(500_000))
    assert refused.status_code == 507
    assert "The disk is full." in refused.text
    assert [path.name for path in settings.data_dir.iterdir() if path.name != "there" and path.is_dir()] == []


async def test_a_form_without_a_file_is_refused(client):
    answer = await client.post(
        "/settings/adopt", data={"auth_password": PASSWORD}, files={"file": ("", b"")}, headers=HTML
    )
    assert answer.status_code == 400


async def test_it_speaks_chinese(client, octets):
    client.cookies.set("lang", "zh-CN")
    answer = await hand_over(client, octets)
    assert "工单" in answer.text
    assert "缺少可读取的创建时间" in answer.text


async def test_people_that_somebody_chose_in_the_original_are_chosen(client, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    chosen = {"user_identifier": "127.0.0.1", "selected_responsibles": "['Ann', \"O'Neill\"]"}
    tickets = [
        ticket("1", responsible="Ann"),
        ticket("2", responsible="O'Neill"),
        ticket("3", responsible="Li"),
    ]
    path = build(there / "otrs_data.db", otrs_ticket=tickets, responsible_config=[chosen])
    assert (await hand_over(client, path.read_bytes())).status_code == 200
    known = (await client.get("/api/responsible-list")).json()
    assert known["selected_responsibles"] == ["Ann", "O'Neill"]
    page = await client.get("/responsible-stats", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (
        303,
        "/responsible-stats?responsible=Ann&responsible=O%27Neill&people=chosen",
    )
    # whom this browser chooses from now on counts more
    await client.get("/responsible-stats?people=all", headers=HTML)
    assert (await client.get("/api/responsible-list")).json()["selected_responsibles"] == []
