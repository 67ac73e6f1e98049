"""Three web servers and two workers on one PostgreSQL, one Valkey and one data directory do what one does: no
more, and nothing twice."""

import asyncio
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from otrs_web.clock import utc_now
from otrs_web.queue import make_queue
from otrs_web.schedule import latest_due
from otrs_web.stats.daily_runs import DEFAULT_TIME
from tests.faults.parts import PASSWORD, Desk, Part, Valkey, Web, export
from tests.postgres import Postgres
from tests.updates.github_server import GitHubServer, running_github
from tests.waiting import wait_until

pytestmark = pytest.mark.single


class Site:
    """All of them, ready, beside a GitHub that counts what it is asked."""

    def __init__(self, folder: Path, postgres: Postgres, github: GitHubServer) -> None:
        self.github = github
        self.valkey = Valkey(folder / "valkey")
        self.valkey.start()
        asked = {
            "APP_UPDATE_ENABLED": "true",
            "APP_UPDATE_API_URL": github.url,
            "APP_UPDATE_REPO": "desk/otrs-web",
        }
        self.desk = Desk(folder, postgres.create(), self.valkey.url, **asked)
        # the admin password and the key that signs cookies are made up by whoever is first
        del self.desk.environ["OTRS_WEB_ADMIN_PASSWORD"]
        self.webs: list[Web] = [self.desk.web() for _ in range(3)]
        self.workers: list[Part] = [self.desk.worker() for _ in range(2)]
        for web in self.webs:
            web.wait()
        self.password = (self.desk.data_dir / "admin-password").read_text().strip()


@pytest.fixture(scope="module")
def site(folder: Path, own_postgres: Postgres) -> Iterator[Site]:
    with running_github() as github:
        site = Site(folder, own_postgres, github)
        yield site
        site.desk.clean()
        site.valkey.stop()


def test_an_upload_of_one_is_followed_and_seen_on_the_others(site: Site) -> None:
    one, other, third = site.webs
    for number, rows in enumerate((300, 200)):
        path = export(site.desk.folder / "exports", f"export{number}", rows)
        upload = one.upload(path)

        def is_done(upload: int = upload) -> bool:
            status = other.get(f"/processing-status?upload_id={upload}").json()["status"]
            assert status in ("queued", "running", "done")
            return bool(status == "done")

        wait_until(is_done)
        assert [third.tickets(), one.tickets(), other.tickets()] == [
            rows
        ] * 3  # at once, whatever they remembered
        shown = third.page(f"/uploads/{upload}").text
        assert path.name in shown
        assert other.get(f"/uploads/{upload}/file").content == path.read_bytes()
    ran = [worker.output.count("Importing what is queued") for worker in site.workers]
    assert sum(ran) == 2


def test_signed_in_on_one_is_signed_in_on_all(site: Site) -> None:
    shown = [web.part.output.count(f"Admin password: {site.password}") for web in site.webs]
    assert sorted(shown) == [0, 0, 1]
    answer = site.webs[0].client.post("/api/daily-stats-authenticate", json={"password": site.password})
    assert answer.status_code == 200
    cookies = dict(site.webs[0].client.cookies)
    site.webs[0].client.cookies.clear()
    for web in site.webs:
        status = web.client.get("/api/daily-stats-auth-status", cookies=cookies).json()
        web.client.cookies.clear()
        assert status["authenticated"] is True
        assert web.get("/api/daily-stats-auth-status").json()["authenticated"] is False


def test_wrong_passwords_are_counted_for_all(site: Site) -> None:
    answers = [
        site.webs[number % 3]
        .client.post("/api/daily-stats-authenticate", json={"password": PASSWORD})
        .status_code
        for number in range(11)
    ]
    assert answers == [401] * 10 + [429]
    assert {guess(web, site.password) for web in site.webs} == {429}
    site.desk.rows("DELETE FROM auth_failure")
    assert {guess(web, site.password) for web in site.webs} == {200}


def guess(web: Web, password: str) -> int:
    status = web.client.post("/api/daily-stats-authenticate", json={"password": password}).status_code
    web.client.cookies.clear()
    return status


async def queue_jobs(site: Site, times: int) -> None:
    queue = make_queue(site.desk.settings)
    for _ in range(times):
        for function in ("daily_statistics", "daily_backup", "check_for_updates", "tick"):
            await queue.enqueue(function, timeout=50)
    await queue.disconnect()


def test_what_is_due_is_done_by_one(site: Site) -> None:
    """Each job is queued six times at once, where every minute queues it once."""
    # for a release, for tags, for the branch
    wait_until(lambda: len(site.github.asked) >= 3)
    asked = len(site.github.asked)
    # a day before the daily statistics were due last: they know the day that they miss by it
    yesterday = utc_now() - timedelta(days=1)
    before = latest_due(DEFAULT_TIME, site.desk.settings.timezone, yesterday).replace(tzinfo=None)
    for name in ("daily_statistics", "backup", "update_check"):
        site.desk.rows("DELETE FROM schedule WHERE name = :name", name=name)
        site.desk.rows("INSERT INTO schedule (name, last_due) VALUES (:name, :at)", name=name, at=before)
    site.desk.rows("UPDATE app_update_status SET last_checked_at = :at", at=before)
    asyncio.run(queue_jobs(site, 6))
    wait_until(lambda: list((site.desk.data_dir / "backups").glob("*.zip")))
    wait_until(lambda: site.desk.rows("SELECT 1 FROM statistics_log"))
    wait_until(site.valkey.is_idle)
    days = site.desk.rows("SELECT statistic_date, count(*) FROM statistics_log GROUP BY statistic_date")
    assert days
    assert {count for _, count in days} == {1}
    assert len(list((site.desk.data_dir / "backups").glob("*.zip"))) == 1
    assert len(site.github.asked) == 2 * asked  # the same questions as at the start, once


def test_of_those_who_migrate_at_once_one_does(site: Site, own_postgres: Postgres) -> None:
    with psycopg.connect(
        host=str(own_postgres.folder), user="otrs", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("CREATE DATABASE fresh")
    fresh = Desk(site.desk.folder / "fresh", own_postgres.url("fresh"), site.valkey.url.replace("/0", "/1"))
    migrations = [fresh.start("migrate") for _ in range(4)]
    webs, worker = [fresh.web(), fresh.web()], fresh.worker()
    try:
        assert [part.process.wait(60) for part in migrations] == [0] * 4
        assert fresh.rows("SELECT count(*) FROM alembic_version") == [(1,)]
        assert fresh.rows("SELECT id, version FROM data_state") == [(1, 0)]
        for web in webs:
            web.wait()
        fresh.wait_for(webs[0].upload(export(fresh.folder, "small", 3)))
        assert webs[1].tickets() == 3
        assert worker.lives
        assert "Traceback" not in fresh.output
    finally:
        fresh.clean()


def test_all_end_in_good_order(site: Site) -> None:
    # a web server ends by the signal, as uvicorn does when its answers are done
    assert {web.part.stop() for web in site.webs} <= {0, -signal.SIGTERM}
    assert [worker.stop() for worker in site.workers] == [0, 0]
    assert "Traceback" not in site.desk.output
