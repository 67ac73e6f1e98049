"""The settings: what they are when nothing is set, and what is said when something makes no sense."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from otrs_web.settings import Settings, SettingsError


def problems(**environ: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return {problem.name: problem.value for problem in caught.value.problems}


def test_defaults_need_nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env({})
    assert settings.data_dir == tmp_path / "data"
    assert settings.uploads_dir == tmp_path / "data" / "uploads"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/otrs-web.db"
    assert (settings.host, settings.port, settings.port_given) == ("127.0.0.1", 5000, False)
    assert (settings.queue_url, settings.language, settings.admin_password) == (None, None, None)
    assert (settings.max_upload_mb, settings.open_by) == (200, "state")
    assert (settings.app_update_enabled, settings.app_update_poll_interval) == (True, 3600)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env({}).port = 1  # type: ignore[misc]


def test_every_problem_is_told_at_once_with_name_value_and_expectation() -> None:
    environ = {
        "OTRS_WEB_PORT": "http",
        "OTRS_WEB_TIMEZONE": "Mars/Olympus",
        "OTRS_WEB_DATABASE_URL": "mysql://u:geheim@db/otrs",
        "OTRS_WEB_OPEN_BY": "date",
        "APP_UPDATE_ENABLED": "perhaps",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    text = str(caught.value)
    assert len(caught.value.problems) == len(environ)
    assert "OTRS_WEB_PORT is 'http', but must be a whole number from 1 to 65535" in text
    assert "OTRS_WEB_TIMEZONE is 'Mars/Olympus', but must be a time zone by its IANA name" in text
    assert "OTRS_WEB_DATABASE_URL" in text
    assert "geheim" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTRS_WEB_PORT", "0"),
        ("OTRS_WEB_PORT", "65536"),
        ("OTRS_WEB_PORT", "-1"),
        ("OTRS_WEB_PORT", "٥٠٠٠"),
        ("OTRS_WEB_MAX_UPLOAD_MB", "2.5"),
        ("OTRS_WEB_MAX_UPLOAD_MB", "0"),
        ("OTRS_WEB_LANGUAGE", "fr"),
        ("OTRS_WEB_HOST", "http://localhost"),
        ("OTRS_WEB_DATABASE_URL", "sqlite:///:memory:"),
        ("OTRS_WEB_DATABASE_URL", "postgresql://"),
        ("OTRS_WEB_QUEUE_URL", "localhost:6379"),
        ("OTRS_WEB_QUEUE_URL", "redis://host:port"),
        ("OTRS_WEB_TIMEZONE", "../etc/passwd"),
        ("OTRS_WEB_LOG_FORMAT", "logfmt"),
        ("OTRS_WEB_TRUSTED_PROXIES", "*"),
        ("OTRS_WEB_TRUSTED_PROXIES", "nginx"),
        ("OTRS_WEB_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("OTRS_WEB_TRUSTED_PROXIES", "10.0.0.1, none"),
        ("OTRS_WEB_TRUSTED_PROXIES", "10.0.0.1,,10.0.0.2"),
        ("APP_UPDATE_REPO", "otrs-web"),
        ("APP_UPDATE_POLL_INTERVAL", "hourly"),
        ("APP_UPDATE_API_URL", "ftp://example.org"),
    ],
)
def test_nonsense_is_refused(name: str, value: str) -> None:
    assert problems(**{name: value}) == {name: value}


def test_a_short_secret_is_refused_and_never_shown() -> None:
    assert problems(OTRS_WEB_SECRET_KEY="abc") == {"OTRS_WEB_SECRET_KEY": "…"}


@pytest.mark.parametrize("path", ["/tmp/what?", "/tmp/" + "x" * 490])
def test_a_data_directory_that_the_database_could_not_use_is_refused(path: str) -> None:
    assert problems(OTRS_WEB_DATA_DIR=path) == {"OTRS_WEB_DATA_DIR": path}


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()
    assert problems(OTRS_WEB_DATA_DIR=str(file)) == {"OTRS_WEB_DATA_DIR": str(file)}


def test_values_are_brought_to_one_form() -> None:
    settings = Settings.from_env(
        {
            "OTRS_WEB_DATABASE_URL": "postgres://u:p@db/otrs",
            "OTRS_WEB_QUEUE_URL": "valkey://cache:6379/2",
            "OTRS_WEB_LANGUAGE": "zh_CN",
            "OTRS_WEB_TIMEZONE": " Europe/Berlin ",
            "OTRS_WEB_HOST": "",
            "APP_UPDATE_ENABLED": "No",
            "APP_UPDATE_API_URL": "http://localhost:9/api/",
        }
    )
    assert settings.database_url == "postgresql://u:p@db/otrs"
    assert settings.queue_url == "redis://cache:6379/2"
    assert (settings.language, settings.timezone.key, settings.host) == (
        "zh-CN",
        "Europe/Berlin",
        "127.0.0.1",
    )
    assert settings.app_update_enabled is False
    assert settings.app_update_api_url == "http://localhost:9/api"


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", "127.0.0.1/32, ::1/128"),
        ("none", "none"),
        ("None", "none"),
        ("10.0.0.5", "10.0.0.5/32"),
        ("10.1.0.0/16,2001:db8::/32 , ::1", "10.1.0.0/16, 2001:db8::/32, ::1/128"),
    ],
)
def test_proxies_are_addresses_or_networks(text: str, networks: str) -> None:
    assert str(Settings.from_env({"OTRS_WEB_TRUSTED_PROXIES": text}).trusted_proxies) == networks


def test_who_starts_the_services_anew_is_systemd_or_nobody() -> None:
    assert Settings.from_env({"OTRS_WEB_UPDATE_BY": "systemd"}).update_by == "systemd"
    assert Settings.from_env({"OTRS_WEB_UPDATE_BY": ""}).update_by is None
    with pytest.raises(SettingsError, match="must be systemd, or nothing"):
        Settings.from_env({"OTRS_WEB_UPDATE_BY": "cron"})


def test_what_is_secret_does_not_show_when_settings_are_printed() -> None:
    secret = "hush-hush-hush-hush"
    settings = Settings.from_env(
        {
            "OTRS_WEB_ADMIN_PASSWORD": secret,
            "OTRS_WEB_SECRET_KEY": secret,
            "OTRS_WEB_DATABASE_URL": f"postgresql://u:{secret}@db/otrs",
            "OTRS_WEB_QUEUE_URL": f"redis://:{secret}@cache",
            "APP_UPDATE_GITHUB_TOKEN": secret,
        }
    )
    assert settings.admin_password == secret
    assert secret not in repr(settings)


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OTRS_WEB_MAX_UPLOAD_MB=5\nOTRS_WEB_LANGUAGE=en\nOTRS_WEB_PORT=6001\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTRS_WEB_LANGUAGE", "zh-CN")
    monkeypatch.setenv("OTRS_WEB_PORT", "6002")
    settings = Settings.from_env(overrides={"OTRS_WEB_PORT": "6003"})
    assert (settings.max_upload_mb, settings.language) == (5, "zh-CN")
    assert (settings.port, settings.port_given) == (6003, True)


def test_without_a_time_zone_it_is_the_machines() -> None:
    assert Settings.from_env({"TZ": ":Asia/Shanghai"}).timezone.key == "Asia/Shanghai"
    assert Settings.from_env({"TZ": "Nowhere/AtAll"}).timezone.key
