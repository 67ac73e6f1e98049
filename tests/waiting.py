"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], object], seconds: float = 60.0) -> float:
    """How long it took; fails if it takes longer than that."""
    begin = time.monotonic()
    while not done():
        assert time.monotonic() - begin < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begin
