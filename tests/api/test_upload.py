"""Files that come in: what is accepted, under which name, what is refused, and that nothing of it is left."""

import asyncio
import hashlib
import os
import socket
import threading
import time
from datetime import datetime

import httpx
import pytest
from sqlalchemy import select

from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.imports.service import run_pending
from otrs_web.models import Upload
from tests.faults.parts import small_disk
from tests.support import store_tickets

HEADER = "Ticket Number,Created,Closed,State,Priority,FirstResponse,Owner,Title"
OPEN = "A1,2026-01-05 09:00:00,,open,3 normal,,anna,Printer"
DONE = "B2,2026-01-06 09:00:00,2026-01-07 09:00:00,closed successful,4 high,2026-01-06 10:00:00,bo,VPN"
EXPORT = "\n".join([HEADER, OPEN, DONE, ""]).encode()


def form(name="export.csv", content=EXPORT):
    return {"file": (name, content)}


def stored(settings):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = list(session.scalars(select(Upload).order_by(Upload.id)))
    db.dispose()
    return found


def files(settings):
    return list(settings.uploads_dir.glob("*")) if settings.uploads_dir.exists() else []


def wait_for(done, seconds=10):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def imported_meanwhile(settings, waiting):
    """What the waiting request is answered, when a worker imports what it has uploaded."""

    def work():
        wait_for(lambda: stored(settings))
        run_pending(settings)

    await asyncio.to_thread(work)
    return await waiting


async def test_an_upload_is_stored_as_it_came_and_queued(client, settings):
    answer = await client.post("/upload", files=form(), headers={"user-agent": "script/1"})
    assert answer.status_code == 202
    assert answer.json() == {
        "success": True,
        "upload_id": 1,
        "status": "queued",
        "status_url": "/processing-status?upload_id=1",
    }
    (upload,) = stored(settings)
    assert (upload.filename, upload.status, upload.mode) == ("export.csv", "queued", "replace")
    assert (upload.size_bytes, upload.sha256) == (len(EXPORT), hashlib.sha256(EXPORT).hexdigest())
    assert (upload.address, upload.user_agent) == ("127.0.0.1", "script/1")
    assert abs((utc_now() - upload.upload_time).total_seconds()) < 60
    assert [(p.name, p.read_bytes()) for p in files(settings)] == [(upload.stored_filename, EXPORT)]


async def test_with_wait_the_answer_is_the_result(client, settings):
    waiting = asyncio.create_task(
        client.post("/upload?wait=20", files=form(), data={"as_of": "2026-01-08 12:00"})
    )
    answer = await imported_meanwhile(settings, waiting)
    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in body if name not in ("stats", "warnings")} == {
        "success": True,
        "upload_id": 1,
        "filename": "export.csv",
        "status": "done",
        "total_records": 2,
        "record_count": 2,
        "new_records_count": 2,
        "updated_records_count": 0,
        "unchanged_records_count": 0,
        "rejected_records_count": 0,
        "removed_records_count": 0,
        "as_of": "2026-01-08T12:00:00",
        "as_of_source": "user",
    }
    assert (body["stats"]["current_open_count"], body["stats"]["state_distribution"]["open"]) == (1, 1)
    assert body["warnings"]
    for warning in body["warnings"]:
        assert {"code", "message", "count", "lines"} <= set(warning)
        assert warning["message"] != warning["code"]


async def test_a_refused_file_is_a_422_with_the_reason_and_changes_nothing(client, settings):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    waiting = asyncio.create_task(client.post("/upload?wait=20", files=form(content=b"\x00\x01 no table")))
    answer = await imported_meanwhile(settings, waiting)
    assert answer.status_code == 422
    body = answer.json()
    assert (body["success"], body["status"], body["upload_id"]) == (False, 422, 1)
    assert body["error"] == body["detail"] != body["code"]
    assert (await client.get("/tickets.json")).json()["total"] == 1


async def test_when_the_wait_is_over_the_answer_is_that_it_goes_on(client):
    begin = time.monotonic()
    answer = await client.post("/upload?wait=0.4", files=form())
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert 0.4 <= time.monotonic() - begin < 5


