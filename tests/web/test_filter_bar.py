"""The filter bar: what its panels offer, whose numbers are those of lists, and that a panel loses nothing."""

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.options import pick
from otrs_web.web.bar import FIELDS, _spans
from otrs_web.web.chips import APART, chips
from tests.support import store_tickets
from tests.web.test_numbers import random_rows

HTML = {"accept": "text/html", "accept-language": "en"}


class Forms(HTMLParser):
    """The forms of a page with their fields as they would be sent, each by the panel that it is in."""

    def __init__(self, text):
        super().__init__()
        self.by_panel: dict[str, list[tuple[str, str]]] = {}
        self._panel = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "summary":
            self._panel = (given.get("id") or "").removeprefix("filter-")
        if tag == "form" and self._panel:
            self.by_panel[self._panel] = []
        is_sent = given.get("type") != "checkbox" or "checked" in given
        if tag == "input" and self._panel in self.by_panel and given.get("name") and is_sent:
            self.by_panel[self._panel].append((given["name"], given["value"]))

    def handle_endtag(self, tag):
        if tag == "details":
            self._panel = None


def offered(text, name):
    """The values of a field that can be ticked: (value, number of tickets, ticked)."""
    found = re.findall(
        rf'type="checkbox"\s+name="{name}"\s+value="([^"]*)"( checked)? />.*?<small>([\d,]+)</small>',
        text,
        re.DOTALL,
    )
    return [(unescape(value), int(number.replace(",", "")), bool(ticked)) for value, ticked, number in found]


def in_force(text):
    """The presets that are marked."""
    return [words.strip() for words in re.findall(r'aria-current="true">([^<]*)', text)]


def presets(text):
    """The addresses of those that choose days."""
    return re.findall(r'href="(/tickets[?][^"]*from=[^"]*to=[^"]*)"', text)


async def total(client, pairs):
    return (await client.get("/tickets.json", params=[*pairs, ("limit", "1")])).json()["total"]


@pytest.mark.parametrize("path", ["/results", "/tickets"])
@pytest.mark.parametrize(
    "query", ["", "state=open", "priority=(none)&state=new&state=open", "open=true&from=2026-01-08", "q=N000"]
)
async def test_each_number_is_that_of_the_list_with_this_value_instead(client, settings, path, query):
    rows = random_rows(3)
    for number, row in enumerate(rows):
        row["queue"] = ["Desk::A & B", "<Net>", None][number % 3]
    store_tickets(settings, rows)
    chosen = parse_qsl(query)
    text = (await client.get(path, params=chosen, headers=HTML)).text
    for name in ("queue", "priority", "state"):
        values = offered(text, name)
        assert len(values) > 2
        assert {value for value, _, ticked in values if ticked} == {v for n, v in chosen if n == name}
        for value, number, _ in values:
            others = [(n, v) for n, v in chosen if n != name]
            assert await total(client, [*others, (name, value)]) == number, (name, value)


async def test_a_panel_keeps_every_other_restriction_and_the_list_as_it_is(client, settings):
    store_tickets(settings, [{"queue": "Desk", "priority": "3 normal", "created_date": "2026-01-02"}] * 2)
    chosen = [
        ("from", "2026-01-01"),
        ("queue", "Desk"),
        ("queue", "(none)"),
        ("open", "true"),
        ("age", "24h"),
        ("first_response", "empty"),
        ("reopened", "false"),
        ("created_on", "2026-W01"),
        ("closed_on", "2026-01"),
        ("upload_id", "3"),
        ("q", "a & b"),
        ("as_of", "2026-01-12T18:00"),
        ("sort", "priority"),
        ("limit", "20"),
        ("columns", "all"),
    ]
    forms = Forms((await client.get("/tickets", params=chosen, headers=HTML)).text).by_panel
    assert set(forms) == {"created", "queue", "priority", "state", "as_of"}
    for panel, sent in forms.items():
        assert sorted(pair for pair in sent if pair[1]) == sorted(chosen), panel
        answer = await client.get("/tickets/list", params=sent)
        assert answer.status_code == 200
        pushed = parse_qsl(urlsplit(answer.headers["hx-push-url"]).query, keep_blank_values=True)
        assert sorted(pushed) == sorted(chosen)


