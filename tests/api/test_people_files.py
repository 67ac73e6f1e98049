"""Files of the figures by person say what the JSON says, whole, in both forms and both formats."""

import io

import pytest
from openpyxl import load_workbook

from otrs_web.exports.width import display_width
from tests.stats.test_people import ROWS
from tests.support import store_tickets

EXCEL, TEXT = "/api/export-responsible-excel", "/api/export-responsible-txt"
EVERYBODY = ["Ada", "Bo", "Cy", "(none)"]


def body(**changes):
    # as the page of the original application sent it
    return {
        "period": "week",
        "selectedResponsibles": EVERYBODY,
        "statsData": {"period_stats": {"wrong": {"Ada": 99}}},
        "totalsData": {"Ada": 99},
        "exportType": "summary",
        **changes,
    }


async def workbook(client, **changes):
    answer = await client.post(EXCEL, json=body(**changes), headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.text
    return load_workbook(io.BytesIO(answer.content))


def rows_of(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


async def stats_of(client, **request):
    answer = await client.post("/api/responsible-stats", json={"selected_responsibles": EVERYBODY, **request})
    return answer.json()["stats"]


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize("rest", [{}, {"from": "2026-01-01", "to": "2026-01-11"}])
async def test_the_summary_has_the_figures_of_the_answer(client, settings, period, rest):
    store_tickets(settings, ROWS)
    book = await workbook(client, period=period, **rest)
    assert book.sheetnames == ["About", "Summary", "Closed by period", "Charts"]
    stats = await stats_of(client, period=period, **rest)
    head, *persons, together = rows_of(book["Summary"])
    assert head[:4] == ["Person", "Tickets", "Closed", "Open"]
    assert {row[0]: row[2] for row in persons} == stats["total_by_responsible"]
    assert {row[0]: row[3] for row in persons} == stats["open_by_responsible"]
    assert {row[0]: row[4:8] for row in persons} == {
        who: list(ages.values()) for who, ages in stats["age_distribution"].items()
    }
    assert together[1:] == [sum(column) for column in zip(*(row[1:] for row in persons), strict=True)]
    head, *periods, sums = rows_of(book["Closed by period"])
    names = head[2:]
    cells = {row[0]: {who: n for who, n in zip(names, row[2:], strict=True) if n} for row in periods}
    assert {key: row for key, row in cells.items() if row} == stats["period_stats"]
    assert all(row[1] == sum(row[2:]) for row in [*periods, sums])
    assert sums[2:] == [sum(column) for column in zip(*(row[2:] for row in periods), strict=True)]


async def test_a_workbook_can_be_read_filtered_and_looked_at(client, settings):
    store_tickets(settings, ROWS)
    book = await workbook(client)
    sheet = book["Summary"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:I6"
    assert len(book["Charts"]._charts) == 1
    told = {row[0]: row[1] for row in rows_of(book["About"])}
    assert (told["People"], told["Person"], told["Period"]) == (4, "Responsible", "By week")
    assert str(told["Data as of"]) == "2026-01-12 18:00:00"


async def test_details_have_a_sheet_for_each_person_whatever_the_name(client, settings):
    names = ["Ada", "ada", "x/y [z]: *?\\", "=1+1", "'quoted'", "A" * 40, "A" * 39 + "B", "王芳", "😀" * 50]
    rows = [{"responsible": name, "created_date": "2026-01-10 09:00", "state": "merged"} for name in names]
    store_tickets(settings, rows)
    book = await workbook(client, exportType="details", period="day", selectedResponsibles=names)
    assert len(book.sheetnames) == len(names) + 1
    for sheet in book.worksheets[1:]:
        assert rows_of(sheet) == [["Day", "Closed"], ["2026-01-10", 1], ["All together", 1]]
    assert "王芳 details" in book.sheetnames
    total = await workbook(client, exportType="details", period="total", selectedResponsibles=["Ada"])
    assert rows_of(total["Ada details"]) == [["Period", "Closed"], ["All together", 1]]


async def test_names_that_look_like_formulas_stay_text(client, settings):
    store_tickets(settings, [{"responsible": "=cmd|' /C calc'!A0", "created_date": "2026-01-10 09:00"}])
    book = await workbook(client, selectedResponsibles=["=cmd|' /C calc'!A0"])
    cell = book["Summary"]["A2"]
    assert (cell.value, cell.data_type) == ("=cmd|' /C calc'!A0", "s")


async def test_the_text_is_aligned_in_chinese_too(client, settings):
    rows = [{**row, "responsible": {"Ada": "王小芳", "Bo": "Bo"}.get(row["responsible"])} for row in ROWS]
    store_tickets(settings, rows)
    request = body(selectedResponsibles=["王小芳", "Bo"], period="month")
    answer = await client.post(TEXT, json=request, headers={"accept-language": "zh-CN"})
    text = answer.text
    assert "RESPONSIBLE WORKLOAD STATISTICS REPORT" in text
    assert "Selected Responsibles: 王小芳, Bo" in text
    table = text.partition("PERIOD BREAKDOWN STATISTICS\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert [line.split()[0] for line in table] == [
        "月份",
        "-" * display_width(table[1]),
        "2026-01",
        "2025-12",
        "合计",
    ]
    assert len({display_width(line) for line in table}) == 1


async def test_details_as_text(client, settings):
    store_tickets(settings, ROWS)
    answer = await client.post(TEXT, json=body(exportType="details", period="day"))
    parts = answer.text.split("DETAILS FOR: ")
    assert sorted(part.splitlines()[0] for part in parts[1:]) == ["(none)", "Ada", "Bo", "Cy"]
    lines = [line.split() for line in parts[1].splitlines()]
    assert [line for line in lines if line[:1] == ["2026-01-12"]] == [["2026-01-12", "1"]]


async def test_links_of_the_page_give_the_same_files(client, settings):
    store_tickets(settings, ROWS)
    query = "responsible=Ada&responsible=Bo&people=chosen&period=week&exportType=summary&person=0"
    linked = await client.get(f"{EXCEL}?{query}", headers={"accept-language": "en"})
    posted = await workbook(client, selectedResponsibles=["Ada", "Bo"])
    book = load_workbook(io.BytesIO(linked.content))
    for name in ("Summary", "Closed by period"):
        assert rows_of(book[name]) == rows_of(posted[name])
    everybody = load_workbook(io.BytesIO((await client.get(f"{EXCEL}?people=all")).content))
    assert len(rows_of(everybody.worksheets[1])) == 6
    assert 'filename="responsible_stats_summary_' in linked.headers["content-disposition"]
    assert (await client.get(f"{TEXT}?{query}")).status_code == 200


@pytest.mark.parametrize("path", [EXCEL, TEXT])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"selectedResponsibles": None}, "selectedResponsibles"),
        ({"selectedResponsibles": []}, "selectedResponsibles"),
        ({"selectedResponsibles": "Ada"}, "selectedResponsibles"),
        ({"period": "year"}, "period"),
        ({"exportType": "everything"}, "exportType"),
        ({"colour": "red"}, "colour"),
        ({"from": "soon"}, "from"),
    ],
)
async def test_what_cannot_be_is_refused(client, path, changes, field):
    answer = await client.post(path, json=body(**changes))
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_very_many_people_stand_below_each_other(client, settings):
    rows = [
        {"responsible": f"P{n:04}", "created_date": "2026-01-10 09:00", "state": "merged"} for n in range(600)
    ]
    rows.append({**rows[0], "created_date": "2026-01-11 09:00"})
    store_tickets(settings, rows)
    for kind, name in (("summary", "Closed by period"), ("details", "Details")):
        answer = await client.get(
            f"{EXCEL}?people=all&period=day&exportType={kind}", headers={"accept-language": "en"}
        )
        book = load_workbook(io.BytesIO(answer.content))
        head, *rows = rows_of(book[name])
        assert head == ["Person", "Day", "Closed"]
        assert len(rows) == 601
        assert [row for row in rows if row[0] == "P0000"] == [
            ["P0000", "2026-01-11", 1],
            ["P0000", "2026-01-10", 1],
        ]
    total = await client.get(f"{EXCEL}?people=all&exportType=details", headers={"accept-language": "en"})
    assert len(rows_of(load_workbook(io.BytesIO(total.content))["Details"])) == 601
    text = (await client.get(f"{TEXT}?people=all&period=day", headers={"accept-language": "en"})).text
    assert text.partition("PERIOD BREAKDOWN")[2].count("2026-01-10") == 600


@pytest.mark.parametrize(
    "query", ["people=chosen", "people=some", "order=size", "person=x", "row=-1", "period=year"]
)
async def test_a_link_that_cannot_be_is_refused(client, settings, query):
    store_tickets(settings, ROWS)
    answer = await client.get(f"{EXCEL}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])
