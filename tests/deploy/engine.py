"""Stands in for a container engine, where none runs: starts what an image says in namespaces of the kernel,
as an engine does. A container sees the image's tree read-only, has its own process ids, name, /dev/shm and
volume, and runs without capabilities. All containers of one `Host` share a network that is theirs alone.

Namespaces belong to the thread that has left the machine's, and to what it starts: when it ends, however that
comes about, mounts and network are gone.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.deploy.image import Image, Program
from tests.waiting import wait_until

T = TypeVar("T")
_CLONE_NEWNS, _CLONE_NEWNET = 0x0002_0000, 0x4000_0000


class Host:
    """Where containers run: a network without any way out, with these names and addresses, and the image's
    tree. `folder` keeps what containers say."""

    def __init__(self, image: Image, folder: Path, names: Mapping[str, str] | None = None) -> None:
        self.image, self.folder = image, folder
        self.hosts, self.tree = folder / "hosts", folder / "mounts" / "tree"
        self._thread = ThreadPoolExecutor(1)
        self.do(self._leave_the_machine, names or {})

    def do(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call this on the containers' network; what it starts is there, too."""
        return self._thread.submit(work, *arguments, **named).result()

    def close(self) -> None:
        self._thread.shutdown()

    def _leave_the_machine(self, names: Mapping[str, str]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no namespaces")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        _bring_up_loopback()
        for address in names.values():
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
        self.hosts.write_text("\n".join(lines) + "\n")
        # what is mounted below is seen by this thread and what it starts alone
        self.tree.parent.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.tree.parent], check=True)
        self.tree.mkdir()
        layer = self.image.layer
        (layer / ".dockerenv").touch()  # by which programs know where they are
        overlay = f"ro,lowerdir=/,upperdir={layer},workdir={layer.with_suffix('.work')}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", overlay, self.tree], check=True)


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(control, 0x8914, request)  # SIOCSIFFLAGS


class Container:
    """A program over the host's tree. `binds` are paths in it that lead to places of this machine, `tmpfs`
    says whether its /tmp can be written. Nothing else can."""

    def __init__(
        self, host: Host, name: str, program: Program, binds: Mapping[str, Path], *, tmpfs: bool
    ) -> None:
        self._host, self.name, self.program, self._binds, self._tmpfs = host, name, program, binds, tmpfs
        self.log = host.folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the program is what runs; it may have ended by then."""
        root = self._host.tree.with_name(f"{self.name}.root")
        mounts = [
            "set -e",
            f"hostname {self.name}",
            f"mkdir -p {root}",
            f"mount --rbind {self._host.tree} {root}",
        ]
        mounts += [f"mount --rbind /dev {root}/dev", f"mount -t tmpfs tmpfs {root}/dev/shm"]
        mounts += [f"mount -t proc proc {root}/proc", f"mount --bind {self._host.hosts} {root}/etc/hosts"]
        mounts += [f"mount -t tmpfs tmpfs {root}/tmp"] if self._tmpfs else []
        mounts += [f"mount --bind {here} {root}{there}" for there, here in self._binds.items()]
        script = "\n".join([*mounts, f'exec chroot {root} "$0" "$@"'])
        apart = ["--mount", "--propagation=private", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]
        before = ["setpriv", "--pdeathsig=KILL", "unshare", *apart, "sh", "-c", script]
        with self.log.open("ab") as log:
            self.log.chmod(0o666)  # some open /dev/stdout anew
            self._process = self._host.do(
                subprocess.Popen,
                [*before, *self._as_user(self.program.command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: not self.is_running or self._is_set_up())

    def _is_set_up(self) -> bool:
        """Whether the first process is what shall run: what makes the container is root's."""
        children = self._children()
        return bool(children) and Path(f"/proc/{children[0]}").stat().st_uid != 0

    def _as_user(self, command: list[str]) -> list[str]:
        """The same in the program's environment, as its user, with nothing that root may do."""
        uid, gid = self.program.user.split(":")
        drop = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        drop += ["--bounding-set=-all", "--inh-caps=-all"]
        env = [f"{name}={value}" for name, value in self.program.env.items()]
        return ["env", "-i", f"--chdir={self.program.folder}", *env, "setpriv", *drop, *command]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command beside what runs in the container, as a health check is."""
        (first, *_) = self._children()
        inside = [
            "nsenter",
            f"--target={first}",
            "--mount",
            "--uts",
            "--ipc",
            "--pid",
            "--net",
            "--root",
            "--wd=/",
        ]
        return subprocess.run(
            [*inside, *self._as_user(list(command))],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def is_healthy(self, command: list[str]) -> bool:
        """What the health check says; fails if the program has ended."""
        assert self.is_running, self.output
        return self.run(*command).returncode == 0

    def _children(self) -> list[int]:
        """The container's first process, the only one that has no parent inside; none if it has ended."""
        assert self._process is not None
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def wait(self, seconds: float = 30) -> int:
        """The exit code, as soon as the first process has ended."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self, grace: float) -> int:
        """End it as an engine does, which kills what has not ended within the grace; the exit code."""
        os.kill(self._children()[0], signal.Signals[self.program.stop_signal])
        return self.wait(grace)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(container: Container) -> Iterator[Container]:
    """Started, and gone at the end whatever happened."""
    container.start()
    try:
        yield container
    finally:
        container.kill()


def make_volume(path: Path, user: str) -> Path:
    """A new volume, as an engine makes it: owned as the folder of the image is."""
    path.mkdir()
    uid, gid = map(int, user.split(":"))
    os.chown(path, uid, gid)
    return path
