"""Backups on a terminal or from cron, whether the server runs or not: what is done, in one line, or why it
was not done, in one sentence."""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from otrs_web.backups import folder, service
from otrs_web.backups.archive import KINDS, read_manifest
from otrs_web.backups.errors import BackupError, Reason, explained
from otrs_web.backups.restore import restore as restore_backup
from otrs_web.database import DatabaseAway, migrate
from otrs_web.database.schema import SchemaUnfit, refuse_newer_schema
from otrs_web.database_log import COMMAND_LINE
from otrs_web.i18n import N_, Formats, translations
from otrs_web.logging_setup import configure_logging
from otrs_web.settings import Settings

_NOT_THERE = N_("There is no backup {file} in {folder}, and no file of that name.")
_UNUSABLE = N_(
    "The database cannot be used: {reason} If it is damaged, move it away, then restore: a new one is made."
)


class _Terminal:
    """Says things in the installation's language, else in English."""

    def __init__(self, settings: Settings) -> None:
        language = settings.language or "en"
        self.formats = Formats(language, settings.timezone)
        self.tr = translations(language).gettext

    def say(self, message: str, **params: str | int) -> None:
        shown = {k: self.formats.number(v) if isinstance(v, int) else v for k, v in params.items()}
        click.echo(self.tr(message).format(**shown))

    def sentence(self, reason: Reason) -> str:
        return self.tr(reason.message).format(**reason.params)


def create(settings: Settings) -> int:
    """Make a backup; gives the exit code."""

    def work(terminal: _Terminal) -> None:
        refuse_newer_schema(settings)
        name, manifest = service.create(settings, "by_hand", who=COMMAND_LINE)
        size = terminal.formats.size((settings.backups_dir / name).stat().st_size)
        words = N_("Made {file}: {tickets} tickets, {size}.")
        terminal.say(words, file=str(settings.backups_dir / name), tickets=manifest.tickets, size=size)

    return _told(settings, work)


def show(settings: Settings) -> int:
    """A line for each backup, the newest first."""

    def work(terminal: _Terminal) -> None:
        found = folder.listing(settings)
        for backup in found:
            kind = terminal.tr(KINDS[backup.manifest.kind]) if backup.manifest else "–"
            state = terminal.tr(N_("not verified"))
            if backup.fault:
                state = terminal.sentence(backup.fault)
            elif backup.checked_at:
                moment = terminal.formats.moment(backup.checked_at)
                state = terminal.tr(N_("verified {moment}")).format(moment=moment)
            tickets = terminal.formats.number(backup.manifest.tickets if backup.manifest else None)
            size, made = terminal.formats.size(backup.size), terminal.formats.moment(backup.created_at)
            click.echo(f"{made}  {backup.name}  {kind}  {tickets}  {size}  {state}")
        if not found:
            terminal.say(N_("There is no backup in {folder} yet."), folder=str(settings.backups_dir))

    return _told(settings, work)


def verify(settings: Settings, given: str) -> int:
    """Verify a backup by its name, or a file; gives the exit code."""

    def work(terminal: _Terminal) -> None:
        path = _file(settings, given)
        refuse_newer_schema(settings)
        manifest = service.verify(settings, path, who=COMMAND_LINE)
        words = N_("{file} is good: {tickets} tickets, as it should be.")
        terminal.say(words, file=path.name, tickets=manifest.tickets)

    return _told(settings, work)


def restore(settings: Settings, given: str, *, ask: bool) -> int:
    """Restore a backup by its name, or a file; gives the exit code."""

    def work(terminal: _Terminal) -> None:
        path = _file(settings, given)
        manifest = read_manifest(path)
        words = N_(
            "All data are replaced by those of {file}: {tickets} tickets, as of {moment}. "
            "A backup of the present data is made first."
        )
        moment = terminal.formats.moment(manifest.created_at)
        terminal.say(words, file=path.name, tickets=manifest.tickets, moment=moment)
        if ask:
            click.confirm(terminal.tr(N_("Restore it?")), abort=True)
        migrate(settings)
        restored = restore_backup(settings, path, who=COMMAND_LINE)
        words = N_("Restored {file}: {tickets} tickets. What was there before is in {safety}.")
        terminal.say(words, file=path.name, tickets=manifest.tickets, safety=restored.safety)

    return _told(settings, work)


def _file(settings: Settings, given: str) -> Path:
    """A backup in the folder, else any file: whoever uses a terminal may read what it may read."""
    try:
        return folder.find(settings, given)
    except BackupError as error:
        path = Path(given)
        if path.is_file():
            return path.absolute()
        raise BackupError("unknown", _NOT_THERE, file=given, folder=str(settings.backups_dir)) from error


def _told(settings: Settings, work: Callable[[_Terminal], None]) -> int:
    configure_logging("backups", logging.ERROR, settings.log_format)
    terminal = _Terminal(settings)
    try:
        work(terminal)
    except BackupError as error:
        reason = error.reason
    except SchemaUnfit:
        raise
    except DatabaseAway as error:
        reason = Reason(_UNUSABLE, {"reason": str(error)})
    except (OSError, sqlite3.Error, DBAPIError) as error:
        reason = Reason(_UNUSABLE, {"reason": str(explained(error))})
    else:
        return 0
    click.echo(terminal.sentence(reason), err=True)
    return 1
