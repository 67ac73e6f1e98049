"""Every number on every page is the length of the list that it links to, on random data and in both
languages: the pages are read as a browser gets them, and each link is followed."""

import random
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from otrs_web.models import AGE_SEGMENTS
from tests.support import AS_OF, store_tickets

STATES = [
    "new",
    "open",
    "pending reminder",
    "closed successful",
    "merged",
    "removed",
    "Wartet & <hofft>",
    None,
]
PAGES = [
    "/results",
    "/results?open=true",
    "/results?from=2026-01-08&to=2026-01-11",
    "/results?as_of=2026-01-10T12:00",
    "/results?priority=4+high&priority=(none)",
    "/results?created_on=2026-W02",
    "/results?closed_on=2026-01-11",
    *(f"/results?age={age}" for age in AGE_SEGMENTS),
    "/settings",
]


class Links(HTMLParser):
    """The numbers that link to tickets: (address, number as said by data-count, number as shown)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int, str]] = []
        self._open: tuple[str, int] | None = None
        self._text = ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and "data-count" in given:
            self._open, self._text = (given["href"], int(given["data-count"])), ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if tag == "a" and self._open:
            self.found.append((*self._open, self._text.strip()))
            self._open = None


def random_rows(seed):
    chance = random.Random(seed)

    def moment():
        return AS_OF - timedelta(seconds=chance.randint(-86_400, 6 * 86_400))

    rows = []
    for number in range(120):
        created = moment() if chance.random() < 0.95 else None
        rows.append(
            {
                "ticket_number": f"N{number:04}",
                "created_date": str(created) if created else None,
                "closed_date": str(moment()) if chance.random() < 0.5 else None,
                "state": chance.choice(STATES),
                "priority": chance.choice(["3 normal", "4 high", "1 & 2 <low>", None]),
                "first_response": chance.choice([None, "2026-01-10 10:00:00"]),
                "estimated_created": None if created else chance.choice([None, AS_OF - timedelta(hours=30)]),
            }
        )
    return rows


async def linked_numbers(client, page, language):
    answer = await client.get(page, headers={"accept": "text/html", "accept-language": language})
    assert answer.status_code == 200, answer.text
    links = Links()
    links.feed(answer.text)
    return links.found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("page", PAGES)
async def test_every_number_is_the_length_of_its_list(client, settings, page, seed):
    store_tickets(settings, random_rows(seed))
    found = await linked_numbers(client, page, "zh-CN" if seed == 2 else "en")
    assert len(found) > 3, "a page of numbers links them"
    for address, number, shown in {(a, n, s) for a, n, s in found}:
        assert address.startswith("/tickets?") or address == "/tickets", address
        answer = (await client.get(address.replace("/tickets", "/tickets.json", 1))).json()
        assert answer["total"] == number, (page, address)
        if digits := shown.replace(",", ""):
            assert digits == str(number), (page, address, shown)
        assert datetime.fromisoformat(answer["as_of"]) <= AS_OF
