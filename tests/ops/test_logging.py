"""One line per event, and nothing secret in it."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from otrs_web.database import SyncDatabase
from otrs_web.logging_setup import JsonFormatter, LineFormatter, current_context, log_context
from otrs_web.models import StateName
from otrs_web.settings import Settings
from otrs_web.traceback_text import traceback_text
from tests.ops.site import Site


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


def event(message: str, error: Exception | None = None, **more: object) -> dict[str, Any]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("otrs_web.jobs", logging.WARNING, __file__, 1, message, (), info)
    record.__dict__.update(more)
    text = JsonFormatter("worker").format(record)
    assert text.isascii()
    assert len(text.splitlines()) == 1
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_as_json_a_line_has_the_same_and_more() -> None:
    found = event("It rains on postgresql://otrs:s3cr3t@db/otrs\nin 北京\u2028", fields={"status": 200})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("time"))
    assert found.pop("pid") > 0
    assert found == {
        "level": "WARNING",
        "process": "worker",
        "logger": "otrs_web.jobs",
        "message": "It rains on postgresql://otrs:…@db/otrs\nin 北京\u2028",
        "status": 200,
    }


def test_as_json_a_traceback_is_a_field() -> None:
    try:
        raise OSError(28, "No space left on device", "redis://:t0p@cache")
    except OSError as error:
        found = event("It failed", error)
    assert found["exception"].startswith("Traceback (most recent call last):\n  File ")
    assert found["exception"].endswith("OSError: [Errno 28] No space left on device: 'redis://:…@cache'")


def test_every_line_says_what_it_belongs_to() -> None:
    with log_context(request_id="abc"), log_context(upload_id=5):
        assert line("It rains").endswith("otrs_web.jobs: It rains [request_id=abc upload_id=5]")
        assert event("It rains")["upload_id"] == 5
    assert current_context() == {}
    assert line("It rains").endswith(": It rains")


def failed(work: Callable[[], object]) -> str:
    with pytest.raises((ValueError, LookupError, AttributeError, OSError, RuntimeError)) as raised:
        work()
    return traceback_text(raised.value)


@pytest.mark.parametrize(
    ("work", "kept"),
    [
        (lambda: int("Miller"), "ValueError: invalid literal for int() with base 10: …"),
        (lambda: int("Mil\"ler's"), "ValueError: invalid literal for int() with base 10: …"),
        (lambda: {}["Miller"], "KeyError: …"),
        (lambda: json.loads('{"Miller"'), "json.decoder.JSONDecodeError: Expecting … delimiter"),
        (lambda: "Miller".no_such, "AttributeError: 'str' object has no attribute 'no_such'"),
        (
            lambda: Path("/no/such/file").read_text(),
            "FileNotFoundError: [Errno 2] No such file or directory: '/no/such",
        ),
    ],
)
def test_a_traceback_tells_where_and_what_but_not_of_whom(work: Callable[[], object], kept: str) -> None:
    text = failed(work)
    lines = [part for part in text.splitlines() if not part.startswith("    ")]  # but the code itself
    assert kept in text
    assert "Miller" not in "".join(lines)


@pytest.mark.parametrize(
    "quoted", ["»Miller«", "„Miller“", "«Miller»", "« Miller »", "“Miller”", "„Miller”", "「Miller」"]
)
def test_a_value_is_left_out_in_the_quotes_of_any_language(quoted: str) -> None:
    def work() -> None:
        raise ValueError(f"{quoted} ist nicht {quoted}.")

    assert failed(work).endswith("ValueError: … ist nicht ….")


@pytest.mark.parametrize("heading", ["DETAIL: ", "DÉTAIL :", "详细信息: ", "LINE 1:", "CONTEXTO:"])
def test_what_a_server_adds_is_left_out_in_any_language(heading: str) -> None:
    def work() -> None:
        raise ValueError(
            f"twice\n{heading} Key (name)=(Miller\nfrom: Berlin)\n[SQL: INSERT INTO a\nVALUES (1)]"
        )

    assert failed(work).endswith("ValueError: twice\n[SQL: INSERT INTO a\nVALUES (1)]")


def test_what_led_to_an_error_is_told_in_the_same_way() -> None:
    def work() -> None:
        try:
            int("Miller")
        except ValueError as error:
            raise RuntimeError("cannot read 'Smith'") from error

    text = failed(work)
    assert "ValueError: invalid literal for int() with base 10: …" in text
    assert text.endswith("RuntimeError: cannot read …")


def test_what_a_database_did_not_take_is_not_told(install: Callable[..., Settings]) -> None:
    db, twice = SyncDatabase(install()), [{"name": "Miller", "state_type": "open"}] * 2
    with pytest.raises(DBAPIError) as raised, db.write() as session:
        session.execute(insert(StateName), twice)
    db.dispose()
    for text in (line("It failed", raised.value), line(f"It failed: {raised.value.orig}")):
        assert "nique" in text or "UNIQUE" in text
        assert "Miller" not in text


@pytest.mark.single
def test_a_worker_alone_keeps_to_the_format(site: Site) -> None:
    site.environ["OTRS_WEB_LOG_FORMAT"] = "json"
    said = [json.loads(line) for line in site.run("worker").stderr.splitlines()]
    assert [(line["process"], line["level"]) for line in said] == [("worker", "ERROR")]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_whatever_a_process_says_is_one_line_per_event(log_format: str) -> None:
    program = r"""
import logging, threading, warnings
from otrs_web.logging_setup import configure_logging
configure_logging("web", log_format="FORMAT")
class Odd:
    def __del__(self):
        raise ValueError("in a destructor")
Odd()
warnings.warn("some\nwarning")
logging.getLogger("saq").error("library\nfailed")
logging.getLogger("uvicorn.error").info("not wanted")
logging.getLogger("otrs_web.requests").info("GET / 200")
thread = threading.Thread(target=lambda: int("Miller"))
thread.start()
thread.join()
raise ValueError("at the end of 'Miller'")
""".replace("FORMAT", log_format)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    said = done.stderr.splitlines()
    messages = ["in a destructor", "some", "library", "GET / 200", "invalid literal", "at the end of"]
    if log_format == "json":
        assert {json.loads(text)["process"] for text in said} == {"web"}
    else:
        assert all(re.match(r"\d{4}-\d\d-\d\dT", text) for text in said)
        messages.remove("GET / 200")
    assert len(said) == len(messages)
    for text, message in zip(said, messages, strict=True):
        assert message in text
        assert "Miller" not in text
