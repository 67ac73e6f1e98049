"""The log of every change to the data: when, what, how many, by whom. What changes data writes its entry in
the same transaction, so neither stands without the other.

An entry is kept twice: as a sentence in English, for whoever reads the table, and as the message it was made
from with its values, so that the page can say it in the reader's language.
"""

from collections.abc import Mapping
from typing import Any

from otrs_web.clock import utc_now

#: who did it, where it was no browser
SCHEDULE = "Schedule"
COMMAND_LINE = "Command line"


def browser(address: str | None, user_agent: str | None) -> str:
    """Who did it in a browser or by a script, in the words of the original's log."""
    return f"IP: {address or 'unknown'}, Browser: {(user_agent or 'unknown')[:200]}"


def entry(
    kind: str,
    message: str,
    params: Mapping[str, str | int] | None = None,
    *,
    who: str,
    affected: int | None = None,
    table: str | None = None,
    filename: str | None = None,
) -> dict[str, Any]:
    """A row of `database_log`, to be inserted. `message` is marked for translation with N_ and has the
    places that `params` fills; `affected` counts what was changed."""
    values = dict(params or {})
    return {
        "operation_time": utc_now(),
        "operation_type": kind,
        "table_name": table,
        "records_affected": affected,
        "operation_details": message.format(**values),
        "message": {"text": message, "params": values},
        "user_info": who,
        "filename": filename,
    }
