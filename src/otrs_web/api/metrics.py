"""For Prometheus, which asks every few seconds: figures of this process and of the installation, and nothing
about tickets or people."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from otrs_web.api.responses import file_of
from otrs_web.database import Database
from otrs_web.metrics.exposition import exposition
from otrs_web.queue import TicketQueue
from otrs_web.reader import AnyRequest


class MetricsController(Controller):
    tags = ("Operation",)

    @get(
        "/metrics",
        summary="Figures for Prometheus",
        responses=file_of(
            "text/plain", "The text format of Prometheus, or OpenMetrics where it is accepted."
        ),
    )
    async def metrics(
        self, request: AnyRequest, db: NamedDependency[Database], queue: NamedDependency[TicketQueue]
    ) -> Response[bytes]:
        """Figures of a part that does not answer are left out; its state is told. Those of the installation
        are the same from every web process."""
        accept = request.headers.get("accept", "")
        body, media_type = await exposition(db, queue, request.app.state.requests, accept)
        # as a header: to a media type of its own the framework would add a charset once more
        return Response(body, headers={"content-type": media_type})
