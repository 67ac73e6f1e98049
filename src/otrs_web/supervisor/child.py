"""One child of the supervisor: forked, put into a process group of its own (Ctrl-C in the terminal reaches
the supervisor alone, which then ends the others in order) and bound to the supervisor's life. How often it
may be restarted is decided here, so that a child that cannot run does not keep the machine busy forever."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from otrs_web.lifeline import die_with_parent

_PATIENCE = 60.0
_MOST_RESTARTS = 5


@dataclass(eq=False)
class Child:
    """A process that shall run: `work` is called in it and its result is the exit code."""

    name: str
    work: Callable[[], int]
    death_signal: signal.Signals = signal.SIGKILL
    pid: int | None = None
    due: float = 0.0
    _ends: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.pid = fork(self.work, self.death_signal)

    def ended(self) -> bool:
        """Note that the process has ended; False if it has done so too often to be started again. The first
        restart comes at once, each further one within a minute waits twice as long as the one before."""
        now = time.monotonic()
        self._ends = [*(end for end in self._ends if now - end < _PATIENCE), now]
        self.due = now + (0.0 if len(self._ends) == 1 else 0.25 * 2 ** len(self._ends))
        return len(self._ends) <= _MOST_RESTARTS

    def signal(self, signum: signal.Signals) -> None:
        """Send a signal to the process; SIGKILL also to all that it has started."""
        if self.pid is None:
            return
        with suppress(ProcessLookupError):
            if signum == signal.SIGKILL:
                os.killpg(self.pid, signum)
            else:
                os.kill(self.pid, signum)


def fork(work: Callable[[], int], death_signal: signal.Signals = signal.SIGKILL) -> int:
    """Run `work` in a child process and give its id. The child ends when this process does."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _be_child(work, parent, death_signal)
    with suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def _be_child(work: Callable[[], int], parent: int, death_signal: signal.Signals) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        die_with_parent(parent, death_signal)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # nothing may return from here into the parent's code
        logging.getLogger(__name__).exception("The process has failed")
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