async def test_blank_fields_do_not_get_into_the_address(client, settings):
    store_tickets(settings, [{"queue": "Desk"}])
    for path, page in (("/results/report", "/results"), ("/tickets/list", "/tickets")):
        answer = await client.get(path, params={"from": "", "to": "", "as_of": ""})
        assert answer.headers["hx-push-url"] == page


async def test_presets_count_back_from_the_day_of_the_data(client, settings):
    store_tickets(settings, [{"queue": "Desk"}])
    for query, day in (("", "2026-01-12"), ("as_of=2025-03-31T08:00", "2025-03-31")):
        text = (await client.get(f"/tickets?queue=Desk&sort=title&{query}", headers=HTML)).text
        links = [dict(parse_qsl(urlsplit(unescape(a)).query)) for a in presets(text)]
        assert len(links) == 7
        assert all(link["queue"] == "Desk" and link["sort"] == "title" for link in links)
        assert (links[0]["from"], links[0]["to"]) == (day, day)
        for link in links:
            assert (await client.get("/tickets/list", params=link)).status_code == 200


@pytest.mark.parametrize(
    ("day", "year", "month_before"),
    [
        ("2026-01-12", "2025-01-13", ("2025-12-01", "2025-12-31")),
        ("2024-02-28", "2023-03-01", ("2024-01-01", "2024-01-31")),
        ("2024-02-29", "2023-03-01", ("2024-01-01", "2024-01-31")),
        ("2025-02-28", "2024-03-01", ("2025-01-01", "2025-01-31")),
        ("2026-12-31", "2026-01-01", ("2026-11-01", "2026-11-30")),
        ("2024-03-31", "2023-04-01", ("2024-02-01", "2024-02-29")),
    ],
)
def test_spans_of_presets(day, year, month_before):
    spans = {label: (str(first), str(last)) for label, first, last in _spans(date.fromisoformat(day))}
    assert spans["Last 12 months"] == (year, day)
    assert spans["Last month"] == month_before
    assert spans["This month"] == (day[:8] + "01", day)


async def test_the_preset_in_force_is_marked(client, settings):
    store_tickets(settings, [{"queue": "Desk"}])
    for query, words in (("", "Everything"), ("from=2026-01-06&to=2026-01-12", "Last 7 days")):
        text = (await client.get(f"/tickets?{query}", headers=HTML)).text
        assert in_force(text) == [words, "Latest export"]
    text = (await client.get("/tickets?as_of=now", headers=HTML)).text
    assert in_force(text)[-1] == "Now"
    text = (await client.get("/tickets?as_of=2026-01-02", headers=HTML)).text
    assert 'value="2026-01-02T23:59:59"' in text


async def test_there_is_no_panel_for_what_no_ticket_has(client, settings):
    store_tickets(settings, [{"queue": "Desk", "owner": "Li"}, {"queue": None}])
    panels = Forms((await client.get("/tickets", headers=HTML)).text).by_panel
    assert list(panels) == ["created", "queue", "state", "owner", "as_of"]
    # what an address restricts has one all the same, and none is lost where a filter leaves no ticket
    panels = Forms((await client.get("/tickets?service=x", headers=HTML)).text).by_panel
    assert list(panels) == ["created", "queue", "state", "service", "owner", "as_of"]


@pytest.fixture
def many(settings):
    rows = [{"customer_id": f"Customer {n:04}"} for n in range(1500)]
    rows += [{"customer_id": "Busy"}] * 3 + [{"customer_id": None}] * 2 + [{"customer_id": "ÄRGER & Söhne"}]
    store_tickets(settings, [{**row, "ticket_number": f"N{n}"} for n, row in enumerate(rows)])


