"""The commands. Each loads only what it needs, when it is called: the supervisor behind `run` stays small,
and `--help` answers at once. What goes wrong for a reason that the user can mend is one sentence and exit
code 1, not a traceback."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from otrs_web.settings import Settings, SettingsError
from otrs_web.unusable import Unusable

_HOST = click.option("--host", help="Address to listen at.  [OTRS_WEB_HOST, 127.0.0.1]")
_PORT = click.option("--port", help="Port to listen at.  [OTRS_WEB_PORT, 5000]")


def _settings(host: str | None = None, port: str | None = None) -> Settings:
    """The settings, with what was said on the command line; ends the program if they make no sense."""
    given = {"OTRS_WEB_HOST": host, "OTRS_WEB_PORT": port}
    try:
        return Settings.from_env(overrides={k: v for k, v in given.items() if v is not None})
    except SettingsError as error:
        raise click.ClickException(f"these settings cannot be used:\n{error}") from error


def _show(settings: Settings) -> Callable[[str], None]:
    """How a process says to its user what it does: in lines like all others where those are collected."""
    return click.echo if settings.log_format == "text" else logging.getLogger(__name__).info


class _Commands(click.Group):
    """Where the database cannot be used, that is a sentence, whatever was to be done with it."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Unusable as error:
            raise click.ClickException(str(error)) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if (sentence := _trouble_in_the_middle(error)) is None:
                raise
            raise click.ClickException(sentence) from error


def _trouble_in_the_middle(error: Exception) -> str | None:
    """What a database is to be told of that went away, or had no room left, while a command was at work."""
    from otrs_web.database.faults import DATABASE_FAULTS, in_one_line, is_away, is_full

    if not isinstance(error, DATABASE_FAULTS):
        return None
    if is_full(error):
        return "The disk is full. Make room, then run this again."
    if is_away(error):
        return f"The database went away, or is busy: {in_one_line(error)}. Run this again when it is back."
    return None


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="otrs-web", prog_name="otrs-web", message="%(prog)s %(version)s")
def main() -> None:
    """Ticket analytics for help desks that run OTRS, Znuny or OTOBO."""


@main.command()
@_HOST
@_PORT
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def run(host: str | None, port: str | None, with_parent: bool) -> None:
    """Run everything: web server, worker and, unless one is set, a broker. Ctrl-C stops it all."""
    from otrs_web import supervisor
    from otrs_web.lifeline import die_with_parent

    if with_parent:
        die_with_parent(os.getppid(), signal.SIGTERM)
    try:
        settings = _settings(host, port)
        sys.exit(supervisor.run(settings, _show(settings)))
    except supervisor.StartError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_HOST
@_PORT
def web(host: str | None, port: str | None) -> None:
    """Run a web server alone, next to workers and a broker that run elsewhere."""
    from otrs_web import supervisor
    from otrs_web.credentials import announcement, with_credentials
    from otrs_web.database import schema
    from otrs_web.logging_setup import configure_logging
    from otrs_web.serve import serve

    settings = _settings(host, port)
    configure_logging("web", log_format=settings.log_format)
    settings, password = with_credentials(settings)
    show = _show(settings)
    if password is not None:
        show(announcement(settings, password))
    schema.wait_until_usable(settings)
    try:
        listener = supervisor.listen(settings, move_on=False)
    except supervisor.StartError as error:
        raise click.ClickException(str(error)) from error
    show(f"otrs-web serves {supervisor.shown_address(settings, settings.port)}")
    sys.exit(serve(settings, listener))


@main.command()
def worker() -> None:
    """Run a worker alone: it imports what was uploaded."""
    from otrs_web.logging_setup import configure_logging
    from otrs_web.worker import run_worker

    settings = _settings()
    configure_logging("worker", log_format=settings.log_format)
    os._exit(run_worker(settings))


@main.command()
@click.option("--worker", is_flag=True, help="Ask for a worker of this machine, not for the web server.")
def healthy(worker: bool) -> None:
    """Exit code 0 if what runs here does its work; for the health check of a container."""
    from otrs_web.terminal import healthy

    ask = healthy.trouble_of_worker if worker else healthy.trouble_of_web
    if (trouble := ask(_settings())) is not None:
        raise click.ClickException(trouble)


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from otrs_web.database import migrate as bring_up_to_date

    bring_up_to_date(_settings())
    click.echo("The database is up to date.")


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["replace", "incremental"]),
    default="replace",
    show_default=True,
    help="Replace all tickets by those of the file, or add and update.",
)
@click.option("--as-of", help="When the export was made, such as 2026-06-30T14:05.  [found in the file]")
def import_file(file: Path, mode: str, as_of: str | None) -> None:
    """Import an export of tickets, also while the server runs."""
    from otrs_web.terminal import imports
    from otrs_web.tickets.values import past_instant

    try:
        instant = past_instant(as_of) if as_of else None
    except ValueError as error:
        raise click.ClickException(f"--as-of is {as_of!r}, but must be like 2026-06-30T14:05") from error
    try:
        sys.exit(imports.import_file(_settings(), file, file.name, mode, instant))
    except OSError as error:
        raise click.ClickException(f"{error.filename or file} cannot be used: {error.strerror}.") from error


@main.command()
@click.option("--tickets", type=click.IntRange(1, 1_000_000), default=5000, show_default=True)
def demo(tickets: int) -> None:
    """Fill an empty database with a made-up help desk."""
    from otrs_web.terminal import imports

    sys.exit(imports.import_demo(_settings(), tickets))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let its tickets take the place of those that are stored.")
def adopt(file: Path, replace: bool) -> None:
    """Take over the database file of the original application, otrs_data.db. It is never written."""
    from otrs_web.terminal import adopt

    try:
        sys.exit(adopt.adopt_file(_settings(), file, replace=replace))
    except OSError as error:
        raise click.ClickException(f"{error.filename or file} cannot be used: {error.strerror}.") from error


@main.command("daily-stats")
@click.option("--from", "first", help="The first day to compute, such as 2026-06-30.  [the last one]")
@click.option("--to", "last", help="The last day.  [today]")
def daily_stats(first: str | None, last: str | None) -> None:
    """Compute or recompute the daily statistics, also while the server runs."""
    from otrs_web.terminal import daily

    given = [(name, day) for name, day in (("from", first), ("to", last)) if day is not None]
    sys.exit(daily.compute(_settings(), given))


@main.command()
def backup() -> None:
    """Make a backup of the database, also while the server runs."""
    from otrs_web.terminal import backups

    sys.exit(backups.create(_settings()))


@main.command()
def backups() -> None:
    """List the backups, the newest first."""
    from otrs_web.terminal import backups

    sys.exit(backups.show(_settings()))


@main.command()
@click.argument("file")
def verify(file: str) -> None:
    """Restore a backup elsewhere and compare what is in it. FILE is its name or any path."""
    from otrs_web.terminal import backups

    sys.exit(backups.verify(_settings(), file))


@main.command()
@click.argument("file")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: str, yes: bool) -> None:
    """Replace all data by those of a backup, also while the server runs. FILE is its name or any path."""
    from otrs_web.terminal import backups

    sys.exit(backups.restore(_settings(), file, ask=not yes))
