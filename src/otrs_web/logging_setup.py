"""What the processes say while they run: one line per event on standard error, with time, level and place, so
that a terminal, a journal and a log collector can all read it. The libraries below are only heard when
something is wrong: a quiet log is read, a chatty one is not.

No line tells about people: who asked for what stands in the database log, what files hold nowhere else.
"""

import json
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType, TracebackType
from typing import Any

from otrs_web.settings_values import LogFormat
from otrs_web.traceback_text import traceback_text, without_details

#: a line for every request: for collectors, which filter; on a terminal the pages that follow imports by
#: themselves would soon be all there is to see
REQUESTS = "otrs_web.requests"
_QUIET = ("saq", "uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy", "asyncio", "httpx")
_PASSWORD_IN_URL = re.compile(r"(://[^\s:/@]*):[^\s/@]*@")

_Value = str | int | float
_context: ContextVar[Mapping[str, _Value]] = ContextVar("log_context", default=MappingProxyType({}))


def current_context() -> Mapping[str, _Value]:
    """What every line that is logged from here says besides: `request_id`, `job_id`, `upload_id`…"""
    return _context.get()


def enter_context(fields: Mapping[str, _Value]) -> None:
    """From here on, for the rest of this task or process, say `fields` with every line."""
    _context.set({**_context.get(), **fields})


@contextmanager
def log_context(**fields: _Value) -> Iterator[None]:
    """Meanwhile, say `fields` with every line."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


class LineFormatter(logging.Formatter):
    """`2026-06-30T14:05:11.123Z INFO web otrs_web.app: text [request_id=…]`, a traceback behind it on the
    same line, and no password of a connection URL in either."""

    def __init__(self, process: str) -> None:
        super().__init__(
            f"%(asctime)s.%(msecs)03dZ %(levelname)s {process} %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name in logging
        line = without_details(super().formatMessage(record))
        context = " ".join(f"{name}={value}" for name, value in _context.get().items())
        return f"{line} [{context}]" if context else line

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return traceback_text(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        line = " | ".join(part.strip() for part in super().format(record).splitlines() if part.strip())
        return _without_password(line)


class JsonFormatter(logging.Formatter):
    """A line is one JSON object in ASCII: `time`, `level`, `process`, `pid`, `logger`, `message`, what is
    known of request, job and upload, the `fields` of the record, and `exception` with the traceback."""

    def __init__(self, process: str) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{self.formatTime(record, self.datefmt)}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": _without_password(without_details(record.getMessage())),
            **_context.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _without_password(traceback_text(record.exc_info[1]))
        return json.dumps(line, default=str)


def _without_password(text: str) -> str:
    return _PASSWORD_IN_URL.sub(r"\1:…@", text)


_FORMATTERS: Mapping[LogFormat, type[LineFormatter | JsonFormatter]] = {
    "text": LineFormatter,
    "json": JsonFormatter,
}


def configure_logging(process: str, level: int = logging.INFO, log_format: LogFormat = "text") -> None:
    """Log this process's events, from `level` on, under the name `process` (run, web, worker…). What nobody
    has caught is logged as well, instead of being printed over many lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_FORMATTERS[log_format](process))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if log_format == "json" else logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _log_uncaught(found.exc_value)
    sys.unraisablehook = lambda found: _log_uncaught(found.exc_value)


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _log_uncaught(error)


def _log_uncaught(error: BaseException | None) -> None:
    log = logging.getLogger(__name__)
    if isinstance(error, KeyboardInterrupt):
        log.info("Interrupted")
    elif not isinstance(error, SystemExit):
        log.critical("Nobody has caught this", exc_info=error)
