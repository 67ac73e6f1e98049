"""Static files: an address for good, nothing beside the folder, nothing from another host."""

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import brotli
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from otrs_web.resources import folder
from otrs_web.web.assets import BUNDLES, Asset, Assets, static_file, static_url

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
    answer = client.get("/static/vendor/htmx.0123456789ab.js")
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
    assert client.get(f"/static/{name}").status_code == 404
    assert client.get(f"/static/{name}".replace(".", ".0123456789ab.")).status_code == 404


def test_a_page_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        static_url("typo.css")


def test_the_address_follows_the_content(tmp_path: Path) -> None:
    def load(content: str) -> Asset:
        (tmp_path / "a.css").write_text(content)
        return Assets.load(tmp_path, {}).files["a.css"]

    first, second = load("a"), load("b")
    assert first.address == load("a").address != second.address
    assert first.tag == load("a").tag != second.tag
    assert gzip.decompress(second.packed("gzip")) == brotli.decompress(second.packed("br")) == b"b"


def test_the_address_of_a_script_follows_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "a.js").write_text('import { b } from "./vendor/b.js";\n')

    def load(imported: str) -> Mapping[str, Asset]:
        (tmp_path / "vendor" / "b.js").write_text(imported)
        return Assets.load(tmp_path, {}).files

    first, second = load("1"), load("2")
    assert first["a.js"].address != second["a.js"].address
    for files in (first, second):
        assert files["a.js"].body.decode() == f'import {{ b }} from "./{files["vendor/b.js"].address}";\n'


def test_every_import_of_a_script_of_ours_names_the_content(client: TestClient[Litestar]) -> None:
    imports = 0
    for path in STATIC.glob("*.js"):
        script = client.get(static_url(path.name)).text
        written = len(re.findall(r"^import |\bimport\(", path.read_text(), re.MULTILINE))
        named = re.findall(r'^import [^;]+ from "\./([^"]+)";', script, re.MULTILINE)
        assert len(named) == written
        for name in named:
            assert "immutable" in client.get(f"/static/{name}").headers["cache-control"]
        imports += written
    assert imports


def test_style_sheets_of_every_page_are_one_file_in_their_order(client: TestClient[Litestar]) -> None:
    sheet = client.get(static_url("app.css")).text
    parts = [(STATIC / name).read_text() for name in BUNDLES["app.css"]]
    places = [sheet.index(part) for part in parts]
    assert places == sorted(places)
    on_paper = sheet[places[-2] + len(parts[-2]) :]
    assert on_paper == f"@media print {{\n{parts[-1]}}}\n"


def test_style_sheets_name_no_other_file() -> None:
    """A name in a bundle would mean another place, and none that tells its content."""
    sheets = {path.name: path.read_text() for path in STATIC.rglob("*.css")}
    named = {
        (name, url)
        for name, text in sheets.items()
        for url in re.findall(r"""url\((?!["']?data:)[^)]*|@import""", text)
    }
    assert sheets
    assert named == set()


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
