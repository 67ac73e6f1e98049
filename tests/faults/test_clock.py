"""The clock is set forward and back by hours while everything runs: what is due on a day is done once, cron
goes on at once, nobody is signed out who need not be, and no import is given up."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.parts import PASSWORD, Desk, Web, export
from tests.waiting import wait_until

pytestmark = pytest.mark.single

NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)  # in Berlin it is an hour later


class Clock:
    """The time that the programs of a desk see; it goes on by itself."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            pytest.fail("These tests need libfaketime. As root: sh scripts/faketime.sh", pytrace=False)
        self.environ = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(NOON)

    def set(self, at: datetime) -> None:
        self._move(at - datetime.now(UTC))

    def next_minute(self) -> None:
        self._move(self.offset + timedelta(minutes=1))

    def _move(self, offset: timedelta) -> None:
        self.offset = offset
        part = self.file.with_suffix(".part")
        part.write_text(f"{offset.total_seconds():+.3f}")
        os.replace(part, self.file)


class Site:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock(folder)
        environ = {**self.clock.environ, "OTRS_WEB_BACKUP_TIME": "00:15"}
        self.desk = Desk(folder, **environ)
        self.web: Web = self.desk.run()
        self.small = export(folder / "exports", "small", 30)
        self.desk.wait_for(self.web.upload(self.small))

    def count(self, table: str) -> int:
        return int(self.desk.value(f"SELECT count(*) FROM {table}"))

    def backups(self) -> int:
        return len(list((self.desk.data_dir / "backups").glob("*.zip")))

    def days(self) -> list[str]:
        return [
            str(day) for (day,) in self.desk.rows("SELECT statistic_date FROM statistics_log ORDER BY id")
        ]

    def is_signed_in(self) -> bool:
        return bool(self.web.get("/api/daily-stats-auth-status").json()["authenticated"])

    def cron_goes_on(self) -> None:
        """What nobody has told the queue of is found by the look of every minute, within a few of them."""
        self.desk.rows("UPDATE upload_detail SET status = 'queued', step = 1, attempts = 0 WHERE id = 1")
        for _ in range(5):
            self.clock.next_minute()
            with suppress(AssertionError):
                return self.desk.wait_for(1, 4)
        raise AssertionError(self.desk.output)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    yield site
    site.desk.clean()


def test_forward_and_back(site: Site) -> None:
    # a backup is due from the first look on
    site.clock.set(NOON + timedelta(minutes=1, seconds=5))
    wait_until(
        lambda: (
            site.desk.value("SELECT count(*) FROM schedule WHERE name IN ('backup', 'daily_statistics')") == 2
        )
    )
    signed_in = site.web.client.post("/api/daily-stats-authenticate", json={"password": PASSWORD})
    assert signed_in.status_code == 200

    # as far forward as a session lasts, nearly, and as far back
    site.clock.set(NOON + timedelta(minutes=110))
    assert site.is_signed_in()
    site.clock.set(NOON - timedelta(minutes=110))
    assert site.is_signed_in()
    site.cron_goes_on()

    # into the next day: one day's statistics, one backup
    site.clock.set(NOON + timedelta(hours=12, minutes=30))
    assert not site.is_signed_in()
    for _ in range(5):
        site.clock.next_minute()
        with suppress(AssertionError):
            wait_until(lambda: site.days() and site.backups(), 4)
    assert (site.days(), site.backups()) == (["2026-03-04"], 1)
    etag = site.web.page("/results").headers.get("etag")

    # back to the day before: nothing is done again, and cron does not wait until that time comes again
    site.clock.set(NOON + timedelta(hours=2))
    site.cron_goes_on()
    assert site.web.page("/results").status_code == 200
    wait_until(lambda: site.web.get("/health/ready").json()["parts"]["worker"]["workers"] == 1, 15)
    upload = site.web.upload(site.small, "incremental")
    site.desk.wait_for(upload, 20)

    # and forward once more: that day has been done
    site.clock.set(NOON + timedelta(hours=12, minutes=40))
    site.cron_goes_on()
    assert (site.days()[:1], site.backups()) == (["2026-03-04"], 1)
    assert len(site.days()) == len(set(site.days())), site.days()
    assert {a for (a,) in site.desk.rows("SELECT status FROM upload_detail")} == {"done"}
    assert "Traceback" not in site.desk.output
    assert etag is not None


def test_during_an_import(site: Site) -> None:
    upload = site.web.upload(export(site.small.parent, "large", 20_000))
    wait_until(lambda: site.desk.value("SELECT step FROM upload_detail ORDER BY id DESC LIMIT 1") >= 4)
    site.clock.set(NOON + timedelta(days=3))
    site.web.get(f"/uploads/{upload}/progress")
    site.clock.set(NOON - timedelta(days=3))
    shown = site.web.get(f"/uploads/{upload}/progress")
    assert shown.status_code == 200
    site.desk.wait_for(upload)
    assert site.desk.rows("SELECT status, attempts FROM upload_detail ORDER BY id DESC LIMIT 1") == [
        ("done", 1)
    ]
    elapsed = site.web.get(f"/processing-status?upload_id={upload}").json()["elapsed_seconds"]
    assert elapsed is None or elapsed >= 0


def test_wrong_passwords_of_a_time_to_come_lock_nobody_out(site: Site) -> None:
    site.clock.set(NOON + timedelta(hours=8))
    for _ in range(10):
        wrong = site.web.client.post("/api/daily-stats-authenticate", json={"password": "wrong"})
        assert wrong.status_code == 401
    assert (
        site.web.client.post("/api/daily-stats-authenticate", json={"password": PASSWORD}).status_code == 429
    )
    site.clock.set(NOON)
    assert (
        site.web.client.post("/api/daily-stats-authenticate", json={"password": PASSWORD}).status_code == 200
    )
