"""`otrs-web adopt`: plain lines and exit code 0, or one sentence and exit code 1."""

from pathlib import Path

from click.testing import CliRunner, Result

from otrs_web.cli import main
from tests.adopt.original import build, ticket


def run(folder: Path, *arguments: str) -> Result:
    env = {
        "OTRS_WEB_DATA_DIR": str(folder / "data"),
        "OTRS_WEB_LANGUAGE": "en",
        "OTRS_WEB_TIMEZONE": "Europe/Berlin",
    }
    return CliRunner().invoke(main, ["adopt", *arguments], env=env)


def test_it_says_what_it_took_and_what_not(tmp_path):
    path = build(
        tmp_path / "otrs_data.db",
        otrs_ticket=[ticket("1"), ticket("2", created=None)],
        system_config=[{"id": 1, "key": "a", "value": "b"}],
        responsible_config=[{"user_identifier": "10.0.0.5", "selected_responsibles": "__import__('os')"}],
    )
    told = run(tmp_path, str(path))
    assert (told.exit_code, told.stderr) == (0, "")
    first, *lines = told.stdout.splitlines()
    assert first == "Taken over from otrs_data.db, which is as it was:"
    undated = "Without a creation time that can be read, and so in no figure by day: 1."
    assert f"  Tickets: 2 found, 2 taken over. {undated}" in lines
    assert (
        "  Selections of people: 1 found, 0 taken over. Left out, since they are no list of names: 1."
        in lines
    )
    assert (
        lines[-1] == "  Tables that are not taken over, since nothing here has a use for them: system_config."
    )
    assert len(lines) == 10


def test_a_refusal_is_one_sentence_and_changes_nothing(tmp_path):
    build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1")])
    assert run(tmp_path, str(tmp_path / "otrs_data.db")).exit_code == 0
    again = run(tmp_path, str(tmp_path / "otrs_data.db"))
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("There are 1 tickets here already")
    assert "--replace" in again.stderr
    assert again.stderr.count("\n") == 1
    assert run(tmp_path, str(tmp_path / "otrs_data.db"), "--replace").exit_code == 0
    missing = run(tmp_path, str(tmp_path / "nothing.db"))
    assert (missing.exit_code, missing.stderr) == (1, "There is no file nothing.db.\n")


def test_a_database_that_cannot_be_used_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("OTRS_WEB_DATABASE_URL", f"sqlite:///{tmp_path}")
    build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1")])
    told = run(tmp_path, str(tmp_path / "otrs_data.db"))
    assert (told.exit_code, told.stdout) == (1, "")
    assert "cannot be used" in told.stderr
