"""`otrs-web healthy`, for whoever asks again and again whether a container does its work: a web server is
asked over its port; a worker, which has none, is looked up among those who have told the queue within the
last minute that they are there. A worker that hangs tells nothing, so it is found as well."""

import asyncio
import socket
from http.client import HTTPConnection, HTTPException
from typing import Any

from otrs_web.settings import Settings

#: longer than the web server itself waits for a part that is away
_PATIENCE_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def trouble_of_web(settings: Settings) -> str | None:
    """Why the web server at the address of the settings is not ready; None where it is."""
    connection = HTTPConnection(
        _EVERYWHERE.get(settings.host, settings.host), settings.port, timeout=_PATIENCE_S
    )
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        text = answer.read(2000).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return f"The web server does not answer: {error}"
    finally:
        connection.close()
    return None if answer.status == 200 else f"The web server is not ready: {text}"


def trouble_of_worker(settings: Settings) -> str | None:
    """Why no worker of this machine does its work; None where one does."""
    return asyncio.run(_trouble_of_worker(settings, socket.gethostname()))


async def _trouble_of_worker(settings: Settings, host: str) -> str | None:
    from redis.exceptions import RedisError

    from otrs_web.queue import make_queue

    queue = make_queue(settings)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            workers: dict[str, Any] = dict((await queue.info())["workers"])
    except (RedisError, OSError, TimeoutError) as error:
        return f"The broker does not answer: {error}"
    finally:
        await queue.disconnect()
    if any((worker["metadata"] or {}).get("host") == host for worker in workers.values()):
        return None
    return f"No worker of {host} has told within the last minute that it is there."
