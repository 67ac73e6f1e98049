"""The broker is away and comes back: uploads are kept and imported, pages say so, nothing has to be started
again, and nobody meets an error."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.parts import BROWSER, CHINESE, Desk, Part, Valkey, Web, export
from tests.postgres import children
from tests.waiting import wait_until

pytestmark = pytest.mark.single

AWAY = "The job queue cannot be reached. Uploads are kept and imported as soon as it is back."
PAGES = ["/", "/results", "/tickets", "/uploads", "/database", "/settings", "/daily-statistics", "/backups"]


class Site:
    """A web server and a worker on a broker that is not theirs."""

    def __init__(self, folder: Path) -> None:
        self.valkey = Valkey(folder / "valkey")
        self.desk = Desk(folder, queue_url=self.valkey.url)
        assert self.desk.call("migrate").returncode == 0
        self.web: Web = self.desk.web()
        self.worker: Part = self.desk.worker()
        self.web.wait()
        self.small = export(folder / "exports", "small", 30)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    """Both are started while the broker is away."""
    site = Site(folder)
    yield site
    site.valkey.stop()
    site.desk.clean()


def test_started_without_a_broker_both_wait_for_it(site: Site) -> None:
    upload = site.web.upload(site.small)
    # the worker looks for what waits by itself while nobody tells it
    site.desk.wait_for(upload)
    wait_until(lambda: "The broker does not do its work" in site.worker.output)
    site.valkey.start()
    wait_until(lambda: site.web.get("/health/ready").json()["broker"] == "ok")
    assert_at_work(site)


def bring_broker(site: Site) -> None:
    """For a test that begins with it: the first one, which starts it, may run in another process."""
    if site.valkey.process is None:
        site.valkey.start()
        wait_until(lambda: site.web.get("/health/ready").json()["broker"] == "ok")


def hold_worker(site: Site) -> None:
    """It would do without a broker, and be done before anybody looks; so would the process of an import that
    has just ended, and looks for the next upload before it goes."""
    wait_until(site.valkey.is_idle)
    site.worker.process.send_signal(signal.SIGSTOP)


def test_gone_and_back(site: Site) -> None:
    bring_broker(site)
    hold_worker(site)
    site.valkey.stop()
    begin = time.monotonic()
    answer = site.web.post(site.small, headers=BROWSER)
    assert answer.status_code == 303
    assert time.monotonic() - begin < 6
    progress = f"/uploads/{answer.headers['location'].rpartition('=')[2]}/progress"
    for path in (answer.headers["location"], progress):
        page = site.web.page(path)
        assert (page.status_code, AWAY in page.text) == (200, True)
        page = site.web.page(path, CHINESE)
        assert page.status_code == 200
        assert AWAY not in page.text
        assert "上传的文件" in page.text
    upload = site.web.upload(site.small)
    assert site.web.get(f"/processing-status?upload_id={upload}").status_code == 200
    assert {site.web.page(path).status_code for path in PAGES} == {200}
    site.valkey.start()
    site.worker.process.send_signal(signal.SIGCONT)
    # the worker has met nothing of it, so it is the look of every minute that finds what waits
    wait_until(lambda: site.valkey.hurry() or site.desk.is_done(upload))
    wait_until(lambda: AWAY not in site.web.page("/database").text)
    assert_at_work(site)
    assert "Traceback" not in site.desk.output


def test_killed_in_the_middle_of_an_import(site: Site) -> None:
    bring_broker(site)
    upload = site.web.upload(export(site.small.parent, "large", 20_000))
    wait_until(
        lambda: site.desk.value("SELECT status FROM upload_detail ORDER BY id DESC LIMIT 1") == "running"
    )
    site.valkey.stop()
    site.desk.wait_for(upload)
    assert site.web.tickets() == 20_000
    site.valkey.start()
    assert_at_work(site)
    assert "Traceback" not in site.desk.output


def test_one_that_hangs_keeps_nobody_waiting(site: Site) -> None:
    bring_broker(site)
    hold_worker(site)
    with site.valkey.frozen():
        begin = time.monotonic()
        answer = site.web.post(site.small, headers=BROWSER)
        assert answer.status_code == 303
        assert AWAY in site.web.page(answer.headers["location"]).text
        assert time.monotonic() - begin < 10
        assert site.web.get("/health/live").status_code == 200
    site.worker.process.send_signal(signal.SIGCONT)
    wait_until(
        lambda: (
            site.valkey.hurry() or not site.desk.rows("SELECT 1 FROM upload_detail WHERE status <> 'done'")
        )
    )
    assert_at_work(site)


def assert_at_work(site: Site) -> None:
    """Nothing was lost, nothing happened twice, and the next upload goes the usual way."""
    begin = time.monotonic()
    site.desk.wait_for(site.web.upload(site.small), 20)
    assert time.monotonic() - begin < 10
    uploads = site.desk.rows("SELECT status, attempts FROM upload_detail")
    assert set(uploads) == {("done", 1)}
    assert site.desk.value("SELECT count(*) FROM database_log WHERE operation_type = 'upload'") == len(
        uploads
    )
    assert site.web.part.lives
    assert site.worker.lives


def test_the_embedded_one_is_killed_under_run(folder: Path, site: Site) -> None:
    desk = Desk(folder / "run")
    try:
        web = desk.run()
        for _ in range(2):
            (pid,) = [
                p
                for p in children(web.part.process.pid)
                if b"valkey" in Path(f"/proc/{p}/cmdline").read_bytes()
            ]
            os.kill(pid, signal.SIGKILL)
            upload = web.upload(site.small)
            desk.wait_for(upload)
        assert web.part.stop() == 0
        assert "Traceback" not in web.part.output, web.part.output[-5000:]
    finally:
        desk.clean()
