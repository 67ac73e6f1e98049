"""The pages' own part: addresses, fragments, what a filter is in words. The figures are tested elsewhere."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from otrs_web.database import Database
from otrs_web.imports.service import accept
from otrs_web.settings import Settings
from otrs_web.stats.wording import LABELS, VALUES
from otrs_web.tickets.filter import TicketFilter
from otrs_web.web.chips import chips
from otrs_web.web.pages import page_numbers
from tests.support import store_tickets

CHOSEN = [
    ("from", "2026-01-01"),
    ("state", "open"),
    ("state", "(none)"),
    ("open", "true"),
    ("age", "24h"),
    ("first_response", "empty"),
    ("upload_id", "3"),
    ("q", "a & b"),
    ("as_of", "2026-01-12T18:00"),
]


@pytest.mark.parametrize("path", ["/tickets/list", "/results/report"])
async def test_a_fragment_is_no_page_and_says_which_page_it_is_of(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, params={"state": "open", "q": "x"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.headers["hx-push-url"] == path.rsplit("/", 1)[0] + "?state=open&q=x"


async def test_page_and_fragment_show_the_same(client: httpx.AsyncClient, settings: Settings) -> None:
    store_tickets(settings, [{"created_date": "2026-01-02 08:00:00"}] * 3)
    page = (await client.get("/tickets?limit=2")).text
    fragment = (await client.get("/tickets/list?limit=2")).text
    assert fragment.strip() in page


@pytest.mark.parametrize(
    "path",
    [
        "/tickets?age=old",
        "/results?state_type=no",
        "/tickets?columns=some",
        "/uploads?page=0",
        "/tickets?x=1",
    ],
)
async def test_what_cannot_be_is_said_on_a_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert "<h1>" in answer.text
    name = urlsplit(path).query.split("=")[0]
    assert name in answer.text


@pytest.mark.parametrize(
    "path", ["/tickets/none", "/uploads/9", "/uploads/9/progress", "/upload/none.csv", "/uploads/9/file"]
)
async def test_what_is_not_there_is_a_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert answer.status_code == 404
    assert 'lang="zh-CN"' in answer.text


async def test_a_ticket_number_may_have_any_character(client: httpx.AsyncClient, settings: Settings) -> None:
    numbers = ["2026/17", "a b?c#d", "工单-1", "<i>"]
    store_tickets(settings, [{"ticket_number": number, "title": number} for number in numbers])
    links = re.findall(r'href="(/tickets/[^"]+)"', (await client.get("/tickets")).text)
    assert len(links) == len(numbers)
    for link in links:
        assert (await client.get(link)).status_code == 200


async def test_what_a_file_says_is_never_taken_for_markup(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    store_tickets(
        settings, [{"title": evil, "state": evil, "priority": evil, "queue": evil, "responsible": evil}]
    )
    for path in (
        "/tickets",
        "/tickets?columns=all",
        "/tickets/T00000",
        "/results",
        f"/tickets?q={'<script>'}",
    ):
        text = (await client.get(path)).text
        assert "<script>alert" not in text
        assert "<img" not in text


async def test_numbers_of_the_analysis_are_links_with_their_count(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    rows = [{"created_date": f"2026-01-{day:02} 08:00:00", "priority": "3 normal"} for day in range(1, 12)]
    store_tickets(settings, rows)
    found = re.findall(
        r'<a href="(/tickets\?[^"]*)" data-count="(\d+)">', (await client.get("/results")).text
    )
    assert len(found) > 20
    for link, count in found:
        listed = await client.get(link.replace("/tickets?", "/tickets.json?").replace("&amp;", "&"))
        assert listed.json()["total"] == int(count)


async def test_every_restriction_is_a_chip_that_takes_it_away() -> None:
    chosen = TicketFilter.parse(CHOSEN)
    made = list(chips(chosen, ("sort", "title")))
    assert [chip.name for chip in made] == [name for name, _ in chosen.items()]
    for chip, (name, value) in zip(made, chosen.items(), strict=True):
        rest = parse_qs(chip.without)
        assert value not in rest.get(name, [])
        assert rest.pop("sort") == ["title"]
        assert sum(len(values) for values in rest.values()) == len(CHOSEN) - 1


def test_every_name_of_the_filter_has_words() -> None:
    from dataclasses import fields

    assert {field.name.rstrip("_") for field in fields(TicketFilter)} == set(LABELS)
    assert set(VALUES) <= set(LABELS)


@pytest.mark.parametrize(
    ("total", "offset", "numbers"),
    [
        (0, 0, [1]),
        (10, 0, [1]),
        (11, 0, [1, 2]),
        (95, 40, [1, None, 4, 5, 6, None, 10]),
        (95, 90, [1, None, 9, 10]),
        (50, 20, [1, 2, 3, 4, 5]),
        (95, 5000, [1, None, 9, 10]),
    ],
)
def test_page_numbers(total: int, offset: int, numbers: list[int | None]) -> None:
    assert page_numbers(total, 10, offset).numbers == numbers


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("http://site.test/tickets?state=open", "/tickets?state=open"),
        ("http://evil.test//evil.test/", "/evil.test/"),
        ("http://evil.test/\\\\evil.test", "/evil.test"),
        ("", "/"),
    ],
)
async def test_a_choice_leads_back_and_never_to_another_host(
    client: httpx.AsyncClient, referer: str, target: str
) -> None:
    answer = await client.post("/language", data={"language": "zh-CN"}, headers={"referer": referer})
    assert answer.status_code == 303
    assert answer.headers["location"] == target
    assert answer.cookies["lang"] == "zh-CN"


@pytest.mark.parametrize(("path", "name"), [("/language", "language"), ("/theme", "theme")])
async def test_a_choice_that_there_is_not_is_refused(client: httpx.AsyncClient, path: str, name: str) -> None:
    assert (await client.post(path, data={name: "klingon"})).status_code == 400


async def test_an_empty_installation_says_what_to_do(client: httpx.AsyncClient) -> None:
    home = (await client.get("/", headers={"accept-language": "en"})).text
    assert "Drop an export here" in home
    assert 'action="/demo"' in home
    for path in ("/results", "/tickets", "/uploads"):
        assert 'href="/">Import an export</a>' in (await client.get(path)).text


async def queued(settings: Settings, filename: str) -> int:
    """An upload that nobody imports yet, with its file."""
    settings.uploads_dir.mkdir(exist_ok=True)
    (settings.uploads_dir / "stored.csv").write_bytes(b"as it came")
    db = Database(settings)
    upload_id = await accept(
        db, stored_filename="stored.csv", filename=filename, size_bytes=10, sha256="0" * 64, mode="replace"
    )
    await db.dispose()
    return upload_id


async def test_a_waiting_import_can_be_cancelled_and_stays_so(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    upload_id = await queued(settings, "a.csv")
    fragment = f"/uploads/{upload_id}/progress"
    assert 'hx-trigger="every 1s"' in (await client.get(fragment)).text
    for _ in range(2):
        answer = await client.post(f"/uploads/{upload_id}/cancel")
        assert answer.headers["location"] == f"/?upload={upload_id}"
    after = (await client.get(fragment, headers={"accept-language": "en"})).text
    assert "Import of a.csv was cancelled" in after
    assert "hx-trigger" not in after


async def test_a_file_comes_back_as_it_was_sent_under_its_name(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    name = '导出 <b>&".csv'
    upload_id = await queued(settings, name)
    assert (await client.get(f"/upload/{quote(name, safe='')}")).status_code == 200
    file = await client.get(f"/uploads/{upload_id}/file")
    assert file.content == b"as it came"
    assert quote(name, safe="") in file.headers["content-disposition"]
    assert file.headers["content-disposition"].startswith("attachment")
    assert "<b>" not in (await client.get("/uploads")).text
    (settings.uploads_dir / "stored.csv").unlink()
    assert (await client.get(f"/uploads/{upload_id}/file")).status_code == 404
