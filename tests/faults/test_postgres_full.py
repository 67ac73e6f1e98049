"""The disk of the PostgreSQL server is full: pages go on, uploads are taken, their imports fail in a sentence
and change nothing, and with room again the same thing works."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.parts import Desk, Valkey, Web, export, fill, small_disk
from tests.postgres import Postgres
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.single,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk"),
]
PAGES = ("/", "/results", "/database", "/tickets", "/uploads", "/daily-statistics")


class Site:
    """A web server and a worker; the database on a disk of 160 MB, and uploads elsewhere."""

    def __init__(self, folder: Path, disk: Path) -> None:
        self.disk = disk
        for each in (folder, disk):  # the server has a user of its own
            each.chmod(0o711)
        # the log of changes keeps its size, and needs no more room than it has
        self.postgres = Postgres(disk, max_wal_size="32MB", min_wal_size="32MB")
        self.valkey = Valkey(folder / "valkey")
        self.valkey.start()
        self.desk = Desk(folder, self.postgres.create(), self.valkey.url)
        self.web: Web = self.desk.web().wait()
        self.desk.worker()
        self.small = export(folder / "exports", "small", 30)
        self.large = export(folder / "exports", "large", 60_000)
        self.desk.wait_for(self.web.upload(self.small))


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with small_disk(folder / "disk", "160m") as disk:
        site = Site(folder, disk)
        yield site
        site.desk.clean()
        site.valkey.stop()
        site.postgres.stop()


@pytest.mark.parametrize("left", [0, 1 << 20])
def test_at_an_import(site: Site, left: int) -> None:
    fill(site.disk, left)
    for path in (site.small, site.large):
        upload = site.web.upload(path)
        wait_until(lambda upload=upload: state(site, upload) not in ("queued", "running"))
    page = site.web.page(f"/uploads/{upload}").text
    assert "The disk is full. Ask the administrator to make room, then upload the file again." in page
    assert "Your data is untouched" in page
    assert {site.web.page(path).status_code for path in PAGES} == {200}
    assert site.web.tickets() == 30
    (site.disk / "in-the-way").unlink()
    site.desk.wait_for(site.web.upload(site.small))


def state(site: Site, upload: int) -> str:
    return str(site.web.get(f"/processing-status?upload_id={upload}").json().get("status"))
