"""The disk is full: everybody is told what to do, nothing half stays, everything else goes on, and with room
again the same thing works."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from otrs_web.backups import folder as backups
from tests.faults.parts import BROWSER, CHINESE, Desk, Valkey, Web, export, fill, small_disk
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.single,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk"),
]
FULL = "The disk is full. Ask the administrator to make room, then try again. Nothing was changed."
FULL_IN_CHINESE = "磁盘已满。请联系管理员腾出空间，然后重试。数据没有任何改动。"
KB, MB = 1 << 10, 1 << 20


class Site:
    """Everything, with its data on a disk of 160 MB, and exports elsewhere."""

    def __init__(self, folder: Path, disk: Path) -> None:
        self.disk = disk
        self.desk = Desk(folder, OTRS_WEB_DATA_DIR=str(disk / "data"), OTRS_WEB_DATABASE_URL="")
        del self.desk.environ["OTRS_WEB_DATABASE_URL"]
        self.desk.data_dir = disk / "data"
        self.web: Web = self.desk.run()
        self.small = export(folder / "exports", "small", 30)
        self.large = export(folder / "exports", "large", 40_000)
        self.desk.wait_for(self.web.upload(self.small))

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.desk.data_dir / "uploads").iterdir())


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with small_disk(folder / "disk", "160m") as disk:
        site = Site(folder, disk)
        yield site
        site.desk.clean()


@pytest.fixture(autouse=True)
def room(site: Site) -> Iterator[None]:
    yield
    (site.disk / "in-the-way").unlink(missing_ok=True)


def test_at_an_upload(site: Site) -> None:
    before = site.files()
    fill(site.disk, 300 * KB)
    for headers, sentence in ((BROWSER, FULL), (CHINESE, FULL_IN_CHINESE)):
        page = site.web.post(site.large, headers=headers)
        assert (page.status_code, sentence in page.text) == (507, True)
    answer = site.web.post(site.large, headers={"accept-language": "en"})
    assert (answer.status_code, answer.json()["error"], answer.json()["success"]) == (507, FULL, False)
    assert site.files() == before
    assert {site.web.page(path).status_code for path in ("/", "/results", "/tickets")} == {200}
    (site.disk / "in-the-way").unlink()
    site.desk.wait_for(site.web.upload(site.large, "incremental"))
    assert "Traceback" not in site.desk.output


def test_where_the_upload_fits_and_its_row_does_not(site: Site) -> None:
    """What the database cannot write down is not kept either."""
    before = site.files()
    fill(site.disk, 0)
    answer = site.web.post(site.small, headers={"accept-language": "en"})
    assert (answer.status_code, answer.json()["error"]) == (507, FULL)
    assert site.files() == before


def test_at_an_import(site: Site) -> None:
    tickets = site.web.tickets()
    path = export(site.large.parent, "other", 40_000, title="Another title, so that all are written anew")
    with path.open("rb") as file:
        size = len(file.read())
    fill(site.disk, size + 700 * KB)
    upload = site.web.upload(path)
    wait_until(lambda: is_over(site, upload))
    page = site.web.page(f"/uploads/{upload}")
    assert "The disk is full. Ask the administrator to make room, then upload the file again." in page.text
    assert "Your data is untouched" in page.text
    assert site.web.tickets() == tickets
    (site.disk / "in-the-way").unlink()
    site.desk.wait_for(site.web.upload(path))
    assert site.web.tickets() == 40_000


def is_over(site: Site, upload: int) -> bool:
    return site.web.get(f"/processing-status?upload_id={upload}").json()["status"] not in (
        "queued",
        "running",
    )


def test_at_a_backup(site: Site) -> None:
    fill(site.disk, 200 * KB)
    refused = site.desk.call("backup")
    assert refused.returncode == 1
    assert "The disk is full. Make room in the data directory, then try again." in refused.stderr
    assert [b for b in backups.listing(site.desk.settings) if b.fault] == []
    assert list((site.desk.data_dir / "backups").glob("*.part")) == []
    (site.disk / "in-the-way").unlink()
    assert site.desk.call("backup").returncode == 0


def test_where_the_broker_cannot_write(folder: Path) -> None:
    """Its log is what keeps its jobs, so without room it takes none; the worker does without."""
    with small_disk(folder / "broker", "2m") as disk:
        valkey = Valkey(disk / "valkey")
        valkey.start()
        desk = Desk(folder / "other", queue_url=valkey.url)
        assert desk.call("migrate").returncode == 0
        web, worker = desk.web().wait(), desk.worker()
        small = export(folder / "exports", "few", 5)
        try:
            desk.wait_for(web.upload(small))
            fill(disk, 0)
            for _ in range(3):
                desk.wait_for(web.upload(small))
            wait_until(lambda: b"MISCONF" in valkey.says(b"SET a b"))
            desk.wait_for(web.upload(small))
            assert web.page("/").status_code == 200
            wait_until(lambda: "The broker does not do its work" in worker.output)
            (disk / "in-the-way").unlink()
            desk.wait_for(web.upload(small))
            assert "Traceback" not in desk.output
        finally:
            desk.clean()
            valkey.stop()
