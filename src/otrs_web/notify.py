"""A process tells whoever started it that it is ready: systemd, so that `systemctl start` waits for it and
fails where it does not come up, or `otrs-web run`. The protocol is one datagram (sd_notify(3)); a library for
that would be longer than this."""

import logging
import socket

from otrs_web.settings import Settings

log = logging.getLogger(__name__)


def ready(settings: Settings) -> None:
    """Say it, where somebody wants to hear it."""
    if settings.notify_socket is None:
        return
    address = settings.notify_socket
    if address.startswith("@"):  # a name that is no file, as the kernel has it
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.sendto(b"READY=1", address)
    except OSError as error:
        log.warning("Whoever started this cannot be told that it is ready: %s", error)


class Ear:
    """Where one process hears from another one that it is ready."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind("")  # the kernel chooses a name that is no file (unix(7), autobind)
        self.address = "@" + self._socket.getsockname()[1:].decode()

    def has_heard(self) -> bool:
        try:
            return bool(self._socket.recv(64))
        except BlockingIOError:
            return False