@pytest.mark.usefixtures("many")
async def test_of_many_values_the_most_frequent_are_there_and_a_search_finds_the_others(client):
    values = offered((await client.get("/tickets", headers=HTML)).text, "customer_id")
    assert values[:2] == [("Busy", 3, False), ("(none)", 2, False)]
    assert len(values) == 30
    text = (await client.get("/filter/values?of=customer_id", headers=HTML)).text
    assert "<html" not in text
    assert offered(text, "customer_id")[:30] == values
    assert len(offered(text, "customer_id")) == 100
    assert "1,403 more: search to find them" in text
    assert "No value" in text
    for search, found in (("äRGer", ["ÄRGER & Söhne"]), ("er 149", [f"Customer 149{n}" for n in range(10)])):
        text = (await client.get("/filter/values", params={"of": "customer_id", "search": search})).text
        assert [value for value, *_ in offered(text, "customer_id")] == found
    text = (await client.get("/filter/values?of=customer_id&search=zzz", headers=HTML)).text
    assert offered(text, "customer_id") == []
    assert "Nothing found." in text


@pytest.mark.usefixtures("many")
async def test_what_is_ticked_outlives_a_search_that_finds_something_else(client):
    ticked = [("customer_id", "Customer 0777"), ("customer_id", "Busy"), ("customer_id", "gone")]
    query = [("of", "customer_id"), ("state", "open"), *ticked]
    values = offered((await client.get("/filter/values", params=query)).text, "customer_id")
    assert values[:3] == [("Busy", 3, True), ("Customer 0777", 1, True), ("gone", 0, True)]
    answer = await client.get("/filter/values", params=[*query, ("search", "r 077")])
    values = offered(answer.text, "customer_id")
    assert values[:2] == [("Customer 0777", 1, True), ("Customer 0770", 1, False)]
    assert values[-2:] == [("Busy", 3, True), ("gone", 0, True)]
    assert len(values) == 12


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("of=password", "of"),
        ("", "of"),
        ("of=age", "of"),
        ("of=queue&x=1", "x"),
        ("of=queue&open=maybe", "open"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused(client, query, name):
    answer = await client.get(f"/filter/values?{query}", headers=HTML)
    assert answer.status_code == 400
    assert name in answer.text


def test_however_many_are_ticked_a_search_still_shows_what_it_finds():
    values = [(f"v{n:03}", 1) for n in range(500)]
    ticked = [f"v{n:03}" for n in range(150)]
    found = pick(values, "v4", ticked)
    assert [option.value for option in found.shown[20:]] == ticked
    assert not any(option.chosen for option in found.shown[:20])
    assert found.more == 80
    found = pick(values, "v14", [*ticked, "(none)"])
    assert [option.value for option in found.shown] == [
        *ticked[140:150],
        *ticked[:140],
        "(none)",
    ]


def test_many_values_of_one_name_are_one_chip():
    names = [str(n) for n in range(APART + 1)]
    chosen = TicketFilter.parse([*(("owner", name) for name in names), ("queue", "a"), ("queue", "b")])
    made = list(chips(chosen, ("sort", "title")))
    assert [(chip.name, chip.number) for chip in made] == [("owner", APART + 1), ("queue", 1), ("queue", 1)]
    assert made[0].without == "queue=a&queue=b&sort=title"


async def test_priorities_are_in_the_order_of_their_meaning(client, settings):
    rows = [{"priority": p} for p in ("5 very high", "1 very low", "3 normal", "3 normal", "4 high")]
    store_tickets(settings, [{**row, "ticket_number": str(n)} for n, row in enumerate(rows)])
    text = (await client.get("/results?priority=4+high", headers=HTML)).text
    assert [value for value, *_ in offered(text, "priority")] == [
        "1 very low",
        "3 normal",
        "4 high",
        "5 very high",
    ]


def test_every_field_of_the_bar_is_a_field_of_the_filter():
    chosen = TicketFilter()
    assert all(getattr(chosen, name) == () for name in FIELDS)
