"""One line per event, and nothing secret in it."""

import logging
import re

from otrs_web.logging_setup import LineFormatter


def line(message: str, error: Exception | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("otrs_web.jobs", logging.WARNING, __file__, 1, message, (), info)
    return LineFormatter("worker").format(record)


def test_a_line_has_time_level_process_and_place() -> None:
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING worker otrs_web\.jobs: It rains"
    assert re.fullmatch(shape, line("It rains"))


def test_a_traceback_stays_on_the_line() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError as error:
        text = line("It failed", error)
    assert "\n" not in text
    assert "It failed | Traceback" in text
    assert text.endswith("ValueError: a | b")


def test_the_password_of_an_address_is_left_out() -> None:
    text = line("No answer from postgresql://otrs:s3cr3t@db/otrs and redis://:t0p@cache:6379")
    assert "s3cr3t" not in text
    assert "t0p" not in text
    assert "postgresql://otrs:…@db/otrs" in text
