"""When backups are made and how long they are kept are settings."""

from datetime import time

import pytest

from otrs_web.settings import Settings, SettingsError


def read(**environ):
    return Settings.from_env({"OTRS_WEB_DATA_DIR": "/nowhere", **environ})


def test_defaults():
    settings = read()
    assert (settings.backup_time, settings.backup_keep_days, settings.backup_keep_at_least) == (
        time(2),
        30,
        7,
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [("23:59", time(23, 59)), ("7:05", time(7, 5)), ("00:00", time(0)), ("off", None), ("OFF", None)],
)
def test_times(text, at):
    assert read(OTRS_WEB_BACKUP_TIME=text).backup_time == at


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTRS_WEB_BACKUP_TIME", "24:00"),
        ("OTRS_WEB_BACKUP_TIME", "2 o'clock"),
        ("OTRS_WEB_BACKUP_TIME", "12:60"),
        ("OTRS_WEB_BACKUP_KEEP_DAYS", "0"),
        ("OTRS_WEB_BACKUP_KEEP_DAYS", "a month"),
        ("OTRS_WEB_BACKUP_KEEP_AT_LEAST", "0"),
    ],
)
def test_what_makes_no_sense_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read(**{name: value})
