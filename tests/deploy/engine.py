"""Stands in for a container engine, where none runs: starts what an image says in namespaces of the kernel,
as an engine does. A container sees the image's tree read-only, has its own process ids, name, /dev/shm and
volume, and runs without capabilities. A `Host` has a network that nobody else can reach: a container with an
address is one more machine in it, one without is the host itself, as if its ports were published there.

Namespaces belong to the thread that has left the machine's, and to what it starts: when it ends, however that
comes about, mounts and network are gone.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.deploy.image import Image, Program
from tests.waiting import wait_until

T = TypeVar("T")
_CLONE_NEWNS, _CLONE_NEWNET = 0x0002_0000, 0x4000_0000


class Host:
    """Where containers run: a network without any way out, with these names and addresses, of which those in
    `own` are its own, and the image's tree. `folder` keeps what containers say."""

    def __init__(
        self, image: Image, folder: Path, names: Mapping[str, str] | None = None, own: Sequence[str] = ()
    ) -> None:
        self.image, self.folder = image, folder
        self.hosts, self.tree = folder / "hosts", folder / "mounts" / "tree"
        self._thread = ThreadPoolExecutor(1)
        self.do(self._leave_the_machine, names or {}, own)

    def do(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call this on the containers' network; what it starts is there, too."""
        return self._thread.submit(work, *arguments, **named).result()

    def close(self) -> None:
        self._thread.shutdown()

    def _leave_the_machine(self, names: Mapping[str, str], own: Sequence[str]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no namespaces")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        # with a fixed address of hardware: it would change with the containers, who then speak to nobody
        bridge = "link add inner address 02:00:00:00:00:01 type bridge"
        for words in ("link set lo up", bridge, "link set inner up"):
            _ip(words)
        for name in own:
            _ip(f"address add {names[name]}/24 dev inner")
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


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


class Container:
    """A program over the host's tree. `binds` are paths in it that lead to places of this machine, `tmpfs`
    says whether its /tmp can be written. Nothing else can."""

    def __init__(
        self,
        host: Host,
        name: str,
        program: Program,
        binds: Mapping[str, Path],
        *,
        tmpfs: bool,
        address: str | None = None,
    ) -> None:
        self.name, self.program = name, program
        self._host, self._binds, self._tmpfs, self._address = host, binds, tmpfs, address
        self.log = host.folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the program is what runs; it may have ended by then."""
        root = self._host.tree.with_name(f"{self.name}.root")
        script = "\n".join([*self._mounts(root), *self._join(), f'exec chroot {root} "$0" "$@"'])
        before = ["setpriv", "--pdeathsig=KILL", "unshare"]
        apart = ["--mount", "--propagation=private", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]
        apart += ["--net"] if self._address else []
        with self.log.open("ab") as log:
            self.log.chmod(0o666)  # some open /dev/stdout anew
            self._process = self._host.do(
                subprocess.Popen[bytes],
                [*before, *apart, "sh", "-ec", script, *self._as_user(self.program.command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self._address:
            self._host.do(self._connect)
        wait_until(lambda: not self.is_running or self._is_set_up())

    def _mounts(self, root: Path) -> list[str]:
        return [
            f"hostname {self.name}",
            f"mkdir {root}",
            f"mount --rbind {self._host.tree} {root}",
            f"mount --rbind /dev {root}/dev",
            f"mount -t tmpfs tmpfs {root}/dev/shm",
            f"mount -t proc proc {root}/proc",
            f"mount --bind {self._host.hosts} {root}/etc/hosts",
            *([f"mount -t tmpfs tmpfs {root}/tmp"] if self._tmpfs else []),
            *(f"mount --bind {here} {root}{there}" for there, here in self._binds.items()),
        ]

    def _join(self) -> list[str]:
        """What the container does to be on the network, as soon as it is connected to it."""
        if self._address is None:
            return []
        connected = "until ip link show eth0 >/dev/null 2>&1; do sleep 0.01; done"
        address = f"ip address add {self._address}/24 dev eth0"
        return [connected, "ip link set lo up", address, "ip link set eth0 up"]

    def _connect(self) -> None:
        wait_until(lambda: not self.is_running or self._children())
        _ip(f"link add v-{self.name} type veth peer name eth0 netns {self._children()[0]}")
        _ip(f"link set v-{self.name} master inner up")

    def _is_set_up(self) -> bool:
        """Whether the first process is what shall run: what makes the container is root's."""
        children = self._children()
        return bool(children) and Path(f"/proc/{children[0]}").stat().st_uid != 0

    def _as_user(self, command: list[str]) -> list[str]:
        """The same in the program's environment, as its user, with nothing that root may do."""
        uid, gid = self.program.user.split(":")
        drop = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        # anew: whoever becomes another user no longer ends with the parent
        drop += ["--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL"]
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
        if self._process is not None and self.is_running:
            for first in self._children():
                os.kill(first, signal.SIGKILL)  # and the kernel, all others inside
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
