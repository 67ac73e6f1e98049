"""What one web process tells Prometheus: few series however many addresses there are, few questions however
much is stored."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import insert

from otrs_web import clock
from otrs_web.app import create_app
from otrs_web.database import Database, SyncDatabase
from otrs_web.metrics.installation import Event, figures
from otrs_web.models import DatabaseLog, DataState, Schedule, StatisticsConfig, StatisticsLog, Upload
from tests.ops.watching import series, value
from tests.support import QueryCounter, store_tickets

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


async def scrape(client, **headers):
    answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return series(answer.text)


async def test_addresses_do_not_make_series(client):
    await scrape(client)
    for number in range(40):
        await client.get(f"/tickets/{number}")
        await client.get(f"/upload/{number}.csv")
        await client.get(f"/wp-login-{number}.php?x={number}")
        await client.get("/results", params={"queue": f"Q{number}"})
        await client.request(f"METHOD{number}", "/")
    found = await scrape(client)
    counted = {key: number for key, number in found.items() if key[0] == "otrs_web_requests_total"}
    assert len(counted) == 5
    assert value(found, "requests_total", method="GET", route="/tickets/{number}", status="404") == 40
    assert value(found, "requests_total", method="GET", route="(unknown)", status="404") == 40
    assert value(found, "requests_total", method="other", route="(unknown)", status="405") == 40
    assert value(found, "request_duration_seconds_count", method="GET", route="/results") == 40
    assert not [name for name, _ in found if name.endswith("_created")]


async def test_heads_are_told_from_gets_and_what_nobody_waits_for_is_left_out(client):
    await client.head("/tickets")
    await client.get("/static/0/app.css")
    await client.get("/health/live")
    await client.get("/health/ready")
    found = await scrape(client)
    counted = {dict(labels)["route"] for name, labels in found if name == "otrs_web_requests_total"}
    assert counted == {"/tickets"}
    assert value(found, "requests_total", method="HEAD", route="/tickets", status="200") == 1


async def test_an_unforeseen_error_counts_as_one(app, client):
    await app.state.db.dispose()
    app.state.records = None
    await client.get("/results")
    assert value(await scrape(client), "requests_total", method="GET", route="/results", status="500") == 1


async def test_the_formats_of_prometheus_and_of_openmetrics(client):
    plain = await client.get("/metrics")
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    modern = await client.get("/metrics", headers=accept)
    assert modern.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert modern.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text;version=abc", "text/plain;version=1.0.0", "text/plain", ";q"]
)
async def test_odd_wishes_for_a_format_get_one_that_can_be_read(client, accept):
    answer = await client.get("/metrics", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"].count("charset")) == (200, 1)


async def test_it_takes_a_few_queries_however_much_is_stored(settings, app, client):
    with QueryCounter(app.state.db) as empty:
        await scrape(client)
    store_tickets(settings, [{"created_date": "2026-01-05"}] * 50)
    store_events(settings, 200)
    with QueryCounter(app.state.db) as full:
        await scrape(client)
    assert len(full.statements) == len(empty.statements) <= 9
    assert not [statement for statement in full.statements if "otrs_ticket" in statement]


async def test_no_password_is_needed_and_nothing_is_asked_for(client):
    assert (await client.get("/metrics", params={"name": "x"})).status_code == 400


async def test_without_a_broker_the_rest_is_told(client):
    found = await scrape(client)
    assert value(found, "part_state", part="broker", state="failed") == 1
    assert value(found, "part_state", part="worker", state="degraded") == 1
    assert value(found, "imports_total", result="done") == 0
    assert value(found, "workers") is None
    assert value(found, "ready") == 0


async def test_without_a_database_its_figures_are_left_out(settings):
    app = create_app(settings.__class__(data_dir=settings.data_dir, database_url="sqlite:////none/x.db"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client:
        found = await scrape(client)
    assert value(found, "part_state", part="database", state="failed") == 1
    assert value(found, "imports_total", result="done") is None
    assert value(found, "disk_free_bytes") is not None
    await app.state.queue.disconnect()
    await app.state.db.dispose()


def store_events(settings, number=1):
    """Uploads, runs, backups; as many of each as said."""
    upload = {
        "filename": "a.csv",
        "upload_time": NOW - timedelta(hours=3),
        "finished_at": NOW - timedelta(hours=2),
    }
    rows = {"new_records_count": 5, "updated_records_count": 2, "unchanged_records_count": 1}
    db = SyncDatabase(settings)
    with db.write() as session:
        uploads = [
            {**upload, **rows, "status": "done"},
            {**upload, "status": "done", "upload_time": NOW - timedelta(days=9), "finished_at": None},
            {**upload, "status": "failed"},
            {**upload, "status": "queued", "upload_time": NOW - timedelta(minutes=7), "finished_at": None},
            {**upload, "status": "queued", "upload_time": NOW - timedelta(minutes=2), "finished_at": None},
        ]
        for values in uploads * number:
            session.execute(insert(Upload).values(values))
        run = {"execution_time": NOW - timedelta(hours=13), "status": "success"}
        failed = {"execution_time": NOW - timedelta(hours=1), "status": "error"}
        session.execute(insert(StatisticsLog), [run, failed] * number)
        kinds = {"backup": NOW - timedelta(hours=10), "backup_failed": NOW, "upload": NOW}
        for kind, at in kinds.items():
            entry = {"operation_type": kind, "operation_time": at}
            session.execute(insert(DatabaseLog), [entry] * number)
    db.dispose()


async def test_figures_are_what_is_stored(install):
    settings = install()
    store_events(settings)
    db = SyncDatabase(settings)
    with db.write() as session:
        session.execute(insert(Schedule), [{"name": "daily_statistics", "last_due": NOW - timedelta(days=1)}])
        session.execute(DataState.__table__.update().values(version=7, as_of=datetime(2026, 3, 5, 12, 0)))
    db.dispose()
    asynchronous = Database(settings)
    with clock.frozen(NOW):
        async with asynchronous.read() as session:
            found = await figures(session, settings)
    await asynchronous.dispose()
    assert found.uploads["done"] == Event(2, NOW - timedelta(hours=2))
    assert found.uploads["failed"].times == 1
    assert found.rows == {"new": 5, "updated": 2, "unchanged": 1, "rejected": 0, "removed": 0}
    assert found.oldest_waiting == NOW - timedelta(minutes=7)
    assert found.runs == {
        "success": Event(1, NOW - timedelta(hours=13)),
        "error": Event(1, NOW - timedelta(hours=1)),
    }
    assert found.backups == {"backup": Event(1, NOW - timedelta(hours=10)), "backup_failed": Event(1, NOW)}
    # 23:59 and 02:00 in Berlin
    assert found.due["daily_statistics"] == datetime(2026, 3, 4, 22, 59, tzinfo=UTC)
    assert found.due["backup"] == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    assert found.done == {"daily_statistics": NOW - timedelta(days=1)}
    assert found.data_version == 7
    assert found.as_of is not None
    assert found.as_of.astimezone(UTC) == datetime(2026, 3, 5, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize("off", ["daily_statistics", "backup"])
async def test_what_is_switched_off_is_never_due(install, off):
    settings = install(**({"backup_time": None} if off == "backup" else {}))
    db = SyncDatabase(settings)
    with db.write() as session:
        session.execute(insert(StatisticsConfig).values(enabled=off != "daily_statistics"))
    db.dispose()
    asynchronous = Database(settings)
    async with asynchronous.read() as session:
        due = (await figures(session, settings)).due
    await asynchronous.dispose()
    assert set(due) == {"daily_statistics", "backup"} - {off}
