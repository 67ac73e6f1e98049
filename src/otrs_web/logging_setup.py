"""What the processes say while they run: one line per event on standard error, with time, level and place, so
that a terminal, a journal and a log collector can all read it. The libraries below are only heard when
something is wrong: a quiet log is read, a chatty one is not."""

import logging
import re
import sys
import time

_QUIET = ("saq", "uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy", "asyncio")
_PASSWORD_IN_URL = re.compile(r"(://[^\s:/@]*):[^\s/@]*@")


class LineFormatter(logging.Formatter):
    """`2026-06-30T14:05:11.123Z INFO web otrs_web.app: text`, a traceback behind it on the same line, and no
    password of a connection URL in either."""

    def __init__(self, process: str) -> None:
        super().__init__(
            f"%(asctime)s.%(msecs)03dZ %(levelname)s {process} %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        line = " | ".join(part.strip() for part in super().format(record).splitlines() if part.strip())
        return _PASSWORD_IN_URL.sub(r"\1:…@", line)


def configure_logging(process: str, level: int = logging.INFO) -> None:
    """Log this process's events, from `level` on, under the name `process` (run, web, worker…)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(process))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
