"""Backups on the command line, with the server running and without."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import stored
from tests.ops.site import Site
from tests.ops.test_imports import query, small_export

LATE = "INSERT INTO state_name VALUES ('odd', 'open')"


@pytest.fixture
def site(short_dir: Path, tmp_path: Path) -> Iterator[Site]:
    site = Site(short_dir / "data")
    assert site.run("import", str(small_export(tmp_path))).returncode == 0
    yield site
    site.clean()


def names(site: Site) -> list[str]:
    return sorted(path.name for path in (site.data_dir / "backups").glob("*.zip"))


def change(site: Site, statement: str) -> None:
    stored.change(site.database_url, statement)


def test_from_backup_to_restore_without_a_server(site: Site, tmp_path: Path) -> None:
    assert "There is no backup in" in site.run("backups").stdout
    made = site.run("backup")
    (name,) = names(site)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"{name}: 60 tickets" in made.stdout
    assert "not verified" in site.run("backups").stdout
    assert "is good: 60 tickets" in site.run("verify", name).stdout
    change(site, LATE)
    elsewhere = tmp_path / "from the attic.zip"
    elsewhere.write_bytes((site.data_dir / "backups" / name).read_bytes())
    restored = site.run("restore", str(elsewhere), "--yes")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "All data are replaced by those of from the attic.zip" in restored.stdout
    assert query(site, "SELECT count(*) FROM state_name") == [(0,)]
    listed = site.run("backups").stdout
    assert listed.count("otrs-web-") == 2
    assert "before a restore" in listed
    assert "verified 2" in listed


def test_nothing_is_restored_without_a_yes(site: Site) -> None:
    site.run("backup")
    change(site, LATE)
    refused = site.run("restore", names(site)[0])  # nobody answers
    assert refused.returncode == 1
    assert "Restore it?" in refused.stdout
    assert query(site, "SELECT count(*) FROM state_name") == [(1,)]
    assert len(names(site)) == 1


def test_a_reason_is_one_sentence_and_exit_code_1(site: Site, tmp_path: Path) -> None:
    site.run("backup")
    letter = tmp_path / "letter.zip"
    letter.write_text("Dear Sir or Madam")
    for arguments, words in (
        (("verify", "nothing.zip"), "There is no backup nothing.zip in"),
        (("verify", str(letter)), "letter.zip is damaged"),
        (("restore", str(letter), "--yes"), "letter.zip is damaged"),
        (("restore", "../otrs-web.db", "--yes"), "There is no backup ../otrs-web.db"),
    ):
        done = site.run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.strip().splitlines()) == 1
        assert words in done.stderr


@pytest.mark.single
def test_a_broken_database_is_replaced_once_it_is_moved_away(site: Site) -> None:
    site.run("backup")
    database = site.data_dir / "otrs-web.db"
    for log in site.data_dir.glob("otrs-web.db-*"):
        log.unlink()
    database.write_bytes(b"this was a database" * 5000)
    refused = site.run("restore", names(site)[0], "--yes")
    assert refused.returncode == 1
    assert "move it away, then restore" in refused.stderr
    database.rename(database.with_suffix(".broken"))
    assert site.run("restore", names(site)[0], "--yes").returncode == 0
    assert query(site, "SELECT count(*) FROM otrs_ticket") == [(60,)]


def test_the_running_server_shows_the_restored_data_at_once(site: Site, tmp_path: Path) -> None:
    site.run("backup")
    address = site.start().replace("localhost", "127.0.0.1")
    with httpx.Client(base_url=address, timeout=30) as client:
        other = tmp_path / "other.csv"
        other.write_text("Ticket Number,State,Created\n1,open,2026-01-05 10:00:00\n")
        assert (
            client.post("/upload?wait=30", files={"file": ("other.csv", other.read_bytes())}).status_code
            == 200
        )
        assert client.get("/tickets.json").json()["total"] == 1
        restored = site.run("restore", names(site)[0], "--yes")
        assert (restored.returncode, restored.stderr) == (0, "")
        assert client.get("/tickets.json").json()["total"] == 60
        assert client.get("/database-stats").json()["total_records"] == 60
    site.stop()
