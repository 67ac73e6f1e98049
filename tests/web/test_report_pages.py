"""What the pages of statistics say about the data around the figures, as the data come, change and go."""

import pytest
from sqlalchemy import insert, update

from otrs_web.clock import utc_now
from otrs_web.database import SyncDatabase
from otrs_web.imports.service import clear
from otrs_web.models import Statistic, Upload
from otrs_web.stats import records
from tests.support import QueryCounter, store_tickets

HTML = {"accept": "text/html"}
PAGES = ("/results", "/database", "/responsible-stats?people=all")
ROWS = [
    {"created_date": "2026-01-01 09:00", "age": "1 m"},
    {"created_date": "2026-01-11 15:30"},
    {"created_date": "2026-01-12 17:30"},
]


@pytest.fixture
def imported(settings):
    """Two imports of ROWS; before the second one there was one open ticket more."""
    store_tickets(settings, ROWS)
    db = SyncDatabase(settings)
    with db.write() as session:
        for number, tickets in enumerate((4, 3), 1):
            values = {"filename": f"export{number}.csv", "upload_time": utc_now(), "status": "done"}
            session.execute(insert(Upload).values(id=number, **values))
            session.add(
                Statistic(
                    query_type="main_analysis",
                    query_time=utc_now(),
                    upload_id=number,
                    total_records=tickets,
                    current_open_count=tickets,
                )
            )
    db.dispose()
    return settings


async def text_of(client, path):
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_cards_compare_what_they_show_with_the_import_before(client, imported):
    assert "1 fewer than in the import before" in await text_of(client, "/results")
    db = SyncDatabase(imported)
    with db.write() as session:
        session.execute(update(Statistic).where(Statistic.upload_id == 2).values(total_records=70))
    db.dispose()
    assert "1 fewer than in the import before" in await text_of(client, "/results")
    assert "fewer than" not in await text_of(client, "/results?open=true")


@pytest.mark.parametrize("page", PAGES)
async def test_without_tickets_a_page_is_as_before_the_first_import(client, app, imported, page):
    assert "export2.csv" in await text_of(client, page)
    await clear(app.state.db, address="192.0.2.7", user_agent="pytest")
    text = await text_of(client, page)
    assert "No tickets are stored yet" in text
    assert "export2.csv" not in text
    assert "import before" not in text
    assert (await client.get("/api/latest-upload-info")).json()["has_data"] is False


@pytest.mark.parametrize("page", PAGES)
async def test_the_data_line_tells_the_export_whatever_the_figures_are_as_of(client, imported, page):
    mark = "&" if "?" in page else "?"
    text = await text_of(client, f"{page}{mark}as_of=2026-01-10T12:00")
    assert "Data as of 2026-01-12 18:00" in text
    assert 'data-snapshot="2026-01-12T18:00:00"' in text


@pytest.mark.parametrize("page", ["/results", "/database"])
async def test_now_stays_now_in_the_address(client, imported, page):
    answer = await client.get(f"{page}/report?as_of=now&queue=Raw", headers=HTML)
    assert answer.headers["hx-push-url"] == f"{page}?queue=Raw&as_of=now"
    assert 'name="as_of" value="now"' in answer.text


async def test_the_tickets_of_an_age_are_as_old_as_it_says(client, imported):
    text = await text_of(client, "/database/tickets?open=true&age=72h&sort=created_date")
    assert "11 d 9 h" in text
    text = await text_of(client, "/database/tickets?open=true&sort=created_date&as_of=2026-01-12T17:35")
    assert ["11 d 8 h" in text, "1 d 2 h" in text, "5 min" in text] == [True, True, True]


async def test_a_page_of_the_list_says_which_data_it_is_of(client, imported):
    text = await text_of(client, "/tickets")
    assert "export2.csv" in text
    assert "Data as of 2026-01-12 18:00" in text


@pytest.fixture
def no_records(monkeypatch):
    """What was asked for is written down at the end alone, not beside the queries that a test counts."""
    monkeypatch.setattr(records, "PAUSE_S", 3600)


@pytest.mark.usefixtures("no_records")
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/results", 2),
        ("/results?queue=Raw", 2),
        ("/database?priority=(none)", 2),
        ("/database-stats", 1),
        ("/database-stats?open=true", 1),
        ("/responsible-stats?people=all&period=day", 8),
        ("/tickets?open=true&sort=-priority&offset=1", 6),
    ],
)
async def test_a_page_costs_a_fixed_number_of_queries(client, app, settings, path, queries):
    """Of a page that was asked for before, however many tickets there are."""
    for rows in (
        ROWS,
        [{"ticket_number": f"more {n}", "created_date": "2026-01-12 09:00"} for n in range(300)],
    ):
        store_tickets(settings, rows)
        await client.get(path, headers=HTML)
        with QueryCounter(app.state.db) as counter:
            answer = await client.get(path, headers=HTML)
        assert answer.status_code == 200
        assert len(counter.statements) == queries, counter.statements
