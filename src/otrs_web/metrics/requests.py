"""The requests that this process has answered, and what the process itself needs."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

#: seconds; 0.3 is what 95 of 100 answers have to stay below
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30, 120)


class RequestMetrics:
    """Counted by method, route and status, all of which there is a small number of."""

    def __init__(self) -> None:
        # when a series began: half as many series again, and nothing asks for it
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._answered = Counter(
            "otrs_web_requests",
            "Requests that were answered, without static files, health and metrics.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "otrs_web_request_duration_seconds",
            "Time from the request's head to the last byte of the answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        self._answered.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
