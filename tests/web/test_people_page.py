"""The page of people: whom it shows, what it remembers, and that every number is the length of its list."""

import pytest

from tests.stats.test_people import ROWS
from tests.support import store_tickets
from tests.web.test_numbers import linked_numbers, random_rows

PEOPLE = ["Ada", "Bo", "Cy", None]


async def page_of(client, query="", **options):
    return await client.get(f"/responsible-stats{query}", headers={"accept": "text/html"}, **options)


@pytest.mark.parametrize("period", ["total", "day", "week", "month"])
@pytest.mark.parametrize(
    "rest", ["", "&responsible=Ada&responsible=(none)", "&from=2026-01-08&to=2026-01-11"]
)
async def test_every_number_is_the_length_of_its_list(client, settings, period, rest):
    rows = [{**row, "responsible": PEOPLE[at % 4]} for at, row in enumerate(random_rows(3))]
    store_tickets(settings, rows)
    found = set(await linked_numbers(client, f"/responsible-stats?period={period}{rest}", "en"))
    assert len(found) > 10
    for address, number, _ in found:
        answer = (await client.get(address.replace("/tickets", "/tickets.json", 1) + "&limit=1")).json()
        assert answer["total"] == number, address


async def test_the_address_says_who_and_the_browser_remembers(client, settings):
    store_tickets(settings, ROWS)
    everybody = await page_of(client)
    assert everybody.status_code == 200
    assert "Everybody" in everybody.text
    chosen = await page_of(client, "?responsible=Bo&period=week&people=chosen")
    assert "1 person chosen" in chosen.text
    again = await page_of(client, "?period=month")
    assert (again.status_code, again.headers["location"]) == (
        303,
        "/responsible-stats?responsible=Bo&people=chosen&period=month",
    )
    assert (await client.get("/api/responsible-list")).json()["selected_responsibles"] == ["Bo"]
    assert "Everybody" in (await page_of(client, "?people=all")).text
    assert (await page_of(client)).status_code == 200


async def test_nobody_is_a_choice_too(client, settings):
    store_tickets(settings, ROWS)
    nobody = await page_of(client, "?people=chosen")
    assert "Nobody is chosen" in nobody.text
    assert (await page_of(client)).headers["location"] == "/responsible-stats?people=chosen"


async def test_a_fragment_says_its_page(client, settings):
    store_tickets(settings, ROWS)
    answer = await client.get("/responsible-stats/report?responsible=Ada&period=day&queue=&order=open")
    assert "<html" not in answer.text
    assert (
        answer.headers["hx-push-url"]
        == "/responsible-stats?responsible=Ada&people=chosen&period=day&order=open"
    )


async def test_owners_stand_in_and_the_page_says_so(client, settings):
    store_tickets(settings, [{"owner": "Ada", "created_date": "2026-01-12 09:00"}])
    text = (await page_of(client)).text
    assert "so their owners stand here" in text
    assert "/tickets?owner=Ada" in text


async def test_thousands_of_people_come_in_pages(client, settings):
    store_tickets(
        settings,
        [
            {"responsible": f"P{n:04}", "created_date": "2026-01-12 09:00", "state": "merged"}
            for n in range(300)
        ],
    )
    first, second = await page_of(client, "?period=day"), await page_of(client, "?period=day&person=30")
    assert "P0029" in first.text
    assert "1–30 of 300" in first.text
    assert "31–60 of 300" in second.text
    many = "&".join(f"responsible=P{n:04}" for n in range(101))
    refused = await client.get(f"/responsible-stats?{many}", headers={"accept": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["error"] == "101 people are chosen. Choose at most 100, or everybody."


@pytest.mark.parametrize(
    "query", ["period=year", "people=some", "order=size", "person=-1", "row=x", "colour=red", "from=never"]
)
async def test_what_cannot_be_is_refused(client, query):
    answer = await client.get(f"/responsible-stats?{query}", headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["field"] == query.partition("=")[0]


async def test_an_open_page_is_told_of_newer_data_only(client, settings):
    store_tickets(settings, ROWS)
    for path in ("/results", "/database", "/responsible-stats"):
        text = (await client.get(path, headers={"accept": "text/html"})).text
        newer = text.partition(f'hx-get="{path}/newer?')[2].partition('"')[0].replace("&amp;", "&")
        assert (await client.get(f"{path}/newer?{newer}")).status_code == 204
        store_tickets(settings, [{"ticket_number": f"new {path}", "created_date": "2026-01-12 09:00"}])
        answer = await client.get(f"{path}/newer?{newer}")
        assert (answer.status_code, "<html" in answer.text) == (200, False)
        assert 'id="report"' in answer.text
        assert "hx-push-url" not in answer.headers
