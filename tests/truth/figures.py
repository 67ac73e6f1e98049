"""The generator's truth in the words of the application's `stats` object, to compare the two whole."""

from typing import Any

from tests.generator import Truth


def expected_stats(truth: Truth) -> dict[str, Any]:
    return {
        "total_records": truth.total,
        "current_open_count": truth.open,
        "empty_firstresponse_count": truth.empty_first_response,
        "reopened_count": truth.reopened,
        "undated_open_count": truth.undated_open,
        "daily_new": {day.isoformat(): n for day, n in truth.new.items()},
        "daily_closed": {day.isoformat(): n for day, n in truth.closed.items()},
        "daily_open": {day.isoformat(): n for day, n in truth.backlog.items()},
        "priority_distribution": dict(truth.distributions["priority"]),
        "state_distribution": dict(truth.distributions["state"]),
        "age_segments": truth.ages,
        "open_age_unknown": truth.unknown_age,
        "empty_firstresponse_by_priority": dict(truth.empty_first_response_by_priority),
    }
