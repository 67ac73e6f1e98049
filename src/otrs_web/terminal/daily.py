"""Computing the daily statistics on a terminal, for cron and after a repair."""

import asyncio
from collections.abc import Sequence

import click

from otrs_web.database import Database, migrate
from otrs_web.database_log import COMMAND_LINE
from otrs_web.settings import Settings
from otrs_web.stats.daily_runs import run_by_hand, today
from otrs_web.stats.daily_table import days_to_compute, stored_days
from otrs_web.tickets.filter import FilterError


def compute(settings: Settings, given: Sequence[tuple[str, str]]) -> int:
    """Compute the days that `from` and `to` name; gives the exit code: 1 if they cannot be."""
    migrate(settings)
    return asyncio.run(_compute(settings, given))


async def _compute(settings: Settings, given: Sequence[tuple[str, str]]) -> int:
    db = Database(settings)
    try:
        first, last = days_to_compute(given, today(db))
        count = await run_by_hand(db, first, last, occasion="command", who=COMMAND_LINE)
        async with db.read() as session:
            found = await stored_days(session, first, last)
    except FilterError as error:
        click.echo(f"--{error.name} is {error.value!r}, but must be {error.expected}", err=True)
        return 1
    finally:
        await db.dispose()
    if not found:
        click.echo(f"There is no ticket from {first} to {last}, so there was nothing to compute.")
        return 0
    day = found[-1]
    state = " (provisional: no import covers this day to its end yet)" if day.provisional else ""
    click.echo(
        f"Computed {count:,} days, {found[0].statistic_date} to {last}." if count > 1 else f"Computed {last}."
    )
    click.echo(f"At the end of {last}: {day.closing_balance:,} open tickets{state}.")
    return 0
