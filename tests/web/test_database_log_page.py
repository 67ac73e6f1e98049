"""The page of the change log and its files: what they show, and that they show the same."""

import csv
import io
import re

import httpx
import openpyxl
import pytest
from litestar import Litestar

from otrs_web.clock import frozen
from otrs_web.database_log.reading import COLUMNS, PAGE_SIZE
from otrs_web.settings import Settings
from tests.database_log.writing import NOW, adopted, backed_up, imported, write, write_many
from tests.support import QueryCounter

HTML = {"accept": "text/html"}
EVIL = '=HYPERLINK("http://evil.test")<script>alert(1)</script>'
QUERIES = 6


async def rows_of(client: httpx.AsyncClient, path: str) -> list[list[str]]:
    text = (await client.get(path, headers=HTML)).text
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


async def test_an_entry_in_both_languages(client: httpx.AsyncClient, settings: Settings) -> None:
    write(settings, imported(), backed_up(), adopted())
    with frozen(NOW):
        text = (await client.get("/database-log")).text
        english = await rows_of(client, "/database-log")
        client.cookies.set("lang", "zh-CN")
        chinese = await rows_of(client, "/database-log")
    assert english[2] == [
        "2026-03-01 13:00",
        "Import",
        "Imported, replacing: 1,200 new, 3 updated, 0 unchanged.",
        "1,200",
        "192.0.2.9 · Firefox",
        "export.xlsx",
    ]
    assert english[1][1::3] == ["Backup", "By schedule"]
    assert english[0] == ["2026-03-01 13:00", "manual_edit", adopted()["operation_details"], "–", "root", "–"]
    assert "Browser: Mozilla/5.0" in text
    assert chinese[2][1] == "导入"
    assert chinese[2][2].startswith("已导入")
    assert chinese[1][1::3] == ["备份", "定时执行"]
    assert chinese[0][2] == english[0][2]


@pytest.mark.parametrize(
    ("number", "shown"), [(0, None), (1, "1–1 of 1"), (51, "1–50 of 51"), (10_000, "1–50 of 10,000")]
)
async def test_a_page_of_the_log_however_long(
    client: httpx.AsyncClient, app: Litestar, settings: Settings, number: int, shown: str | None
) -> None:
    write_many(settings, number)
    with QueryCounter(app.state.db) as queries:
        answer = await client.get("/database-log", headers=HTML)
    assert len(queries.statements) <= QUERIES
    assert answer.text.count("<tr>") == min(number, PAGE_SIZE) + (1 if number else 0)
    if shown:
        assert shown in answer.text
    else:
        assert "Nothing has been changed yet." in answer.text
    assert ('id="older"' in answer.text) is (number > PAGE_SIZE)


async def test_leafing_keeps_the_filter(client: httpx.AsyncClient, settings: Settings) -> None:
    write_many(settings, 130)
    page = (await client.get("/database-log?kind=upload&q=export", headers=HTML)).text
    older = re.search(r'id="older" href="([^"]+)"', page)
    assert older
    address = older[1].replace("&amp;", "&")
    assert address.startswith("/database-log?kind=upload&q=export&older_than=")
    page = (await client.get(address, headers=HTML)).text
    assert "51–100 of 117" in page
    newer = re.search(r'id="newer" href="([^"]+)"', page)
    assert newer
    assert "1–50 of 117" in (await client.get(newer[1].replace("&amp;", "&"), headers=HTML)).text


