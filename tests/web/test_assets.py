"""Static files: an address for good, nothing beside the folder, nothing from another host."""

import gzip
import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from otrs_web.resources import folder
from otrs_web.web.assets import Assets, static_file, static_url

STATIC = folder("static")


@pytest.fixture(scope="module")
def client() -> TestClient[Litestar]:
    return TestClient(Litestar([static_file], openapi_config=None))


def test_a_file_is_kept_for_good_under_its_versioned_address(client: TestClient[Litestar]) -> None:
    answer = client.get(static_url("tokens.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.text == (STATIC / "tokens.css").read_text()


def test_an_older_version_gets_the_present_file_but_may_not_keep_it(client: TestClient[Litestar]) -> None:
    answer = client.get("/static/0123456789ab/vendor/htmx.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_files_are_compressed_only_for_those_who_say_they_can_read_it(client: TestClient[Litestar]) -> None:
    address = static_url("vendor/echarts.js")
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


@pytest.mark.parametrize(
    "name", ["nothing.css", "../pyproject.toml", "vendor", "..%2fpyproject.toml", "vendor/README.md"]
)
def test_nothing_else_is_given_away(client: TestClient[Litestar], name: str) -> None:
    assert client.get(f"/static/0123456789ab/{name}").status_code == 404


def test_a_page_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        static_url("typo.css")


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    first = Assets.load(tmp_path)
    (tmp_path / "a.css").write_text("b")
    second = Assets.load(tmp_path)
    (tmp_path / "a.css").write_text("a")
    assert first.version == Assets.load(tmp_path).version != second.version
    assert gzip.decompress(second.files["a.css"].gzipped or b"") == b"b"


def test_no_file_or_template_names_another_host() -> None:
    """The names of XML's languages and the line that says whose work a file is are no addresses to fetch."""
    harmless = re.compile(r"http://www\.w3\.org/|https://picocss\.com\)")
    paths = [
        *folder("templates").rglob("*.html"),
        *STATIC.rglob("*.css"),
        *STATIC.rglob("*.js"),
        *STATIC.rglob("*.svg"),
    ]
    found = {
        (path.name, match[0])
        for path in paths
        for match in re.finditer(r"https?://[\w.]+[/)]?", path.read_text())
        if not harmless.match(match[0])
    }
    assert found == set()


def test_templates_and_scripts_have_nothing_that_the_content_security_policy_forbids() -> None:
    inline = re.compile(
        r"""<style|\sstyle=|<[^>]*\son[a-z]+=|javascript:|<script(?![^>]*(?:src=|application/json))"""
    )
    found = [path.name for path in folder("templates").rglob("*.html") if inline.search(path.read_text())]
    scripts = [
        path.name
        for path in STATIC.glob("*.js")
        if re.search(r"\beval\(|new Function|innerHTML|setAttribute\(.style", path.read_text())
    ]
    assert found == scripts == []
