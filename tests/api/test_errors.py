"""What goes wrong, as it is told: to a reader as a page or a fragment, to a program as a JSON problem."""

import errno
import logging
import socket
import time

import httpx
import pytest
from litestar import get
from sqlalchemy.exc import OperationalError
from xlsxwriter.exceptions import FileCreateError

from otrs_web.errors import PROBLEM_JSON, problem_of

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON_PATHS = [
    "/api/nowhere",
    "/processing-status?x=1",
    "/database-stats?x=1",
    "/tickets.json?x=1",
    "/health/nowhere",
    "/schema/nowhere",
]


@pytest.mark.parametrize("path", JSON_PATHS)
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json"])
async def test_endpoints_for_programs_always_answer_with_a_problem(client, path, accept):
    answer = await client.get(path, headers={"accept": accept})
    assert answer.headers["content-type"] == PROBLEM_JSON
    body = answer.json()
    assert answer.status_code in (400, 404)
    assert (body["type"], body["status"], body["success"]) == ("about:blank", answer.status_code, False)
    assert body["title"] in ("Bad Request", "Not Found")
    assert body["detail"] == body["error"]


@pytest.mark.parametrize("path", ["/nowhere", "/uploads/77", "/tickets?x=1"])
async def test_readers_get_a_page(client, path):
    answer = await client.get(path, headers=HTML)
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "</html>" in answer.text


async def test_an_open_page_gets_a_fragment(client):
    answer = await client.get("/tickets?open=perhaps", headers={"hx-request": "true", "accept": "text/html"})
    assert answer.status_code == 400
    assert "<html" not in answer.text
    assert "open cannot be “perhaps”" in answer.text


async def test_a_boosted_link_gets_the_whole_page(client):
    headers = {"hx-request": "true", "hx-boosted": "true", "accept": "text/html"}
    assert "<html" in (await client.get("/nowhere", headers=headers)).text


@pytest.mark.parametrize("path", ["/upload", "/tickets.csv?x=1", "/tickets.xlsx?x=1"])
async def test_where_scripts_and_readers_meet_the_accept_header_decides(client, path):
    method = "POST" if path == "/upload" else "GET"
    page = await client.request(method, path, headers=HTML)
    script = await client.request(method, path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert script.headers["content-type"] == PROBLEM_JSON
    assert page.status_code == script.status_code


async def test_a_program_may_ask_for_json_on_a_page(client):
    answer = await client.get("/nowhere", headers={"accept": "application/json"})
    assert answer.headers["content-type"] == PROBLEM_JSON


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}, "zh-CN"),
        ({"accept-language": "de,en;q=0.5"}, "en"),
        ({"accept-language": "zh", "cookie": "lang=en"}, "en"),
        ({"cookie": "lang=zh-CN"}, "zh-CN"),
        ({"cookie": "lang=xx"}, "en"),
        ({}, "en"),
    ],
)
async def test_errors_speak_the_readers_language(client, headers, language):
    answer = await client.get("/nowhere", headers=headers)
    assert answer.headers["content-language"] == language
    assert f'lang="{language}"' in answer.text


async def test_a_wrong_method_is_a_405(client):
    answer = await client.post("/tickets.json")
    assert (answer.status_code, answer.json()["success"]) == (405, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", None),
        (b"\xff", None),
        (b"[1]", None),
        (b'"text"', None),
        (b"[" * 100_000, None),
        (b"null", None),
        (b"", None),
        (b"{}", "age_segment"),
        (b'{"age_segment": 7}', "age_segment"),
        (b'{"age_segment": ["24h"]}', "age_segment"),
        (b'{"age_segment": "24h", "limit": 0}', "limit"),
        (b'{"age_segment": "24h", "limit": true}', "limit"),
        (b'{"age_segment": "24h", "limit": 1.5}', "limit"),
        (b'{"age_segment": "24h", "offset": -1}', "offset"),
        (b'{"age_segment": "24h", "offset": "' + b"0" * 12 + b"9" * 5000 + b'"}', "offset"),
        (b'{"age_segment": "24h", "priority": {"a": 1}}', "priority"),
        (b'{"age_segment": "24h", "colour": "red"}', "colour"),
        (b'{"age_segment": "24h", "from": "2026-13-01"}', "from"),
    ],
)
async def test_a_body_that_cannot_be_is_a_400_that_names_the_field(client, body, field):
    headers = {"content-type": "application/json"}
    answer = await client.post("/age-details", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json().get("field") == field
    assert "data" not in answer.json()["error"].split()


async def test_a_missing_field_of_a_body_is_named(client):
    answer = await client.post("/api/daily-stats-authenticate", json={})
    assert (answer.status_code, answer.json()["field"]) == (400, "password")


async def test_a_body_that_is_too_large_is_a_413(client):
    body = b'{"age_segment": "' + b"x" * 2_000_000 + b'"}'
    answer = await client.post("/age-details", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["success"] is False


@pytest.fixture
def failing_client(client):
    """The application with two handlers that fail."""

    @get("/fails")
    async def fails() -> None:
        raise RuntimeError("the secret inside")

    @get("/api/no-database")
    async def no_database() -> None:
        raise OperationalError("SELECT secret", {}, OSError("disk"))

    client._transport.app.register(fails)
    client._transport.app.register(no_database)
    return client


async def test_an_internal_error_is_recorded_and_shows_nothing_of_its_insides(failing_client, caplog):
    answer = await failing_client.get("/fails", headers=HTML)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "went wrong" in answer.text
    (record,) = [r for r in caplog.records if r.name == "otrs_web.errors"]
    assert (record.levelno, str(record.exc_info[1])) == (logging.ERROR, "the secret inside")


async def test_a_database_that_is_away_is_a_503(failing_client):
    answer = await failing_client.get("/api/no-database")
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert answer.headers["retry-after"] == "5"


async def test_where_the_error_page_itself_fails_a_sentence_comes_through(client, monkeypatch):
    def broken(name):
        from jinja2 import TemplateError

        raise TemplateError(name)

    monkeypatch.setattr(client._transport.app.template_engine, "get_template", broken)
    answer = await client.get("/nowhere", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert answer.text == "There is nothing at this address."


@pytest.mark.parametrize("wrapped", [lambda error: error, FileCreateError])
@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 500)])
def test_what_the_disk_says_counts_also_where_a_library_wraps_it(wrapped, number, status):
    assert problem_of(wrapped(OSError(number, "it says"))).status == status


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/clear-database", "application/json"),
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/settings/adopt", "multipart/form-data; boundary=b"),
    ],
)
def test_a_sender_who_hangs_up_is_no_fault_of_the_program(address, caplog, path, kind):
    with socket.create_connection(address) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: site\r\nContent-Length: 500\r\nContent-Type: {kind}\r\n\r\n"
        connection.sendall(f"{head}--b".encode())
    counted = f'method="POST",route="{path}",status="'
    until = time.monotonic() + 10
    while counted not in (text := httpx.get("http://{}:{}/metrics".format(*address)).text):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert counted + "400" in text
    assert counted + "500" not in text
    assert [record for record in caplog.records if record.exc_info] == []
