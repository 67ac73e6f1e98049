"""One answer to Prometheus: this process's figures and the installation's. A part that does not answer has
its state told, and its figures are left out: no figure is better than an old one."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from otrs_web.answering import answer_of
from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.health import Health, health
from otrs_web.metrics import jobs
from otrs_web.metrics.installation import BACKUP, BACKUPS, DAILY_STATISTICS, Figures, figures
from otrs_web.metrics.requests import RequestMetrics
from otrs_web.queue import TicketQueue
from otrs_web.updates.versions import running_version

_STATES = ("ok", "degraded", "failed")
_RESULTS = ("done", "rejected", "failed", "cancelled")
_RUNS = {"success": "done", "error": "failed"}


class _Answer(Collector):
    def __init__(self, families: Iterable[Metric], requests: RequestMetrics) -> None:
        self._families = families
        self._requests = requests

    def collect(self) -> Iterator[Metric]:
        yield from self._families
        yield from self._requests.registry.collect()


async def exposition(
    db: Database, queue: TicketQueue, requests: RequestMetrics, accept: str
) -> tuple[bytes, str]:
    """The figures in the format that `accept` asks for, and its media type. Never waits long for a part that
    does not answer."""
    found, stored, times = await asyncio.gather(health(db, queue), _figures(db), _times(queue))
    families = [*_of_program(found)]
    if stored is not None:
        families += _of_imports(stored)
        families += _of_tasks(stored)
        families += _of_data(stored)
    if times is not None:
        families.append(jobs.family(times))
    try:
        encode, media_type = choose_encoder(accept)
    except (TypeError, ValueError):  # it compares versions without looking whether they are numbers
        encode, media_type = choose_encoder("")
    return encode(_Answer(families, requests)), media_type


async def _figures(db: Database) -> Figures | None:
    async def ask() -> Figures:
        async with db.read() as session:
            return await figures(session, db.settings)

    try:
        return await answer_of(db, "figures", ask)
    except (SQLAlchemyError, TimeoutError):
        return None


async def _times(queue: TicketQueue) -> jobs.Times | None:
    try:
        return await answer_of(queue, "times", lambda: jobs.job_times(queue))
    except (RedisError, OSError, TimeoutError):
        return None


def _of_program(found: Health) -> Iterator[Metric]:
    build = InfoMetricFamily("otrs_web_build", "The program that answers.")
    build.add_metric((), {"version": running_version()})
    yield build
    yield _gauge("ready", "Whether this process can show pages (/health/ready).", not found.missing)
    states = _gauge("part_state", "1 for the state that a part of the program is in.", None, "part", "state")
    for name, part in found.parts().items():
        for state in _STATES:
            states.add_metric((name, state), float(part.state == state))
    yield states
    if found.disk is not None:
        yield _gauge("disk_free_bytes", "Free bytes where the data directory is.", found.disk.free)
        yield _gauge("disk_size_bytes", "Size of the file system of the data directory.", found.disk.size)
    if found.found is not None:
        yield _gauge("workers", "Workers that take jobs.", found.found.workers)
        queued = _gauge("jobs", "Jobs that wait (queued) or are being done (active).", None, "state")
        queued.add_metric(("queued",), found.found.queued)
        queued.add_metric(("active",), found.found.active)
        yield queued


def _of_imports(stored: Figures) -> Iterator[Metric]:
    uploads = _gauge("uploads", "Uploads that wait (queued) or are being imported (running).", None, "status")
    imports = _counter("imports", "Imports by what became of them.", "result")
    for family, names in ((uploads, ("queued", "running")), (imports, _RESULTS)):
        for name in names:
            family.add_metric((name,), stored.uploads[name].times if name in stored.uploads else 0)
    rows = _counter("import_rows", "Rows of imported files by what became of them.", "outcome")
    for outcome, number in stored.rows.items():
        rows.add_metric((outcome,), number)
    waited = (utc_now() - stored.oldest_waiting).total_seconds() if stored.oldest_waiting else 0
    yield from (uploads, imports, rows)
    yield _gauge("upload_oldest_waiting_seconds", "How long the oldest queued upload waits.", max(waited, 0))
    if "done" in stored.uploads:
        yield _instant(
            "last_import", "When the last import that succeeded ended.", stored.uploads["done"].last
        )


def _of_tasks(stored: Figures) -> Iterator[Metric]:
    runs = _counter("daily_runs", "Runs of the daily statistics, a day each.", "result")
    made = _counter("backups", "Backups of all kinds that were made or failed.", "result")
    for counted, events, names in ((runs, stored.runs, _RUNS), (made, stored.backups, BACKUPS)):
        for kind, result in names.items():
            counted.add_metric((result,), events[kind].times if kind in events else 0)
    yield from (runs, made)
    if "success" in stored.runs:
        yield _instant(
            "last_daily_run", "When the daily statistics were computed last.", stored.runs["success"].last
        )
    if BACKUP in stored.backups:
        yield _instant("last_backup", "When the last backup was made.", stored.backups[BACKUP].last)
    due = _gauge(
        "schedule_due_timestamp_seconds", "When a daily task was due last; none if it is off.", None, "task"
    )
    done = _gauge("schedule_done_timestamp_seconds", "Which due instant was done last.", None, "task")
    for family, instants in ((due, stored.due), (done, stored.done)):
        for task in (DAILY_STATISTICS, BACKUP):
            if at := instants.get(task):
                family.add_metric((task,), at.timestamp())
    yield from (due, done)


def _of_data(stored: Figures) -> Iterator[Metric]:
    schema = InfoMetricFamily("otrs_web_schema", "The schema that the database has.")
    schema.add_metric((), {"revision": stored.schema})
    yield schema
    yield _gauge("data_version", "Counted up by whatever changes tickets.", stored.data_version)
    if stored.as_of is not None:
        yield _instant("data_as_of", "When the newest export was made.", stored.as_of)


def _gauge(name: str, text: str, value: float | None = None, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"otrs_web_{name}", text, value=value, labels=labels or None)


def _counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"otrs_web_{name}", text, labels=labels)


def _instant(name: str, text: str, at: datetime | None) -> GaugeMetricFamily:
    return _gauge(f"{name}_timestamp_seconds", text, at.timestamp() if at else None)
