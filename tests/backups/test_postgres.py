"""What only PostgreSQL has: rights, passwords, programs, and databases beside the live one."""

import stat
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from otrs_web.backups import postgres, service
from otrs_web.backups.errors import BackupError
from otrs_web.backups.restore import restore
from otrs_web.settings import Settings
from tests.backups.support import WHO, files, filled, litter, made, scalar, tickets
from tests.support import make_settings

#: everything that a shell and a connection string could stumble over
SECRET = "p:a\\s s'w%o/r@d?"


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Settings:
    return filled(lambda **_: make_settings(tmp_path, database_url=postgres_url))


def as_role(settings: Settings, rights: str) -> Settings:
    """The same database for a user of its own, who has a password."""
    url = make_url(settings.database_url)
    name = f"reader_{url.database}"
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                psycopg.sql.Identifier(name), psycopg.sql.SQL(rights), psycopg.sql.Literal(SECRET)
            )
        )
        for kind in ("TABLES", "SEQUENCES"):
            connection.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {name}".encode())
    own = url.set(username=name, password=SECRET).render_as_string(hide_password=False)
    return make_settings(settings.data_dir, database_url=own)


def test_without_the_right_to_create_databases_the_reason_is_named(settings):
    plain = as_role(settings, "NOCREATEDB")
    path = made(plain)
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match=r"ALTER ROLE reader_.* CREATEDB") as refused:
            attempt(plain, path, who=WHO)
        assert refused.value.kind == "failed"
    assert files(plain) == [path.name]
    assert litter(plain) == []


def test_with_that_right_all_works_for_a_user_who_does_not_own_the_tables(settings):
    able = as_role(settings, "CREATEDB")
    path = made(able)
    assert service.verify(able, path, who=WHO).tickets == 3
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM otrs_ticket")
    restore(able, path, who=WHO)
    assert tickets(settings) == 3
    assert scalar(settings, "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'") == 0


def test_the_password_is_in_a_file_of_its_own(settings, tmp_path):
    secret = as_role(settings, "NOCREATEDB")
    folder = tmp_path / "with a space"
    folder.mkdir()
    address = conninfo_to_dict(postgres._address(secret, folder))
    assert "password" not in address
    assert address["user"].startswith("reader_")
    file = Path(address["passfile"])
    assert file.read_text() == "*:*:*:*:p\\:a\\\\s s'w%o/r@d?\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_missing_program_is_named(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "PACKAGES", ())
    with pytest.raises(BackupError, match=r"The program pg_dump is not there\. Install PostgreSQL's client"):
        made(settings)
    assert litter(settings) == []


def test_off_the_path_the_newest_of_the_packages_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for version in ("9.6", "17", "16"):
        folder = tmp_path / "postgresql" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "pg_dump").touch()
    monkeypatch.setattr(postgres, "PACKAGES", ((tmp_path / "postgresql", "*/bin"),))
    assert postgres._tool("pg_dump") == str(tmp_path / "postgresql" / "17" / "bin" / "pg_dump")


def test_an_unreachable_server_is_a_sentence(settings, tmp_path):
    away = make_settings(tmp_path / "away", database_url="postgresql://nobody@/nothing?host=/nowhere")
    with pytest.raises(BackupError, match="The database does not do its work") as refused:
        made(away)
    assert refused.value.kind == "failed"
    assert litter(away) == []
