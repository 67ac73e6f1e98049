"""What every request must satisfy and every answer carries."""

import re

import httpx
import pytest

from otrs_web.security import CONTENT_SECURITY_POLICY

ANSWERS = [
    "/",
    "/results",
    "/tickets",
    "/tickets.json",
    "/tickets.csv",
    "/health/live",
    "/schema",
    "/nowhere",
]


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_forbids_what_pages_do_not_need(client, path):
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "private, no-cache"


def test_the_policy_allows_nothing_inline_and_no_other_host():
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert not re.search(r"unsafe|https?:|\*", CONTENT_SECURITY_POLICY)


@pytest.mark.parametrize("path", ["/", "/results", "/tickets", "/schema"])
async def test_pages_name_no_other_host_and_hold_nothing_inline(client, path):
    page = (await client.get(path)).text
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", page)
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))


async def test_static_files_are_kept_for_good_under_an_address_that_changes(client):
    page = (await client.get("/")).text
    path = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    older = await client.get(re.sub(r"\.\w+\.css$", ".0123456789ab.css", path))
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://site.test"}, False),
        ({"origin": "http://site.test"}, True),
        ({"origin": "https://SITE.test"}, True),
        ({"origin": "http://site.test:8080"}, False),
        ({"origin": "http://other.test"}, False),
        ({"origin": "http://site.test.evil.test"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://[broken"}, False),
    ],
)
async def test_only_our_own_pages_and_scripts_may_change_anything(client, headers, passes):
    for path in ("/age-details", "/upload", "/language", "/clear-database"):
        answer = await client.post(path, headers=headers)
        assert (answer.status_code != 403) is passes
    assert (await client.get("/tickets.json", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/age-details", "/empty-firstresponse-details", "/clear-database", "/api/daily-stats-authenticate"],
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=b", None]
)
async def test_json_endpoints_take_json_only(client, path, kind):
    headers = {"content-type": kind} if kind else {}
    answer = await client.post(path, content=b"a=1", headers=headers)
    assert answer.status_code == 415
    assert answer.json()["success"] is False


async def test_a_request_without_a_body_needs_no_content_type(client):
    assert (await client.post("/empty-firstresponse-details")).status_code == 200
    assert (await client.post("/api/daily-stats-logout")).status_code == 200


async def test_json_with_a_charset_is_json(client):
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    answer = await client.post("/empty-firstresponse-details", content=b"{}", headers=headers)
    assert answer.status_code == 200


async def test_a_head_request_is_answered_wherever_get_is(client):
    assert (await client.head("/health/live")).status_code == 200
    assert (await client.head("/nowhere")).status_code == 404


def test_a_server_sends_no_body_to_a_head_request(address):
    answer = httpx.head("http://{}:{}/schema".format(*address))
    assert (answer.status_code, answer.content) == (200, b"")


async def test_pages_are_compressed_and_downloads_are_not(client):
    accepts = {"accept-encoding": "gzip"}
    assert (await client.get("/schema", headers=accepts)).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in (await client.get("/schema", headers={"accept-encoding": ""})).headers
    for path in ("/tickets.csv", "/tickets.xlsx"):
        assert "content-encoding" not in (await client.get(path, headers=accepts)).headers
