"""The web process: uvicorn on a socket that is bound already. The application is imported with this module,
so that the supervisor can have that done while the database is still being migrated."""

import gc
import socket

import uvicorn

from otrs_web import notify
from otrs_web.app import create_app
from otrs_web.settings import Settings

# Answers under way may take so long after a stop was asked for; the supervisor allows a little more.
_GRACE_S = 5


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify.ready(self._settings)


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve the application until SIGTERM or SIGINT; gives the exit code."""
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn would believe proxies by a setting of its own; proxies.py does, by ours
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    # What the start has made stays for good; looking through it again and again would only stop answers.
    gc.collect()
    gc.freeze()
    server = _Server(config, settings)
    # Not by `fd=`: uvicorn would take the socket for a Unix one and leave small answers waiting for 40 ms.
    server.run(sockets=[listener])
    return 0 if server.started else 1
