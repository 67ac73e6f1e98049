"""Taking over the original's data on a terminal: what was taken, line by line, or the one reason why nothing
was."""

from pathlib import Path

import click

from otrs_web.adopt.report import Refused
from otrs_web.adopt.service import adopt
from otrs_web.database import DatabaseAway, migrate
from otrs_web.database_log import COMMAND_LINE
from otrs_web.i18n import N_, Formats, translations
from otrs_web.settings import Settings


def adopt_file(settings: Settings, path: Path, *, replace: bool) -> int:
    """Take over a file, also while the server runs; gives the exit code: 1 if it was refused."""
    language = settings.language or "en"
    tr, formats = translations(language).gettext, Formats(language, settings.timezone)
    try:
        migrate(settings)
        report = adopt(settings, path, filename=path.name, replace=replace, who=COMMAND_LINE)
    except Refused as reason:
        click.echo(tr(reason.message).format(**reason.params), err=True)
        return 1
    except DatabaseAway as reason:
        click.echo(str(reason), err=True)
        return 1
    click.echo(tr(N_("Taken over from {file}, which is as it was:")).format(file=path.name))
    for line in report.lines(formats, tr):
        click.echo(f"  {line}")
    return 0