async def test_a_form_in_a_browser_is_led_to_the_page(client):
    answer = await client.post("/upload", files=form(), headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?upload=1")


@pytest.mark.parametrize(
    ("fields", "mode", "as_of"),
    [
        ({}, "replace", None),
        ({"clear_existing": "true"}, "replace", None),
        ({"clear_existing": "false"}, "incremental", None),
        ({"mode": "incremental"}, "incremental", None),
        ({"mode": "replace", "clear_existing": ""}, "replace", None),
        ({"as_of": "2026-01-12 18:00"}, "replace", datetime(2026, 1, 12, 18)),
        ({"as_of": "2026-01-12T18:00:30"}, "replace", datetime(2026, 1, 12, 18, 0, 30)),
        ({"as_of": "  "}, "replace", None),
    ],
)
async def test_the_options_of_the_form(client, settings, fields, mode, as_of):
    answer = await client.post("/upload", files=form(), data=fields)
    assert answer.status_code == 202, answer.text
    (upload,) = stored(settings)
    assert (upload.mode, upload.as_of_given) == (mode, as_of)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", "yesterday"),
        ("as_of", "2026-02-30 10:00"),
        ("as_of", "2026-01-12T18:00+01:00"),
        ("mode", "append"),
        ("clear_existing", "perhaps"),
    ],
)
async def test_an_option_that_cannot_be_is_named_and_nothing_is_stored(client, settings, name, value):
    answer = await client.post("/upload", files=form(), data={name: value})
    assert (answer.status_code, answer.json()["field"]) == (400, name)
    assert name in answer.json()["error"]
    assert (stored(settings), files(settings)) == ([], [])


async def test_two_options_that_contradict_each_other_are_refused(client, settings):
    answer = await client.post("/upload", files=form(), data={"mode": "replace", "clear_existing": "false"})
    assert (answer.status_code, answer.json()["field"]) == (400, "mode")
    assert files(settings) == []


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("../../x.xlsx", "x.xlsx"),
        ("C:\\Users\\anna\\x.xlsx", "x.xlsx"),
        ("=cmd.xlsx", "=cmd.xlsx"),
        ("工单 🎫👩‍💻.xlsx", "工单 🎫👩‍💻.xlsx"),
        ("Umlaut a\u0308.csv", "Umlaut ä.csv"),
        ("a\x00b\tc\x1b[31m.csv", "abc[31m.csv"),
        ("gpj\u202excod.csv", "gpjxcod.csv"),
        ("n" * 300 + ".xlsx", "n" * 250 + ".xlsx"),
        ("名" * 300, "名" * 255),
        ('say "hello".csv', 'say "hello".csv'),
        ("no ending", "no ending"),
    ],
)
async def test_the_name_of_a_file_is_only_a_label(client, settings, given, label):
    boundary = "b0undary"
    quoted = given.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = head.encode() + EXPORT + f"\r\n--{boundary}--\r\n".encode()
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = await client.post("/upload", content=body, headers=kind)
    assert answer.status_code == 202, answer.text
    assert stored(settings)[0].filename == label
    (path,) = files(settings)
    assert path.parent == settings.uploads_dir
    assert path.stem.isalnum()


@pytest.mark.parametrize(
    "disposition",
    [
        b"filename*=UTF-8''%E5%B7%A5%E5%8D%95.csv",
        b"filename=\"fallback.csv\"; filename*=utf-8'en'%E5%B7%A5%E5%8D%95.csv",
        'filename="工单.csv"'.encode("gb18030"),
    ],
)
async def test_names_as_old_clients_send_them(client, settings, disposition):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; ' + disposition + b"\r\n\r\n"
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = await client.post("/upload", content=head + EXPORT + b"\r\n--b--\r\n", headers=kind)
    assert answer.status_code == 202, answer.text
    assert stored(settings)[0].filename == "工单.csv"


