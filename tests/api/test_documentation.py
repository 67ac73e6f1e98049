"""The API's description: complete, true, and readable without any other host."""

import re

import pytest

from otrs_web.api.documentation import operations
from otrs_web.app import create_app
from tests.api.conftest import PASSWORD
from tests.support import store_tickets

DOCUMENTED = {
    "POST /upload",
    "POST /demo",
    "GET /processing-status",
    "GET /database-stats",
    "POST /age-details",
    "POST /empty-firstresponse-details",
    "GET /api/latest-upload-info",
    "POST /clear-database",
    "GET /tickets.json",
    "GET /tickets.csv",
    "GET /tickets.xlsx",
    "GET /api/daily-stats-auth-status",
    "POST /api/daily-stats-authenticate",
    "POST /api/daily-stats-logout",
    "GET /health/live",
    "GET /health/ready",
}
PAGES = {"/", "/results", "/tickets", "/uploads"}


@pytest.fixture
def schema(settings):
    return create_app(settings).openapi_schema.to_schema()


def test_every_endpoint_for_programs_is_described_and_no_page_is(schema):
    found = {f"{operation.method} {operation.path}": operation for operation in operations(schema)}
    assert set(found) >= DOCUMENTED
    assert not {operation.path for operation in found.values()} & PAGES
    for operation in found.values():
        assert operation.summary
        assert operation.tag
        assert operation.answers


def test_errors_are_described_in_the_shape_that_they_have(schema):
    for path in ("/tickets.json", "/processing-status"):
        content = schema["paths"][path]["get"]["responses"]["400"]["content"]
        assert list(content) == ["application/problem+json"]


def test_the_filter_is_described_wherever_it_is_taken(schema):
    for path in ("/tickets.json", "/tickets.csv", "/tickets.xlsx", "/database-stats"):
        names = {parameter["name"] for parameter in schema["paths"][path]["get"]["parameters"]}
        assert {"from", "to", "state", "age", "open", "created_on", "q", "as_of"} <= names
    assert "after" in {p["name"] for p in schema["paths"]["/tickets.json"]["get"]["parameters"]}


def test_the_form_of_an_upload_is_described(schema):
    content = schema["paths"]["/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(content["properties"]) == {"file", "clear_existing", "mode", "as_of"}
    assert content["required"] == ["file"]


ANSWERS = [
    ("GET", "/tickets.json"),
    ("GET", "/database-stats"),
    ("GET", "/processing-status"),
    ("GET", "/api/latest-upload-info"),
    ("GET", "/health/live"),
    ("POST", "/empty-firstresponse-details"),
    ("POST", "/clear-database"),
]


@pytest.mark.parametrize(("method", "path"), ANSWERS)
async def test_answers_have_exactly_the_fields_that_are_described(client, settings, schema, method, path):
    store_tickets(settings, [{"created_date": "2026-01-01 10:00"}])
    body = {"auth_password": PASSWORD} if path == "/clear-database" else None
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 200
    described = next(o for o in operations(schema) if (o.method, o.path) == (method, path))
    fields = next(a.fields for a in described.answers if a.status == "200")
    assert {field.name for field in fields} == set(answer.json())


async def test_the_page_shows_every_operation_and_needs_no_other_host(client):
    page = (await client.get("/schema")).text
    for operation in DOCUMENTED:
        method, path = operation.split()
        assert f"{method} {path}" in page
    assert not re.search(r"""["'](https?:)?//""", page)
    assert "openapi.json" in page
    document = await client.get("/schema/openapi.json")
    assert document.json()["openapi"].startswith("3.1")
