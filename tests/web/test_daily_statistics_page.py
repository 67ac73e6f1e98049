"""The page of the daily statistics: its figures are those of the table and of the lists behind them, its
forms change what they say, and its log is leafed through."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, insert, select

from otrs_web.admin import ALLOWED_FAILURES
from otrs_web.clock import frozen
from otrs_web.database import Database, SyncDatabase
from otrs_web.models import DailyStatistics, DatabaseLog, StatisticsConfig, StatisticsLog
from otrs_web.stats.daily_runs import daily_schedule
from tests.api.conftest import PASSWORD
from tests.support import AS_OF, QueryCounter, store_tickets
from tests.web.test_numbers import linked_numbers, random_rows

PAGE = "/daily-statistics"
HTML = {"accept": "text/html"}
NOW = datetime(2026, 1, 12, 19, 30, tzinfo=ZoneInfo("Europe/Berlin"))
FIGURES = ("opening_balance", "new_tickets", "resolved_tickets", "closing_balance")
FIGURES += ("age_lt_24h", "age_24_48h", "age_48_72h", "age_72_96h", "age_gt_96h")


def with_first_ticket(days_before):
    """Random tickets of the last week, and one that was created so many days before."""
    first = AS_OF - timedelta(days=days_before)
    rows = random_rows(5)
    return [*rows, {"ticket_number": "first", "created_date": first.isoformat(" ")}]


@pytest.fixture
def year(settings):
    store_tickets(settings, with_first_ticket(364))


@pytest.fixture(autouse=True)
def clock():
    with frozen(NOW):
        yield


def ask(settings, query):
    db = SyncDatabase(settings)
    with db.read() as session:
        found = session.execute(query).all()
    db.dispose()
    return found


def do(settings, *statements):
    db = SyncDatabase(settings)
    with db.write() as session:
        for statement in statements:
            session.execute(statement)
    db.dispose()


def runs(number, **values):
    """So many logged runs, an hour apart, the last one an hour ago."""
    begin = NOW.astimezone(UTC) - timedelta(hours=number)
    common = {"statistic_date": date(2026, 1, 11), "status": "success", "occasion": "schedule", **values}
    rows = [
        {"execution_time": begin + timedelta(hours=at), "total_open": at, **common} for at in range(number)
    ]
    return insert(StatisticsLog).values(rows)


async def page_of(client, query="", path=PAGE):
    return await client.get(path + query, headers=HTML)


def part(text, element):
    """The markup from an id to the end of the table in it."""
    return text.partition(f'id="{element}"')[2].partition("</table>")[0]


def rows_in(markup):
    body = markup.partition("<tbody>")[2]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    ]


def presets(text):
    """{label: (query, whether it is marked)}"""
    found = re.findall(r'id="range-\d"\s+href="([^"]*)"([^>]*)>([^<]*)<', text)
    return {
        label: (href.removeprefix(PAGE).removeprefix("?").replace("&amp;", "&"), "aria-current" in rest)
        for href, rest, label in found
    }


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("days", "query"), [(364, ""), (40, "?from=2026-01-07&to=2026-01-10"), (800, "?from=2023-01-01")]
)
async def test_every_number_is_the_length_of_its_list(client, settings, days, query, language):
    store_tickets(settings, with_first_ticket(days))
    found = set(await linked_numbers(client, PAGE + query, language))
    assert len(found) > 20
    for address, number, _ in found:
        answer = (await client.get(address.replace("/tickets", "/tickets.json", 1) + "&limit=1")).json()
        assert answer["total"] == number, address


async def test_the_page_shows_the_stored_rows_and_their_sums(client, settings, year):
    stored = ask(settings, select(DailyStatistics.__table__).order_by(DailyStatistics.statistic_date.desc()))
    text = (await page_of(client, "?from=2026-01-05")).text
    expected = [
        [str(day.statistic_date), *(str(getattr(day, name)) for name in FIGURES)] for day in stored[:8]
    ]
    shown = rows_in(part(text, "days"))
    assert [[row[0].removesuffix(" provisional"), *row[1:]] for row in shown] == expected
    charts = {"flow": (1, 4), "turnover": (2, 3), "aging": (5, 6, 7, 8, 9)}
    for chart, columns in charts.items():
        cells = [[row[0], *(row[column] for column in columns)] for row in expected]
        assert rows_in(part(text, chart)) == cells, chart
    cards = re.findall(r'class="number">(.*?)</p>', text, re.DOTALL)
    cards = [re.sub(r"<[^>]+>", "", card).strip().replace("−", "-") for card in cards]
    days = stored[:8]
    change = days[0].closing_balance - days[-1].opening_balance
    sums = [sum(getattr(day, name) for day in days) for name in ("new_tickets", "resolved_tickets")]
    assert [int(card) for card in cards] == [days[0].closing_balance, *sums, change]
    assert change == sums[0] - sums[1] > 0
    assert "more open tickets than at the beginning" in text


async def test_without_a_range_the_last_thirty_stored_days(client, year):
    text = (await page_of(client)).text
    shown = [row[0] for row in rows_in(part(text, "days"))]
    assert (len(shown), shown[-1]) == (30, "2025-12-14")
    assert f'href="{PAGE}.csv?from=2025-12-14&amp;to=2026-01-12"' in text
    assert presets(text) == {
        "Last 7 days": ("from=2026-01-06&to=2026-01-12", False),
        "Last 30 days": ("", True),
        "Last 90 days": ("from=2025-10-15&to=2026-01-12", False),
        "This month": ("from=2026-01-01&to=2026-01-12", False),
        "Last month": ("from=2025-12-01&to=2025-12-31", False),
        "This year": ("from=2026-01-01&to=2026-01-12", False),
        "Last 12 months": ("from=2025-01-13&to=2026-01-12", False),
        "Everything": ("from=2025-01-13", False),
    }


async def test_each_range_shows_its_days_and_is_marked(client, year):
    ranges = presets((await page_of(client)).text)
    days = {"Last 7 days": 7, "Last 90 days": 90, "Last month": 31, "Everything": 365}
    for label, number in days.items():
        text = (await page_of(client, f"?{ranges[label][0]}")).text
        assert len(rows_in(part(text, "days"))) == number
        assert presets(text)[label][1], label
        fragment = await page_of(client, f"/report?{ranges[label][0]}")
        assert fragment.headers["hx-push-url"] == f"{PAGE}?{ranges[label][0]}"
        assert fragment.text.strip() in text
        assert "<html" not in fragment.text


@pytest.mark.parametrize(("days", "by_week"), [(749, False), (750, True)])
async def test_more_than_750_days_are_shown_as_weeks(client, settings, days, by_week):
    store_tickets(settings, with_first_ticket(days))
    text = (await page_of(client, "?from=2020-01-01")).text
    first = AS_OF.date() - timedelta(days=days)
    weeks = {f"{first + timedelta(days=n):%G-W%V}" for n in range(days + 1)}
    shown = rows_in(part(text, "days"))
    assert len(shown) == (len(weeks) if by_week else 750)
    assert ("more than 750 days" in text) is ("Week by week" in text) is by_week
    if by_week:
        assert {row[0].split()[0] for row in shown} == weeks
        per_day = ask(settings, select(func.sum(DailyStatistics.new_tickets)))[0][0]
        assert sum(int(row[2].replace(",", "")) for row in shown) == per_day


async def test_a_day_that_no_import_covers_says_so_until_one_does(client, settings):
    store_tickets(settings, random_rows(1))
    text = (await page_of(client)).text
    tagged = [row[0] for row in rows_in(part(text, "days")) if "provisional" in row[0]]
    assert tagged == ["2026-01-12 provisional"]
    assert "no import covers the day to its end yet" in text
    assert "Data as of 2026-01-12 18:00." in " ".join(text.split())
    client.cookies.set("lang", "zh-CN")
    assert "暂定" in (await page_of(client)).text
    client.cookies.delete("lang")
    store_tickets(settings, [], as_of=datetime(2026, 1, 12, 23, 59, 59))
    assert "provisional" not in (await page_of(client)).text.lower()


async def test_a_day_that_was_taken_over_says_so(client, settings):
    store_tickets(settings, random_rows(1))
    before = date(2026, 1, 4)
    do(settings, delete(DailyStatistics).where(DailyStatistics.statistic_date <= before))
    taken = dict.fromkeys(FIGURES, 7) | {"statistic_date": before, "provisional": False}
    do(settings, insert(DailyStatistics).values(taken))
    text = (await page_of(client)).text
    tagged = [row[0] for row in rows_in(part(text, "days")) if "taken over" in row[0]]
    assert tagged == ["2026-01-04 taken over"]
    assert "need not begin with their closing balance" in text
    assert "need not begin" not in (await page_of(client, "?from=2026-01-05")).text
    client.cookies.set("lang", "zh-CN")
    assert "2026-01-04 原系统数据" in str(rows_in(part((await page_of(client)).text, "days")))


async def test_without_any_import_the_page_says_what_will_be(client):
    text = (await page_of(client)).text
    assert "The first import computes every day that it covers." in text
    assert "Nothing has run yet." in text
    assert "data-chart" not in text


async def test_days_without_statistics(client, year):
    text = (await page_of(client, "?from=2024-01-01&to=2024-01-31")).text
    assert "There are days from 2025-01-13 to 2026-01-12." in text
    assert 'value="2024-01-31"' in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-02-30", "From cannot be “2026-02-30”"),
        ("to=tomorrow", "Until cannot be “tomorrow”"),
        ("from=2026-01-10&to=2026-01-09", "Until cannot be “2026-01-09”"),
        ("from=2026-01-01&from=2026-01-02", "From cannot be"),
        ("queue=Mail", "queue cannot be “Mail”"),
        ("before=-1", "before cannot be “-1”"),
        ("before=1e9", "before cannot be “1e9”"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/log"])
async def test_what_cannot_be_is_named(client, year, path, query, said):
    answer = await page_of(client, f"?{query}", path)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'href="{path}">Back to the page</a>' in answer.text


async def test_guessing_is_told_to_wait_in_the_form(client, settings, year):
    for _ in range(ALLOWED_FAILURES):
        await client.post(f"{PAGE}/run", data={"auth_password": "guessed"}, headers=HTML)
    answer = await client.post(f"{PAGE}/run", data={"auth_password": PASSWORD}, headers=HTML)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert "Too many wrong passwords." in answer.text
    assert 'id="run"' in answer.text
    assert ask(settings, select(StatisticsLog.id)) == []


async def test_a_refusal_names_fields_in_the_reader_s_language(client, year):
    client.cookies.set("lang", "zh-CN")
    form = {"from": "2026-01-11", "to": "2026-01-10", "auth_password": PASSWORD}
    text = (await client.post(f"{PAGE}/run", data=form, headers=HTML)).text
    assert re.search(r"截止[^<]*2026-01-10", text)
    assert not re.search(r"\bto\b[^<>]*2026-01-10[^<>]*</p>", text)


async def test_the_schedule_is_changed_with_the_password(client, settings, year):
    text = (await page_of(client)).text
    assert "Every day at 23:59 (Europe/Berlin)" in text
    assert "Next: 2026-01-12 23:59 (in 4 hours)" in text
    assert text.count('name="auth_password"') == 2
    assert '<input type="hidden" form="schedule" name="shown_' not in text
    text = (await page_of(client, "?from=2026-01-01")).text
    assert '<input type="hidden" form="schedule" name="shown_from" value="2026-01-01" />' in text
    form = {"schedule_time": "06:30", "enabled": "yes", "shown_from": "2026-01-01", "auth_password": PASSWORD}
    answer = await client.post(f"{PAGE}/schedule", data=form, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PAGE}?from=2026-01-01&schedule=yes#schedule"
    text = (await page_of(client, "?from=2026-01-01&schedule=yes")).text
    assert "Saved. It holds from now on." in text
    assert "Next: 2026-01-13 06:30" in text
    assert ask(settings, select(StatisticsConfig.schedule_time, StatisticsConfig.enabled)) == [
        ("06:30", True)
    ]
    (who,) = ask(settings, select(DatabaseLog.user_info).where(DatabaseLog.operation_type == "schedule"))
    assert who[0].startswith("IP: 127.0.0.1")


async def test_the_schedule_is_switched_off_signed_in(client, settings, year):
    await client.post("/sign-in", data={"password": PASSWORD, "next": PAGE})
    assert 'name="auth_password"' not in (await page_of(client)).text
    answer = await client.post(f"{PAGE}/schedule", data={"schedule_time": "7:05"}, headers=HTML)
    assert answer.status_code == 303
    text = (await page_of(client)).text
    assert "Switched off" in text
    assert re.search(r'name="schedule_time" value="07:05"', text)
    assert not re.search(r'name="enabled"[^>]*checked', text)
    db = Database(settings)
    async with db.read() as session:
        schedule = await daily_schedule(session)
    await db.dispose()
    assert (schedule.schedule_time, schedule.enabled, schedule.next_due) == ("07:05", False, None)


@pytest.mark.parametrize("path", ["schedule", "run"])
@pytest.mark.parametrize(
    ("password", "said"),
    [("guessed", "The admin password is wrong."), (None, "no longer signed in as admin")],
)
async def test_without_the_right_password_nothing_happens(client, settings, year, path, password, said):
    typed = {"schedule_time": "06:31", "from": "2026-01-02", "to": "2026-01-04", "shown_to": "2026-01-05"}
    form = {**typed, **({"auth_password": password} if password else {})}
    answer = await client.post(f"{PAGE}/{path}", data=form, headers=HTML)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].endswith('charset="UTF-8"')
    refused = re.search(rf'<form[^>]*id="{path}".*?</form>', answer.text, re.DOTALL)[0]
    assert said in refused
    assert ("Nothing was changed." if path == "schedule" else "Nothing was computed.") in refused
    for name in ("schedule_time",) if path == "schedule" else ("from", "to"):
        assert f'name="{name}" value="{typed[name]}"' in refused
    assert f'form="{path}" name="shown_to" value="2026-01-05"' in answer.text
    assert "guessed" not in answer.text
    assert "aria-invalid" not in refused
    assert ask(settings, select(StatisticsConfig.id)) == ask(settings, select(StatisticsLog.id)) == []


@pytest.mark.parametrize("given", ["25:00", "23:60", "noon", ""])
async def test_a_time_that_cannot_be_is_named_and_the_rest_kept(client, settings, year, given):
    form = {"schedule_time": given, "shown_from": "2026-01-01", "auth_password": PASSWORD}
    answer = await client.post(f"{PAGE}/schedule", data=form, headers=HTML)
    assert answer.status_code == 400
    assert f"Time of the day cannot be “{given}”" in answer.text
    assert f'name="schedule_time" value="{given}"' in answer.text
    assert not re.search(r'name="enabled"[^>]*checked', answer.text)
    assert presets(answer.text)["This month"][1]
    assert ask(settings, select(StatisticsConfig.id)) == []


async def test_today_is_computed_now(client, settings, year):
    do(settings, delete(DailyStatistics).where(DailyStatistics.statistic_date > date(2026, 1, 10)))
    answer = await client.post(f"{PAGE}/run", data={"auth_password": PASSWORD}, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?run=yes#run")
    text = (await page_of(client, "?run=yes")).text
    assert "1 day was computed, up to 2026-01-12." in text
    shown = rows_in(part(text, "days"))
    assert shown[0][0] == "2026-01-12 provisional"
    assert f"{shown[0][4]} tickets are open then." in text
    (logged,) = rows_in(part(text, "runs"))
    assert logged == ["2026-01-12 19:30", "2026-01-12", "By hand", "Computed", shown[0][4], *shown[0][5:10]]


async def test_a_range_is_computed_now(client, settings, year):
    form = {"auth_password": PASSWORD, "from": "2026-01-01", "to": "2026-01-10"}
    assert (await client.post(f"{PAGE}/run", data=form, headers=HTML)).status_code == 303
    text = (await page_of(client, "?run=yes")).text
    assert "10 days were computed, up to 2026-01-10." in text
    assert rows_in(part(text, "runs"))[0][1] == "2026-01-10 (10 days)"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "2026-01-13", "Until cannot be “2026-01-13”"),
        ("2026-01-11", "2026-01-10", "Until cannot be “2026-01-10”"),
        ("2016-01-01", "2026-01-12", "From cannot be “2016-01-01”"),
        ("yesterday", "", "From cannot be “yesterday”"),
        ("2026-02-30", "", "From cannot be “2026-02-30”"),
    ],
)
async def test_days_that_cannot_be_computed_are_named(client, settings, year, first, last, said):
    form = {"auth_password": PASSWORD, "from": first, "to": last}
    answer = await client.post(f"{PAGE}/run", data=form, headers=HTML)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'name="from" value="{first}"' in answer.text
    assert ask(settings, select(StatisticsLog.id)) == []


async def test_the_addresses_of_forms_lead_back(client):
    for path in ("schedule", "run"):
        answer = await page_of(client, path=f"{PAGE}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


async def test_the_log_in_pages(client, settings, year):
    do(settings, runs(45))
    text = (await page_of(client, "?from=2026-01-01")).text
    found = []
    for number in (20, 20, 5):
        shown = rows_in(part(text, "runs"))
        assert len(shown) == number
        found += [int(row[4]) for row in shown]
        older = re.search(r'id="runs-older"\s+href="([^"]+)"\s+hx-get="([^"]+)"', text)
        if older:
            page, fragment = (address.replace("&amp;", "&") for address in older.groups())
            assert page.startswith(f"{PAGE}?from=2026-01-01&before=")
            text = (await page_of(client, path=page)).text
            alone = await page_of(client, path=fragment)
            assert alone.text.strip() in text
            assert alone.headers["hx-push-url"] == page
    assert found == list(range(44, -1, -1))
    assert "45 runs" in text
    assert f'id="runs-newest"\n       href="{PAGE}?from=2026-01-01"' in text
    assert "No run is that old." in (await page_of(client, "?before=1")).text


async def test_a_run_in_words(client, settings, year):
    do(
        settings,
        runs(1, occasion="missed"),
        runs(1, occasion="command", days=12),
        runs(1, status="error", error_message="<b>disk</b> full", total_open=0),
        runs(1, occasion=None),
    )
    words = {
        "en": (["–", "By schedule", "Command line", "Caught up"], "Failed"),
        "zh-CN": (["–", "定时执行", "命令行", "补算"], "失败"),
    }
    for language, (occasions, failed) in words.items():
        client.cookies.set("lang", language)
        text = (await page_of(client)).text
        shown = rows_in(part(text, "runs"))
        assert [row[2] for row in shown] == occasions
        assert shown[1][3].startswith(failed)
        assert shown[1][4:] == ["–"] * 6
        assert "&lt;b&gt;disk&lt;/b&gt; full" in text
        assert 'href="/api/export-execution-logs"' in text


async def test_an_open_page_learns_of_imports_and_runs_alone(client, settings, year):
    def version(text):
        return re.search(r"/newer\?version=([\d.]+)", text)[1]

    seen = version((await page_of(client)).text)
    assert (await page_of(client, f"/newer?version={seen}")).status_code == 204
    do(settings, runs(1))
    newer = await page_of(client, f"/newer?version={seen}&from=2026-01-10")
    assert newer.status_code == 200
    assert len(rows_in(part(newer.text, "days"))) == 3
    assert 'hx-swap-oob="outerHTML:#runs[data-newest]"' in newer.text
    assert 'id="schedule-state" hx-swap-oob="true"' in newer.text
    after_run = version(newer.text)
    store_tickets(settings, [{"ticket_number": "later", "created_date": "2026-01-12 17:00"}])
    assert version((await page_of(client, f"/newer?version={after_run}")).text) != after_run != seen


@pytest.mark.parametrize("query", ["", "?from=2024-01-01"])
async def test_the_number_of_queries_is_fixed(client, app, settings, query):
    counts = set()
    for days, number in ((3, 1), (700, 30)):
        store_tickets(
            settings, [{"ticket_number": f"d{days}", "created_date": str(AS_OF - timedelta(days=days))}]
        )
        do(settings, runs(number))
        with QueryCounter(app.state.db) as queries:
            await page_of(client, query)
        counts.add(len(queries.statements))
    assert len(counts) == 1
    assert counts.pop() <= 12
    with QueryCounter(app.state.db) as queries:
        version = re.search(r"/newer\?version=([\d.]+)", (await page_of(client, query)).text)[1]
        queries.statements.clear()
        await page_of(client, f"/newer?version={version}")
    assert len(queries.statements) == 2