async def test_page_and_fragment_show_the_same_and_name_the_page(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    write(settings, imported(), backed_up())
    query = "kind=backup&from=2026-03-01&q=backup"
    with frozen(NOW):
        page = (await client.get(f"/database-log?{query}")).text
        fragment = await client.get(f"/database-log/list?{query}")
    assert fragment.text.strip() in page
    assert "<html" not in fragment.text
    assert fragment.headers["hx-push-url"] == f"/database-log?{query}"
    assert "Remove filter Kind: Backup" in page
    assert f'href="/database-log.csv?{query.replace("&", "&amp;")}"' in page


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("kinds=upload", "kinds"),
        ("kind=uplaod", "kind"),
        ("from=2026-02-30", "From cannot be"),
        ("to=x", "Until cannot be"),
        ("from=2026-02-02&to=2026-02-01", "Until cannot be “2026-02-01”"),
        ("older_than=x", "older_than"),
        ("older_than=77", "older_than"),
        ("older_than=1&newer_than=1", "newer_than"),
    ],
)
async def test_what_cannot_be_is_said_on_a_page(
    client: httpx.AsyncClient, settings: Settings, query: str, named: str
) -> None:
    write(settings, imported())
    answer = await client.get(f"/database-log?{query}", headers=HTML)
    assert answer.status_code == 400
    assert "<h1>" in answer.text
    assert named in answer.text


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
@pytest.mark.parametrize(
    "query",
    [
        "kinds=upload",
        "kind=uplaod",
        "from=2026-02-30",
        "to=x",
        "to=2026-02-01&from=2026-02-02",
        "older_than=1",
    ],
)
async def test_what_cannot_be_is_a_problem_for_programs(
    client: httpx.AsyncClient, ending: str, query: str
) -> None:
    answer = await client.get(f"/database-log.{ending}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


async def test_every_file_has_all_entries_and_columns_of_the_filter(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    write_many(settings, 1203)
    write(settings, adopted(operation_details=EVIL))
    for query, number in (("", 1204), ("?kind=backup", 120), ("?q=nothing+of+it", 0)):
        shown = await rows_of(client, f"/database-log{query}")
        read = csv.reader(
            io.StringIO((await client.get(f"/database-log.csv{query}")).content.decode("utf-8-sig"))
        )
        head, *lines = read
        assert (tuple(head), len(lines)) == (COLUMNS, number)
        assert [line[5].removeprefix("'") for line in lines[:PAGE_SIZE]] == [
            unescaped(row[2]) for row in shown
        ]
        workbook = openpyxl.load_workbook(
            io.BytesIO((await client.get(f"/database-log.xlsx{query}")).content)
        )
        sheet = list(workbook.worksheets[0].iter_rows(values_only=True))
        assert (sheet[0], len(sheet) - 1) == (COLUMNS, number)
        entries = (await client.get(f"/database-log.json{query}")).json()["entries"]
        assert (
            [entry["id"] for entry in entries]
            == [row[0] for row in sheet[1:]]
            == [int(line[0]) for line in lines]
        )
        assert [entry["operation_details"] for entry in entries] == [row[5] for row in sheet[1:]]


def unescaped(text: str) -> str:
    return text.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


async def test_a_formula_is_text_in_a_spreadsheet_and_markup_text_on_the_page(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    write(settings, adopted(operation_details=EVIL, filename=EVIL, user_info=EVIL, operation_type="=1+1"))
    text = (await client.get("/database-log.csv")).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["operation_details"] == row["filename"] == row["user_info"] == "'" + EVIL
    assert row["operation_type"] == "'=1+1"
    book = openpyxl.load_workbook(io.BytesIO((await client.get("/database-log.xlsx")).content))
    assert {cell.data_type for cell in book.worksheets[0][2] if cell.value == EVIL} == {"s"}
    assert "<script>alert" not in (await client.get("/database-log")).text


async def test_days_in_details_stay_on_one_line(client: httpx.AsyncClient, settings: Settings) -> None:
    write(settings, adopted(operation_details="<i>2026-01-02..2026-01-09</i>"))
    day = '<span class="nowrap">2026-01-0{}</span>'
    text = (await client.get("/database-log", headers=HTML)).text
    assert f"<td>&lt;i&gt;{day.format(2)}..{day.format(9)}&lt;/i&gt;</td>" in text


async def test_json_comes_in_pages_or_whole(client: httpx.AsyncClient, settings: Settings) -> None:
    write_many(settings, 130)
    whole = (await client.get("/database-log.json")).json()
    assert (whole["success"], whole["total"], whole["limit"], len(whole["entries"])) == (True, 130, None, 130)
    part = (await client.get("/database-log.json?limit=20&offset=115&kind=upload")).json()
    assert (part["total"], part["limit"], part["offset"]) == (117, 20, 115)
    assert [entry["id"] for entry in part["entries"]] == [2, 1]
    assert part["entries"][0]["operation_time"].startswith("2026-03-01T09:5")
    for query in ("limit=0", "limit=1001", "offset=-1", "limit=x"):
        answer = await client.get(f"/database-log.json?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])
