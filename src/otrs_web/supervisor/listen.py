"""The port. It is bound by the supervisor and handed down, so that a web process that is restarted leaves no
gap: whoever calls meanwhile waits in the queue of the socket instead of being refused."""

import errno
import socket

from otrs_web.settings import Settings
from otrs_web.supervisor.errors import StartError

_LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}  # noqa: S104
_PORTS_TO_TRY = 100


def listen(settings: Settings, *, move_on: bool) -> socket.socket:
    """A listening socket at the host and port of the settings. If that port is taken and `move_on` is set,
    at the next free one. The socket that this process handed on to itself is taken as it is. Raises
    StartError if there is none or the host is not this machine's."""
    if settings.listener is not None:
        return socket.socket(fileno=settings.listener)
    last = min(settings.port + _PORTS_TO_TRY, 65536) if move_on else settings.port + 1
    for port in range(settings.port, last):
        try:
            return _bind(settings.host, port)
        except socket.gaierror as error:
            raise StartError(f"OTRS_WEB_HOST is {settings.host!r}, which is no known host.") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise StartError(f"Cannot listen at {settings.host}:{port}: {error.strerror}.") from error
    busy = f"Port {settings.port} is" if not move_on else f"The ports {settings.port} to {last - 1} are"
    raise StartError(f"{busy} in use by another program. Choose another with --port or OTRS_WEB_PORT.")


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def shown_address(settings: Settings, port: int) -> str:
    """The address to type into a browser on this machine."""
    host = "localhost" if settings.host in _LOCAL else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class Probe:
    """Asks for the start page over the real socket and tells when an answer has come. The supervisor looks in
    from time to time instead of waiting: meanwhile it must notice signals and children that end."""

    def __init__(self, listener: socket.socket) -> None:
        self._family = listener.family
        host, self._port = listener.getsockname()[:2]
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        self._client: socket.socket | None = None

    def answered(self, wait: float) -> bool:
        """Whether the page has answered without an error, waiting at most `wait` seconds."""
        try:
            self._client = self._client or self._ask()
            self._client.settimeout(wait)
            status = self._client.recv(64)
        except TimeoutError:
            return False
        except OSError:
            status = b""
        self.close()
        return status.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))

    def _ask(self) -> socket.socket:
        client = socket.create_connection((self._host, self._port), timeout=1)
        host = f"[{self._host}]" if ":" in self._host else self._host
        request = f"GET / HTTP/1.1\r\nHost: {host}:{self._port}\r\nConnection: close\r\n\r\n"
        client.sendall(request.encode())
        return client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
