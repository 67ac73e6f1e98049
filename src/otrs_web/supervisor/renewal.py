"""How `run` becomes another version of itself: it ends its children, has the versions exchanged while nothing
runs, and replaces its own program, with the same process id and the same socket. Whoever started it (a
terminal, systemd, a container) notices nothing, and whoever calls meanwhile waits. A version that does not
come up is exchanged again."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

from otrs_web.settings import Settings
from otrs_web.supervisor.errors import StartError
from otrs_web.updates import journal

log = logging.getLogger(__name__)

_FAILED = "The update that was under way could not be undone; the reason stands above."


class Renewal:
    """What one `run` has to do with updates."""

    def __init__(self, settings: Settings, show: Callable[[str], None]) -> None:
        self._settings = settings
        self._show = show
        #: whether this process became what an update leads to, which is not known to work yet
        self.is_new = False

    def at_start(self) -> None:
        """Finish or undo what a dead process has left, and begin anew where that exchanged the version. If
        this process became the new version just now, it is what the update waits for. Raises StartError."""
        found = journal.read(self._settings)
        if found is None or found.is_over:
            return
        self.is_new = found.phase == "switched" and self._settings.listener is not None
        if self.is_new or (found.is_being_prepared and journal.is_locked(self._settings)):
            return
        self._show("An update was interrupted; finishing or undoing it …")
        if not journal.go_on(self._settings, "recover"):
            raise StartError(_FAILED)
        if not found.is_being_prepared:
            self.begin_anew(None)

    def is_asked(self) -> bool:
        """Whether an update is prepared and waits for everything to end."""
        return journal.is_restart_asked(self._settings)

    def change_over(self) -> None:
        """Exchange the versions. What fails is undone and in the journal; then the old one begins anew."""
        self._show("Changing over to another version …")
        if not journal.go_on(self._settings, "switch"):
            log.error("The update failed; the old version goes on")

    def confirm(self) -> None:
        """All of this version works: an update to it has succeeded. Where not even that can be noted, raises
        StartError: the next start would take the update for one that was interrupted, and put the database
        back to what it is now."""
        if not self.is_new:
            return
        if not journal.go_on(self._settings, "confirm"):
            found = journal.read(self._settings)
            if found is None or found.phase == "switched":
                raise StartError("The end of the update could not be noted; the reason stands above.")
            log.error("The update could not be finished altogether; the next start tries again")
        self.is_new = False

    def give_up(self, error: StartError) -> bool:
        """After a version that did not come up: bring back the old one, if this is what an update led to."""
        if not self.is_new:
            return False
        log.error("The new version does not start (%s); going back to the old one", error)
        if not journal.go_on(self._settings, "recover", str(error)):
            raise StartError(_FAILED) from error
        return True

    def begin_anew(self, listener: socket.socket | None) -> NoReturn:
        """Replace this program by what is installed now; with a socket, on the same one."""
        if listener is None:
            os.unsetenv("OTRS_WEB_LISTENER")
        else:
            listener.set_inheritable(True)
            os.putenv("OTRS_WEB_LISTENER", f"{os.getpid()}:{listener.fileno()}")
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
