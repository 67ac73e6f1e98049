"""The analysis as files: what they say is what the pages and the JSON say, for every filter; nothing in a
ticket is acted upon, nothing is cut off, and clients of the original application get what they ask for."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
from sqlalchemy import select

from otrs_web.clock import frozen
from otrs_web.database import Database
from otrs_web.exports.analysis_text import analysis_text
from otrs_web.exports.analysis_workbook import analysis_xlsx
from otrs_web.exports.tables import Edition
from otrs_web.exports.width import display_width
from otrs_web.i18n import translations
from otrs_web.models import Statistic
from otrs_web.stats.records import Records
from otrs_web.tickets.filter import TicketFilter
from tests.support import AS_OF, QueryCounter, migrated, store_tickets

TICKETS = [
    {"created_date": "2026-01-12 10:00", "state": "open", "priority": "3 normal", "age": "8 h 0 m",
     "queue": "Raw", "title": "=1+1", "customer_id": "@evil"},
    {"created_date": "2026-01-11 10:00", "state": "new", "priority": "非常高", "age": "1 天 8 小时",
     "queue": "=cmd|' /C calc'!A0", "title": "-2", "first_response": "2026-01-11 11:00:00"},
    {"created_date": "2026-01-10 10:00", "state": "+open", "priority": None, "queue": "支持::账单"},
    {"created_date": "2026-01-02 10:00", "state": "open", "priority": "3 normal", "queue": "Raw",
     "closed_date": "2026-01-05 10:00", "responsible": "李 娜"},
    {"created_date": None, "state": "open", "priority": "1 very low", "queue": None},
    {"created_date": "2026-01-09 10:00", "state": "closed successful", "closed_date": "2026-01-10 09:00",
     "priority": "3 normal", "queue": "Raw", "service": "\x01bad & <worse>"},
]  # fmt: skip
FILTERS = ["", "queue=Raw", "open=true", "from=2026-01-10&to=2026-01-11", "age=24h&age=48_72h", "q=nothing",
           "as_of=2026-01-10T12:00", "open=false", "priority=(none)&priority=非常高",
           "first_response=given"]  # fmt: skip
SEGMENTS = {"24h": "24h", "24_48h": "24-48h", "48_72h": "48-72h", "72h": "72h"}
DETAILS = ["Ticket Number", "Age", "Created", "Priority", "State"]
AGE_LABELS = {"24h": "≤24 hours", "24_48h": "24-48 hours", "48_72h": "48-72 hours", "72h": ">72 hours"}


@pytest.fixture(autouse=True)
def tickets(settings):
    store_tickets(settings, TICKETS)


def pairs(query):
    return [tuple(pair.split("=")) for pair in query.split("&") if pair]


async def excel(client, query="", **headers):
    answer = await client.get("/export/excel", params=pairs(query), headers=headers)
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


async def text(client, query="", **headers):
    answer = await client.get("/export/txt", params=pairs(query), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(book, name):
    return [list(row) for row in book[name].iter_rows(min_row=2, values_only=True)]


def section(content, heading):
    """The lines below a heading and its rule, up to the next blank one."""
    lines = content.split("\n")
    at = lines.index(heading)
    end = lines.index("", at) if "" in lines[at:] else len(lines)
    return lines[at + 2 : end]


async def stats_of(client, query):
    return (await client.get("/database-stats", params=pairs(query))).json()["stats"]


async def details_of(client, query):
    """The tickets by age segment, and those that nobody has answered, as the JSON answers list them."""
    body = {}
    for name, value in pairs(query):
        body.setdefault(name, []).append(value)
    found = {}
    for segment in SEGMENTS:
        answer = await client.post("/age-details", json={"age_segment": segment, **body})
        found[segment] = [ticket["ticket_number"] for ticket in answer.json()["details"]]
    answer = await client.post("/empty-firstresponse-details", json=body)
    found["unanswered"] = [ticket["ticket_number"] for ticket in answer.json()["details"]]
    return found


@pytest.mark.parametrize("query", FILTERS)
async def test_a_workbook_says_what_the_figures_and_lists_say(client, query):
    book, stats = await excel(client, query), await stats_of(client, query)
    assert dict(rows(book, "Summary")[:5]) == {
        "Total Records": stats["total_records"],
        "Current Open Tickets": stats["current_open_count"],
        "Empty FirstResponse": stats["empty_firstresponse_count"],
        "Reopened Tickets": stats["reopened_count"],
        "Undated Open Tickets": stats["undated_open_count"],
    }
    daily = rows(book, "Daily Statistics")
    assert [day for day, *_ in daily] == sorted((day for day, *_ in daily), reverse=True)
    for at, name in enumerate(("daily_new", "daily_closed", "daily_open"), start=1):
        assert {row[0].date().isoformat(): row[at] for row in daily} == stats[name]
    for sheet, name in (
        ("Priority Distribution", "priority_distribution"),
        ("State Distribution", "state_distribution"),
        ("Empty FirstResponse by Priority", "empty_firstresponse_by_priority"),
    ):
        assert {row[0]: row[1] for row in rows(book, sheet)} == stats[name]
    for field in ("Queue", "Type", "Service", "Responsible", "Owner", "Customer"):
        assert sum(row[1] for row in rows(book, f"{field} Distribution")) == stats["total_records"]
    ages = [row[1] for row in rows(book, "Age Segments")]
    assert ages[:4] == list(stats["age_segments"].values())
    assert sum(ages[4:]) == stats["open_age_unknown"]


@pytest.mark.parametrize("query", FILTERS)
async def test_a_workbook_has_the_tickets_behind_every_figure(client, query):
    book, stats = await excel(client, query), await stats_of(client, query)
    expected = await details_of(client, query)
    for segment, name in SEGMENTS.items():
        listed = [row[0] for row in rows(book, f"Age {name} Details")]
        assert listed == expected[segment]
        assert len(listed) == stats["age_segments"][f"age_{segment}"]
    listed = [row[0] for row in rows(book, "Empty FirstResponse Details")]
    assert listed == expected["unanswered"]
    assert len(listed) == stats["empty_firstresponse_count"]
    assert ("Age unknown Details" in book.sheetnames) == (stats["open_age_unknown"] > 0)


@pytest.mark.parametrize("query", FILTERS)
async def test_a_text_says_what_the_figures_and_lists_say(client, query):
    content, stats = await text(client, query), await stats_of(client, query)
    assert section(content, "SUMMARY")[:3] == [
        f"Total Records: {stats['total_records']}",
        f"Current Open Tickets: {stats['current_open_count']}",
        f"Empty FirstResponse: {stats['empty_firstresponse_count']}",
    ]
    assert section(content, "DAILY STATISTICS") == [
        f"{day}: New={new}, Closed={stats['daily_closed'][day]}, Open={stats['daily_open'][day]}"
        for day, new in sorted(stats["daily_new"].items(), reverse=True)
    ]
    for heading, name in (
        ("PRIORITY DISTRIBUTION", "priority_distribution"),
        ("STATE DISTRIBUTION", "state_distribution"),
        ("EMPTY FIRSTRESPONSE (By Priority)", "empty_firstresponse_by_priority"),
    ):
        assert _counts(section(content, heading)) == stats[name]
    ages, expected = _counts(section(content, "AGE SEGMENTS (Open Tickets)")), await details_of(client, query)
    for segment, label in AGE_LABELS.items():
        listed = [line.split()[0] for line in section(content, f"{label.upper()} DETAILS")[2:]]
        assert listed == expected[segment]
        assert len(listed) == ages[label] == stats["age_segments"][f"age_{segment}"]
    listed = [line.split()[0] for line in section(content, "EMPTY FIRSTRESPONSE DETAILS")[2:]]
    assert listed == expected["unanswered"]
    assert len(listed) == stats["empty_firstresponse_count"]


def _counts(lines):
    return {name: int(number) for name, number in (line.rsplit(":", 1) for line in lines)}


async def test_columns_are_aligned_whatever_the_script(client):
    content = await text(client)
    for heading in ("PRIORITY DISTRIBUTION", "QUEUE DISTRIBUTION", "AGE SEGMENTS (Open Tickets)"):
        assert len({display_width(line) for line in section(content, heading)}) == 1, heading
    head, _rule, *lines = section(content, "EMPTY FIRSTRESPONSE DETAILS")
    at = display_width(head[: head.index("State")])
    for line in lines:
        state = re.split(r"  +", line)[-1]
        assert display_width(line[: line.rindex(state)]) == at


async def test_both_files_say_what_they_are_about(client):
    query = "queue=Raw&queue=(none)&from=2026-01-01"
    with frozen(datetime(2026, 1, 13, 8, 30, 15, tzinfo=UTC)):
        book, content = await excel(client, query), await text(client, query)
        answer = await client.post("/export/txt")
    about = [[cell for cell in row if cell is not None] for row in book["About"].values]
    assert book.sheetnames[0] == "About"
    assert ["Data as of", AS_OF] in about
    assert ["Generated at", datetime(2026, 1, 13, 9, 30, 15)] in about
    assert ["Tickets", 3] in about
    assert ["Created from", "2026-01-01"] in about
    assert ["Queue", "Raw, (none)"] in about
    assert ["Overview", "Reopened"] in [row[:2] for row in about]
    head = content.split("\n")[:8]
    assert head == [
        "=" * 60,
        "OTRS TICKET ANALYSIS REPORT",
        "=" * 60,
        "Generated: 2026-01-13 09:30:15",
        "Data as of: 2026-01-12 18:00:00",
        "Filter:",
        "  Created from: 2026-01-01",
        "  Queue: Raw, (none)",
    ]
    assert "  Reopened: Open tickets that had been closed" in content
    assert 'filename="otrs_analysis_20260113_093015.txt"' in answer.headers["content-disposition"]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_names_stay_english_where_scripts_look_for_them(client):
    chinese = {"accept-language": "zh"}
    book, content = await excel(client, **chinese), await text(client, **chinese)
    assert book.sheetnames == (await excel(client)).sheetnames
    assert book["State Distribution"]["A1"].value == "状态"
    assert rows(book, "Summary")[0][0] == "Total Records"
    for heading in ("SUMMARY", "DAILY STATISTICS", "≤24 HOURS DETAILS", "EMPTY FIRSTRESPONSE DETAILS"):
        assert f"\n{heading}\n" in content


async def test_text_that_looks_like_a_formula_stays_text(client):
    book = await excel(client)
    answer = await client.get("/export/excel")
    for name in zipfile.ZipFile(io.BytesIO(answer.content)).namelist():
        if name.startswith("xl/worksheets/"):
            assert b"<f>" not in zipfile.ZipFile(io.BytesIO(answer.content)).read(name)
    cells = {cell.value: cell for sheet in book for row in sheet.iter_rows() for cell in row}
    for dangerous in ("=1+1", "-2", "=cmd|' /C calc'!A0", "+open", "@evil", "_x0001_bad & <worse>"):
        assert cells[dangerous].data_type == "s"
        assert cells[dangerous].hyperlink is None
    listed = (await client.get("/tickets.csv")).text
    assert ",'=1+1," in listed
    assert ",'+open," in listed


async def test_sheets_have_real_values_a_frozen_head_and_a_filter(client):
    book = await excel(client)
    for sheet in book:
        if sheet.title not in ("About", "Charts"):
            assert sheet.freeze_panes == "B2", sheet.title
            assert sheet.auto_filter.ref.startswith("A1:"), sheet.title
    first = book["Daily Statistics"]["A2"]
    assert (first.value, first.number_format) == (datetime(2026, 1, 12), "yyyy-mm-dd")
    created = book["Age 24h Details"]["C2"]
    assert (created.value, created.number_format) == (datetime(2026, 1, 12, 10), "yyyy-mm-dd hh:mm:ss")
    share = book["Queue Distribution"]["C2"]
    assert (share.value, share.number_format) == (0.5, "0.0%")


async def test_charts_are_excels_own_and_refer_to_the_sheets(client):
    answer = await client.get("/export/excel")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    charts = [archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name]
    assert len(charts) == 6
    assert '<c:barChart><c:barDir val="col"/>' in charts[0]
    assert "<c:f>'Daily Statistics'!$B$2:$B$12</c:f>" in charts[0]
    assert '<a:srgbClr val="0072B2"/>' in charts[0]
    assert '<a:srgbClr val="009E73"/>' in charts[0]
    assert "<c:lineChart>" in charts[1]
    assert '<a:srgbClr val="D55E00"/>' in charts[1]
    names = ("Age Segments", "Priority Distribution", "State Distribution", "Queue Distribution")
    for chart, name in zip(charts[2:], names, strict=True):
        assert '<c:barDir val="bar"/>' in chart
        assert f"<c:f>'{name}'!$B$2:$B$" in chart


async def test_a_chart_shows_ten_values_and_the_sheet_all(client, settings):
    store_tickets(settings, [{"ticket_number": f"Q{n}", "queue": f"queue {n}"} for n in range(30)])
    answer = await client.get("/export/excel")
    chart = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/charts/chart6.xml").decode()
    assert "<c:f>'Queue Distribution'!$B$2:$B$11</c:f>" in chart
    assert "Tickets by queue: 10 of 34 values" in chart
    assert len(rows(await excel(client), "Queue Distribution")) == 34


async def test_years_are_charted_by_week(client, settings):
    store_tickets(settings, [{"ticket_number": "old", "created_date": "2023-01-04 10:00"}])
    book = await excel(client)
    weeks = rows(book, "Weekly Statistics")
    assert (weeks[0][0], weeks[-1][0]) == ("2026-W03", "2023-W01")
    assert rows(book, "Daily Statistics")[-1][0] == datetime(2023, 1, 4)


async def test_a_client_of_the_original_application_gets_the_servers_figures(client):
    answer = (await client.get("/database-stats")).json()
    body = answer | {
        "stats": {"total_records": 99},
        "total_records": 99,
        "daily_new": {"2026-01-01": 99},
        "age_segments": {"age_24h": 99},
        "filename": "x.xlsx",
        "new_records_count": 9,
        "updated_records_count": 9,
        "unchanged_records_count": 9,
        "warnings": [{"code": "x"}],
        "status": "done",
    }
    for ending in ("txt", "excel"):
        found = await client.post(f"/export/{ending}", json=body)
        assert found.status_code == 200
    assert "Total Records: 6" in (await client.post("/export/txt", json=body)).text
    narrowed = await client.post("/export/txt", json=body | {"queue": "Raw"})
    assert "Total Records: 3" in narrowed.text


@pytest.mark.parametrize("body", [None, b"", b"{}", b"null", b'{"queue": null, "state": "", "from": []}'])
async def test_an_empty_body_is_no_filter(client, body):
    headers = {"content-type": "application/json"} if body is not None else {}
    for ending in ("txt", "excel"):
        answer = await client.post(f"/export/{ending}", content=body, headers=headers)
        assert answer.status_code == 200
    assert "Total Records: 6" in (await client.post("/export/txt", content=body, headers=headers)).text


@pytest.mark.parametrize(
    ("body", "field"),
    [({"colour": "red"}, "colour"), ({"from": "yesterday"}, "from"), ({"stats": {}, "dialy": 1}, "dialy")],
)
async def test_what_is_unknown_or_impossible_is_refused_by_name(client, body, field):
    for ending in ("txt", "excel"):
        answer = await client.post(f"/export/{ending}", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert (await client.get(f"/export/{ending}?{field}=x")).status_code == 400


async def test_a_body_must_be_an_object(client):
    assert (await client.post("/export/txt", json=[1])).status_code == 400
    assert (await client.post("/export/txt", data={"queue": "Raw"})).status_code == 415


async def test_an_old_clients_thousand_details_are_not_too_much(client):
    body = {"empty_firstresponse_details": [{"ticket_number": "T" * 500}] * 5000}
    assert len(json.dumps(body)) > 2_000_000
    assert (await client.post("/export/txt", json=body)).status_code == 200


async def test_exports_are_written_down(client, settings):
    await excel(client, "queue=Raw")
    await text(client)
    await client._transport.app.state.records.write()
    db = Database(settings)
    async with db.read() as session:
        found = (await session.scalars(select(Statistic).order_by(Statistic.id))).all()
    await db.dispose()
    assert [(one.query_type, one.record_count) for one in found] == [("export_excel", 3), ("export_txt", 6)]


async def written(settings, write, db=None):
    """The bytes of a file of all tickets, made without the web."""
    db = db or Database(settings)
    edition = Edition(translations("en").gettext, settings.timezone, AS_OF)
    content = b"".join([piece async for piece in write(db, TicketFilter(), edition, Records(db))])
    await db.dispose()
    return content


@pytest.mark.parametrize("write", [analysis_xlsx, analysis_text])
async def test_a_file_costs_a_query_per_list_and_not_per_ticket(settings, write):
    more = [{"ticket_number": f"M{n}", "created_date": "2026-01-12 10:00"} for n in range(300)]
    store_tickets(settings, more)
    db = Database(settings)
    with QueryCounter(db) as counter:
        await written(settings, write, db)
    # the instant and the facts; the columns; the rows of six lists, and the instant again for each
    assert len(counter.statements) <= 3 + 6 * 2, counter.statements


async def test_an_empty_database_has_files_too(tmp_path):
    settings = migrated(tmp_path / "empty")
    book = openpyxl.load_workbook(io.BytesIO(await written(settings, analysis_xlsx)))
    assert dict(rows(book, "Summary"))["Total Records"] == 0
    assert rows(book, "Daily Statistics") == rows(book, "Age 24h Details") == []
    assert book["Charts"]["A1"].value == "No tickets to count here."
    content = (await written(settings, analysis_text)).decode()
    assert "Total Records: 0" in content
    assert re.split("  +", section(content, "≤24 HOURS DETAILS")[0]) == DETAILS
    assert section(content, "≤24 HOURS DETAILS")[2:] == []
