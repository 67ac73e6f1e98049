"""The process tree and its life: broker and migration first, web and worker as soon as both are ready, then
watching, then the end in the opposite order. Signals are blocked and asked for, never handled: nothing can
happen between two lines that was not waited for."""

import logging
import math
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from otrs_web import broker, notify
from otrs_web.logging_setup import configure_logging
from otrs_web.settings import Settings
from otrs_web.supervisor.child import Child
from otrs_web.supervisor.errors import StartError
from otrs_web.supervisor.listen import Probe

log = logging.getLogger(__name__)

_STOP = {signal.SIGINT, signal.SIGTERM}
if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is under nohup
    _STOP.add(signal.SIGHUP)
WATCHED = {*_STOP, signal.SIGCHLD}
# A stop may take ten seconds in all: a worker needs up to five to hand back its job, the web up to five for
# answers under way, at the same time; then the broker needs a moment to write its log.
_CHILDREN_GRACE = 6.5
_BROKER_GRACE = 2.0
_WORKER_PATIENCE = 60.0


class StopAsked(Exception):  # noqa: N818 - not an error, the way out
    """Somebody wants the program to end."""


class Tree:
    """The children of one `run`."""

    def __init__(self, settings: Settings, listener: socket.socket, lock: int) -> None:
        # whether a child is ready is not what whoever started this process waits for
        self._settings = replace(settings, notify_socket=None)
        self._listener = listener
        self._lock = lock
        self._word_of_worker = notify.Ear()
        # What is read from it comes to an end when the supervisor closes the other side.
        self._gate = os.pipe()
        self._gate_open = False
        self._broker: Child | None = None
        self._broker_served = False
        self._ready = False
        self.stop_asked = False
        self._children: list[Child] = []
        self._migration = Child("migration", self._migrate)
        self._migrated: int | None = None

    def start(self) -> None:
        """Start all and return when the start page answers."""
        if self._settings.queue_url is None:
            self._broker = self._add(Child("broker", self._broker_work(), signal.SIGTERM))
        self._migration.start()
        # Loading the code takes longest, so the web begins at once and waits at the gate for the rest.
        self._add(Child("web", self._web))
        self._until(lambda: self._migrated is not None, "The migration of the database", math.inf)
        if self._migrated != 0:
            raise StartError(
                "The database could not be brought to the newest schema; the reason stands above."
            )
        if self._broker is not None:
            path = broker.socket_path(self._settings)
            self._until(lambda: broker.answers(path), "The embedded broker")
            self._broker_served = True
        os.close(self._gate[1])
        self._gate_open = True
        self._add(Child("worker", self._worker))
        probe = Probe(self._listener)
        with closing(probe):
            self._until(lambda: probe.answered(0.02), "The start page")

    def wait_for_worker(self) -> None:
        """Return when the worker does its work, or is at the days that it missed for a minute already; what
        ends until then could not start."""
        deadline = time.monotonic() + _WORKER_PATIENCE
        self._until(
            lambda: self._word_of_worker.has_heard() or time.monotonic() > deadline, "The worker", math.inf
        )

    def watch(self, until: Callable[[], bool]) -> None:
        """Restart what ends, until it is time, a signal asks to stop or something ends too often."""
        self._ready = True
        while not until():
            self._tick(1.0)

    def stop(self) -> None:
        """End all children, within ten seconds; at once on a second signal."""
        others = [self._migration, *(child for child in self._children if child is not self._broker)]
        self._end(others, _CHILDREN_GRACE)
        if self._broker is not None:
            self._end([self._broker], _BROKER_GRACE)

    def _end(self, children: list[Child], grace: float) -> None:
        for child in children:
            child.signal(signal.SIGTERM)
        self._wait_for(children, grace)
        for child in children:
            if child.pid:
                log.warning("The %s process does not end and is killed", child.name)
            child.signal(signal.SIGKILL)
        self._wait_for(children, 0.5)

    def _wait_for(self, children: list[Child], seconds: float) -> None:
        """Wait until the children have ended, but not beyond the time given or a further signal to stop."""
        deadline = time.monotonic() + seconds
        while any(child.pid for child in children) and time.monotonic() < deadline:
            info = signal.sigtimedwait(WATCHED, 0.1)
            self._reap()
            if info is not None and info.si_signo in _STOP:
                self.stop_asked = True
                return

    def _add(self, child: Child) -> Child:
        self._children.append(child)
        child.start()
        return child

    def _until(self, done: Callable[[], bool], what: str, limit: float = 60.0) -> None:
        deadline = time.monotonic() + limit
        while not done():
            if time.monotonic() > deadline:
                raise StartError(f"{what} was not ready within {limit:.0f} seconds.")
            self._tick(0.02)

    def _tick(self, wait: float) -> None:
        """Wait for a signal, at most so long, and do what follows from it."""
        info = signal.sigtimedwait(WATCHED, wait)
        if info is not None and info.si_signo in _STOP:
            raise StopAsked
        for child, code in self._reap():
            self._ended(child, code)
        for child in self._children:
            if child.pid is None and child.due <= time.monotonic():
                child.start()

    def _ended(self, child: Child, code: int) -> None:
        """Decide what follows from an unexpected end: what cannot even start is not tried again and again."""
        if child is self._migration:
            self._migrated = code
            return
        if not self._ready and child is not self._broker:
            raise StartError(f"The {child.name} process could not start; the reason stands above.")
        if not child.ended():
            raise StartError(f"The {child.name} process ends again and again; the reason stands above.")
        log.warning("The %s process has ended unexpectedly (%s) and is started again", child.name, code)
        if child is self._broker and not self._broker_served:
            aside = broker.set_aside(self._settings)
            log.warning("The broker could not load its data; they are now in %s", aside or "no other place")

    def _reap(self) -> list[tuple[Child, int]]:
        """The children that have ended, with their exit codes (below zero: the signal)."""
        ended: list[tuple[Child, int]] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            code = os.waitstatus_to_exitcode(status)
            for child in [self._migration, *self._children]:
                if child.pid == pid:
                    child.pid = None
                    ended.append((child, code))

    def _broker_work(self) -> Callable[[], int]:
        try:
            command = broker.command(self._settings)
        except (broker.BrokerError, OSError) as error:
            raise StartError(str(error)) from error
        return lambda: os.execv(command[0], command)  # noqa: S606

    def _migrate(self) -> int:
        self._enter("migrate")
        from otrs_web.database import DatabaseAway, migrate

        try:
            migrate(self._settings)
        except DatabaseAway as error:
            log.error("%s", error)
            return 1
        return 0

    def _web(self) -> int:
        self._enter("web")
        from otrs_web import serve

        if not self._gate_open:
            os.read(self._gate[0], 1)
        return serve.serve(self._settings, self._listener)

    def _worker(self) -> int:
        self._enter("worker")
        self._listener.close()
        from otrs_web import worker

        return worker.run_worker(replace(self._settings, notify_socket=self._word_of_worker.address))

    def _enter(self, name: str) -> None:
        """Let go, in a child, of what belongs to the supervisor alone."""
        os.close(self._lock)
        if not self._gate_open:
            os.close(self._gate[1])
        configure_logging(name, log_format=self._settings.log_format)