async def test_two_uploads_of_one_name_are_two_uploads(client, settings):
    for _ in range(2):
        await client.post("/upload", files=form())
    assert [upload.id for upload in stored(settings)] == [1, 2]
    assert len(files(settings)) == 2


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([("file", ("a.csv", EXPORT)), ("file", ("b.csv", EXPORT))], 400),
        ([("file", ("", b""))], 400),
        ([("file", ("..", EXPORT))], 400),
        ([("other", ("a.csv", EXPORT))], 400),
        ([("note", (None, "no file at all"))], 400),
        ([("note", (None, "x" * 100_000)), ("file", ("a.csv", EXPORT))], 413),
        ([(f"note{i}", (None, "x")) for i in range(30)], 413),
        ([("note", (None, b"\xff\xfe")), ("file", ("a.csv", EXPORT))], 400),
        ([("mode", (None, "replace")), ("mode", (None, "incremental")), ("file", ("a.csv", EXPORT))], 400),
    ],
)
async def test_forms_that_are_no_upload(client, settings, parts, status):
    answer = await client.post("/upload", files=parts)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert answer.json()["error"]
    assert (stored(settings), files(settings)) == ([], [])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"file": "x"}', "application/json", 415),
        (b"file=x", "application/x-www-form-urlencoded", 415),
        (b"", "multipart/form-data", 415),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b", 400),
        (b"", "multipart/form-data; boundary=b", 400),
        (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nA1', None, 400),
    ],
)
async def test_bodies_that_are_no_form(client, settings, body, kind, status):
    headers = {"content-type": kind or "multipart/form-data; boundary=b"}
    answer = await client.post("/upload", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert (stored(settings), files(settings)) == ([], [])


async def test_a_file_over_the_limit_is_refused_with_the_limit_named(client, settings):
    answer = await client.post("/upload", files=form(content=b"x" * (1 << 20) + b"y"))
    assert answer.status_code == 413
    assert "1 MB" in answer.json()["error"]
    assert (stored(settings), files(settings)) == ([], [])
    assert (await client.post("/upload", files=form(content=b"x" * (1 << 20)))).status_code == 202


@pytest.mark.parametrize("query", ["wait=soon", "wait=-1", "wait=nan", "mode=replace"])
async def test_parameters_that_cannot_be_are_named_before_anything_is_stored(client, settings, query):
    answer = await client.post(f"/upload?{query}", files=form())
    assert (answer.status_code, answer.json()["field"]) == (400, query.split("=")[0])
    assert files(settings) == []


async def test_a_stored_file_comes_back_under_its_name(client, settings):
    name = '工单 "a";b.csv'
    await client.post("/upload", files=form(name))
    answer = await client.get("/uploads/1/file")
    assert answer.content == EXPORT
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert "utf-8''%E5%B7%A5%E5%8D%95%20%22a%22%3Bb.csv" in disposition.replace("UTF-8", "utf-8")


@pytest.mark.parametrize("path", ["/uploads/7/file", "/uploads/99999999999999999999/file"])
async def test_a_file_that_is_not_there(client, path):
    answer = await client.get(path)
    assert answer.status_code in (400, 404)
    assert answer.json()["success"] is False


async def test_sample_data_goes_into_an_empty_database_only(client, settings):
    answer = await client.post("/demo")
    assert (answer.status_code, answer.json()["upload_id"]) == (202, 1)
    await asyncio.to_thread(run_pending, settings)
    upload = stored(settings)[0]
    assert (upload.status, upload.snapshot_source) == ("done", "user")
    assert upload.record_count > 1000
    again = await client.post("/demo")
    assert (again.status_code, again.json()["success"]) == (409, False)
    page = await client.post("/demo", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (409, "text/html; charset=utf-8")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
async def test_sample_data_on_a_full_disk(client, settings, caplog):
    with small_disk(settings.uploads_dir, "200k"):
        answer = await client.post("/demo")
        assert files(settings) == []
    assert (answer.status_code, answer.json()["success"]) == (507, False)
    assert answer.json()["error"].startswith("The disk is full.")
    assert [record for record in caplog.records if record.exc_info] == []


def test_an_upload_that_breaks_off_leaves_nothing(address, settings):
    with socket.create_connection(address) as connection:
        connection.sendall(
            b"POST /upload HTTP/1.1\r\nHost: site\r\nContent-Length: 500000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 100_000
        )
        wait_for(lambda: [p.suffix for p in files(settings)] == [".part"])
    wait_for(lambda: files(settings) == [])
    assert stored(settings) == []


def test_a_length_over_the_limit_is_refused_before_the_file_is_sent(address, settings):
    with socket.create_connection(address) as connection:
        connection.sendall(
            b"POST /upload HTTP/1.1\r\nHost: site\r\nContent-Length: 50000000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert files(settings) == []


def test_an_upload_without_a_length_is_cut_off_at_the_limit(address, settings):
    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 65_536
        yield b"\r\n--b--\r\n"

    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = httpx.post("http://{}:{}/upload".format(*address), content=endless(), headers=kind)
    assert answer.status_code == 413
    assert files(settings) == []


def test_uploads_at_once_do_not_mix(address, settings):
    contents = [f"{HEADER}\nT{i},2026-01-0{i + 1} 09:00:00,,open,,,,\n".encode() * 2000 for i in range(4)]

    def send(content):
        httpx.post("http://{}:{}/upload".format(*address), files=form(content=content), timeout=30)

    threads = [threading.Thread(target=send, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(p.read_bytes() for p in files(settings)) == sorted(contents)
    assert sorted(u.sha256 for u in stored(settings)) == sorted(
        hashlib.sha256(c).hexdigest() for c in contents
    )


async def test_a_place_that_cannot_be_written_is_said_and_is_no_failure_of_the_program(client, settings):
    settings.uploads_dir.write_text("in the way")
    answer = await client.post("/upload", files=form())
    assert answer.status_code == 503
    assert answer.json()["success"] is False
    assert stored(settings) == []
