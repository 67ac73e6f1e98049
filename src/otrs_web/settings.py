"""Everything that can be set from outside, read once, checked as a whole and frozen. This is the only module
that looks at the environment: a value that makes no sense must stop the start, with all other such values in
the same message, instead of surfacing hours later as a strange figure or a failed import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from otrs_web.settings_values import (
    DEFAULT_BACKUP_TIME,
    DEFAULT_PORT,
    DEFAULT_TRUSTED_PROXIES,
    LogFormat,
    Networks,
    OpenBy,
    Problem,
    Values,
)


class SettingsError(Exception):
    """The settings cannot be used; `problems` names every one that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one installation. Paths are absolute, so that every process means the same files."""

    data_dir: Path
    database_url: str = field(repr=False)
    queue_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    port_given: bool = False
    #: a listening socket's file, handed on by the process that this one was
    listener: int | None = None
    trusted_proxies: Networks = DEFAULT_TRUSTED_PROXIES
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    language: str | None = None
    max_upload_mb: int = 200
    open_by: OpenBy = "state"
    admin_password: str | None = field(default=None, repr=False)
    log_format: LogFormat = "text"
    secret_key: str | None = field(default=None, repr=False)
    backup_time: time | None = DEFAULT_BACKUP_TIME
    backup_keep_days: int = 30
    backup_keep_at_least: int = 7
    app_update_enabled: bool = True
    app_update_repo: str = "Jacky/otrs-web"
    app_update_branch: str = "main"
    app_update_poll_interval: int = 3600
    app_update_github_token: str | None = field(default=None, repr=False)
    app_update_api_url: str = "https://api.github.com"
    #: who ends and starts web and worker where they are services of their own
    update_by: Literal["systemd"] | None = None
    #: where whoever started this process wants to hear that it is ready
    notify_socket: str | None = None

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def backups_dir(self) -> Path:
        return self.data_dir / "backups"

    @property
    def updates_dir(self) -> Path:
        return self.data_dir / "updates"

    @property
    def broker_dir(self) -> Path:
        return self.data_dir / "broker"

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, overrides: Mapping[str, str] | None = None
    ) -> "Settings":
        """Read the settings from `environ`; without one, from `.env` in the working directory and the
        process's environment, which wins. `overrides` (the command line, by the same names) wins over both.
        Raises SettingsError with every problem found."""
        if environ is None:
            environ = {**{k: v for k, v in dotenv_values(".env").items() if v is not None}, **os.environ}
        values = Values({**environ, **(overrides or {})})
        data_dir = values.data_dir()
        settings = cls(
            data_dir=data_dir,
            database_url=values.database_url(data_dir),
            queue_url=values.queue_url(),
            host=values.host(),
            port=values.number("OTRS_WEB_PORT", DEFAULT_PORT, 1, 65535),
            port_given=values.text("OTRS_WEB_PORT") is not None,
            listener=values.listener(),
            trusted_proxies=values.trusted_proxies(),
            timezone=values.timezone(),
            language=values.language(),
            max_upload_mb=values.number("OTRS_WEB_MAX_UPLOAD_MB", 200, 1, 100_000),
            open_by=values.open_by(),
            admin_password=values.text("OTRS_WEB_ADMIN_PASSWORD"),
            secret_key=values.secret_key(),
            backup_time=values.backup_time(),
            backup_keep_days=values.number("OTRS_WEB_BACKUP_KEEP_DAYS", 30, 1, 36_500),
            backup_keep_at_least=values.number("OTRS_WEB_BACKUP_KEEP_AT_LEAST", 7, 1, 10_000),
            log_format=values.log_format(),
            app_update_enabled=values.flag("APP_UPDATE_ENABLED", default=True),
            app_update_repo=values.repo(),
            app_update_branch=values.text("APP_UPDATE_BRANCH") or "main",
            app_update_poll_interval=values.number("APP_UPDATE_POLL_INTERVAL", 3600, 60, 31_536_000),
            app_update_github_token=values.text("APP_UPDATE_GITHUB_TOKEN"),
            app_update_api_url=values.api_url(),
            update_by=values.update_by(),
            notify_socket=values.text("NOTIFY_SOCKET"),
        )
        if values.problems:
            raise SettingsError(values.problems)
        return settings
