"""Stands in for a container engine, where none runs: it performs the steps of Containerfile and starts what
the image says, in namespaces of the kernel as an engine does. This machine is the image that the steps start
from (the tests are skipped where it is another Debian or another Python); what they write lands in an overlay
over it. A container sees that tree read-only, has its own process ids, name, /dev/shm and volume, and runs
without capabilities. All containers of one `Host` share a network that is theirs alone.

Namespaces belong to the thread that has left the machine's, and to what it starts: when it ends, however that
comes about, mounts and network are gone.
"""

import ctypes
import fcntl
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.deploy import containerfile
from tests.deploy.containerfile import Stage
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
_CLONE_NEWNS, _CLONE_NEWNET = 0x0002_0000, 0x4000_0000
_PATH = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"


def why_not() -> str | None:
    """Why the steps cannot be performed here; None where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux: an engine's namespaces and mounts are made by hand"
    base = containerfile.read(ROOT / "Containerfile")[-1].base
    here = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    if base != f"python:3.{sys.version_info.minor}-slim-{here}":
        return f"the image starts from {base}, which this machine is not like"
    if missing := [
        name for name in ("pip", "ip", "unshare", "nsenter") if not shutil.which(name, path=_PATH)
    ]:
        return f"needs {', '.join(missing)}"
    return None


@dataclass(frozen=True)
class Program:
    """What a container runs, in which environment and folder, as whom (uid:gid), and what ends it."""

    command: list[str]
    env: Mapping[str, str]
    user: str
    folder: str
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True)
class Image:
    """The layer over this machine's files, and what the image says about running it."""

    layer: Path
    stage: Stage

    @property
    def user(self) -> str:
        return self.stage.last("USER")

    @property
    def health_check(self) -> list[str]:
        return containerfile.health_check(self.stage.last("HEALTHCHECK"))[1]

    def program(self, command: list[str] | None = None, **environ: str) -> Program:
        """What a container of this image runs, with `command` in the place of CMD."""
        env = {"PATH": _PATH}
        for text in self.stage.all("ENV"):
            env |= containerfile.pairs(text, env)
        words = containerfile.command(self.stage.last("ENTRYPOINT"))
        words += command or containerfile.command(self.stage.last("CMD"))
        folder, stop = self.stage.last("WORKDIR"), self.stage.last("STOPSIGNAL")
        return Program(words, env | environ, self.user, folder, stop)


def build(folder: Path) -> Image:
    """Perform all stages of Containerfile; `folder` keeps what they write."""
    stages = containerfile.read(ROOT / "Containerfile")
    rules = containerfile.ignore_rules(ROOT / ".dockerignore")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    context = [name for name in tracked.stdout.split("\0") if name and not containerfile.ignored(name, rules)]
    for number, stage in enumerate(stages):
        _Build(folder / (stage.name or str(number)), stage, context).perform()
    return Image(folder / str(len(stages) - 1), stages[-1])


def built(folder: Path) -> Image:
    """What `build` has made in that folder before."""
    stages = containerfile.read(ROOT / "Containerfile")
    return Image(folder / str(len(stages) - 1), stages[-1])


class _Build:
    """One stage."""

    def __init__(self, folder: Path, stage: Stage, context: list[str]) -> None:
        self.layer, self._stage, self._context = folder, stage, context
        self._work, self._root = folder.with_suffix(".work"), folder.with_suffix(".root")
        for made in (self.layer, self._work, self._root):
            made.mkdir(parents=True)
        self._env, self._dir = {"PATH": _PATH}, "/"

    def perform(self) -> None:
        # the base image's Python can be used by everybody
        for above in (parent for parent in Path(sys.base_prefix).parents if parent != Path("/")):
            self._run(f"chmod a+x {above}")
        for keyword, value in self._stage.steps:
            if keyword == "ENV":
                self._env |= containerfile.pairs(value, self._env)
            elif keyword == "WORKDIR":
                self._dir = value
                self._run(f"mkdir -p {value}", "/")
            elif keyword == "COPY":
                self._copy(*value.split())
            elif keyword == "RUN":
                self._run(value)

    def _run(self, script: str, folder: str | None = None) -> None:
        overlay = f"lowerdir=/,upperdir={self.layer},workdir={self._work}"
        mounts = f"""mount -t overlay overlay -o {overlay} {self._root}
            mount --rbind /dev {self._root}/dev && mount -t proc proc {self._root}/proc
            exec chroot {self._root} env --chdir={folder or self._dir} sh -ec "$0" """
        passed = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "http", "no_proxy"))}
        done = subprocess.run(
            ["unshare", "--mount", "--propagation=private", "sh", "-ec", mounts, script],
            env=passed | self._env | {"HOME": "/root"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"

    def _copy(self, *words: str) -> None:
        options, (*sources, target) = _options(words)
        there = self.layer / (Path(self._dir) / target).relative_to("/")
        if stage := options.get("from"):
            assert target.startswith("/"), "from another stage, only whole trees are copied"
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(
                self.layer.with_name(stage) / sources[0].lstrip("/"),
                there,
                symlinks=True,
                copy_function=os.link,
            )
            return
        for source in sources:
            found = [name for name in self._context if name == source or name.startswith(f"{source}/")]
            assert found, f"COPY {source}: the ignore file keeps it out, or git does not know it"
            for name in found:
                file = there / Path(name).relative_to(source if name != source else Path(source).parent)
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, file)


def _options(words: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    return options, [word for word in words if not word.startswith("--")]


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
