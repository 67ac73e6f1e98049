"""Each request has an id, in its answer and in what is logged about it."""

import logging
import re

import httpx
import pytest

from otrs_web.logging_setup import REQUESTS, LineFormatter

MADE = r"[0-9a-f]{32}"


def from_elsewhere(app):
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://site.test")


@pytest.mark.parametrize("path", ["/", "/tickets.json?bad=1", "/nowhere", "/health/live", "/metrics"])
async def test_every_answer_has_one_of_its_own(client, path):
    ids = {(await client.get(path)).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch(MADE, request_id) for request_id in ids)


async def test_that_of_a_trusted_proxy_is_taken_and_that_of_anybody_else_is_not(app, client):
    given = {"x-request-id": "0123-abcDEF"}
    assert (await client.get("/", headers=given)).headers["x-request-id"] == "0123-abcDEF"
    async with from_elsewhere(app) as stranger:
        assert re.fullmatch(MADE, (await stranger.get("/", headers=given)).headers["x-request-id"])


@pytest.mark.parametrize(
    "given",
    [b"", b"short-7", b"x" * 65, b"with blank", b"a;b;c;d;e", b"line\x0bbreak", b"caf\xc3\xa9caf\xc3\xa9"],
)
async def test_one_that_makes_no_sense_is_replaced(client, given):
    answer = await client.get("/", headers=[(b"x-request-id", given)])
    assert re.fullmatch(MADE, answer.headers["x-request-id"])


async def test_a_problem_says_it_as_well(client):
    answer = await client.get("/tickets.json?bad=1")
    assert answer.json()["instance"] == f"urn:request:{answer.headers['x-request-id']}"


async def test_it_stands_in_every_line_that_is_logged_meanwhile(app, client, caplog, monkeypatch):
    formatter = LineFormatter("web")
    lines = []
    # given back afterwards: all tests of this process share the handler
    monkeypatch.setattr(caplog.handler, "emit", lambda record: lines.append(formatter.format(record)))
    caplog.set_level(logging.INFO, REQUESTS)
    app.state.records = None
    request_id = (await client.get("/results?q=Miller")).headers["x-request-id"]
    assert [line.rpartition(" [")[2] for line in lines if REQUESTS in line] == [f"request_id={request_id}]"]
    assert f"GET /results failed [request_id={request_id}] | Traceback" in lines[0]
    assert "Miller" not in "".join(lines)
