"""The one clock. System times are UTC, ticket times are the wall clock of the OTRS site; both are asked of
here and nowhere else, so that a test can stop the time and see the same figures on any day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_frozen_at: datetime | None = None


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen_at or datetime.now(UTC)


def site_now(tz: ZoneInfo) -> datetime:
    """What the clock on the site's wall shows: naive, in whole seconds, comparable with ticket times."""
    return utc_now().astimezone(tz).replace(tzinfo=None, microsecond=0)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant, in the whole process: a test's server may run in another thread."""
    global _frozen_at  # noqa: PLW0603
    if at.tzinfo is None:
        raise ValueError("the instant to freeze at needs a time zone")
    before, _frozen_at = _frozen_at, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen_at = before
