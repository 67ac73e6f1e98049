"""Passwords that nobody had to invent."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from otrs_web.credentials import with_credentials
from otrs_web.settings import Settings


def settings(path: Path, **values: str) -> Settings:
    return Settings.from_env({"OTRS_WEB_DATA_DIR": str(path / "data"), **values})


def test_they_are_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    first, shown = with_credentials(settings(tmp_path))
    again, shown_again = with_credentials(settings(tmp_path))
    assert shown == first.admin_password == again.admin_password
    assert shown_again is None
    assert first.secret_key == again.secret_key
    assert len(first.secret_key or "") >= 32
    kept = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert kept == {"admin-password": 0o600, "secret-key": 0o600}


def test_two_installations_have_different_ones(tmp_path: Path) -> None:
    one, _ = with_credentials(settings(tmp_path / "a"))
    other, _ = with_credentials(settings(tmp_path / "b"))
    assert one.admin_password != other.admin_password
    assert one.secret_key != other.secret_key


def test_what_is_set_is_neither_replaced_nor_written_down(tmp_path: Path) -> None:
    given = settings(tmp_path, OTRS_WEB_ADMIN_PASSWORD="given", OTRS_WEB_SECRET_KEY="given-key-given-key")
    complete, shown = with_credentials(given)
    assert (complete, shown) == (given, None)
    assert list((tmp_path / "data").iterdir()) == []


def test_processes_that_start_at_once_agree_and_one_shows_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: with_credentials(settings(tmp_path)), range(16)))
    assert len({(done.admin_password, done.secret_key) for done, _ in results}) == 1
    assert sum(shown is not None for _, shown in results) == 1
