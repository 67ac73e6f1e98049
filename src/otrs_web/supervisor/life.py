"""One life of `otrs-web run`: it takes the data directory and the port, lets its children live, and ends as
it was told to, or begins anew as another version."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing

from otrs_web import notify
from otrs_web.credentials import announcement, with_credentials
from otrs_web.logging_setup import configure_logging
from otrs_web.settings import Settings
from otrs_web.supervisor.errors import StartError
from otrs_web.supervisor.listen import listen, shown_address
from otrs_web.supervisor.lock import data_directory, note
from otrs_web.supervisor.renewal import Renewal
from otrs_web.supervisor.tree import WATCHED, StopAsked, Tree


def run(settings: Settings, show: Callable[[str], None]) -> int:
    """Run everything until a signal or a failure; gives the exit code, or begins anew as another version.
    `show` prints a line for the user. Raises StartError if the data directory or the port is taken, or
    something cannot start."""
    configure_logging("run", log_format=settings.log_format)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    with data_directory(settings) as lock:
        renewal = Renewal(settings, show)
        renewal.at_start()
        with closing(listen(settings, move_on=not settings.port_given)) as listener:
            try:
                begins_anew = _run(settings, show, lock, listener, renewal)
            except StartError as error:
                begins_anew = renewal.give_up(error)
                if not begins_anew:
                    raise
            if begins_anew:
                renewal.begin_anew(listener)
            return 0


def _run(
    settings: Settings, show: Callable[[str], None], lock: int, listener: socket.socket, renewal: Renewal
) -> bool:
    """The same for one version; whether to begin anew as another one."""
    port = listener.getsockname()[1]
    note(lock, f"process {os.getpid()}, {shown_address(settings, port)}")
    if port != settings.port and settings.listener is None:
        show(f"Port {settings.port} is in use by another program, taking {port} instead.")
    settings, password = with_credentials(settings)
    if password is not None:
        show(announcement(settings, password))
    tree = Tree(settings, listener, lock)
    try:
        tree.start()
        if renewal.is_new:
            tree.wait_for_worker()
        show(f"otrs-web is ready at {shown_address(settings, port)}  (Ctrl-C stops it)")
        notify.ready(settings)
        renewal.confirm()
        tree.watch(renewal.is_asked)
    except StopAsked:
        tree.stop_asked = True
        show("Stopping …")
    finally:
        tree.stop()
    if not tree.stop_asked:
        renewal.change_over()
    return not tree.stop_asked
