"""No process outlives the one that started it. A parent that is killed with `kill -9` cannot say goodbye to
its children; an orphan would keep the port, the database or the broker's files, and block the next start. So
the kernel is asked to end the child with its parent."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, signum: signal.Signals = signal.SIGKILL) -> None:
    """Called in a child: have the kernel send it `signum` when its parent, the process `parent`, ends.
    A parent that ended before the kernel was asked is noticed as well. Elsewhere than on Linux only that."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
