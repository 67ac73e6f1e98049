"""A machine with a real systemd, for the units in deploy/: its first process in namespaces of its own, on a
folder as its disk, with this machine's programs to read. It has no services but those that a test gives it.
It can be switched off at any moment, as by a power cut, and switched on again with the same disk."""

import os
import shlex
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Mapping
from pathlib import Path

from tests.waiting import wait_until

HERE = Path(__file__).parent
SYSTEMD = Path("/lib/systemd/systemd")
#: an id that nobody has here
USER_ID = 64_990
_TARGETS = ("sysinit", "basic", "multi-user", "network-online", "shutdown", "paths", "umount")
_NAMESPACES = ("mount", "pid", "cgroup", "uts", "ipc")
_FILES = {
    "etc/passwd": f"root:x:0:0::/root:/bin/sh\notrs-web:x:{USER_ID}:{USER_ID}::/var/lib/otrs-web:/bin/false\n"
    "nobody:x:65534:65534::/:/bin/false\n",
    "etc/group": f"root:x:0:\notrs-web:x:{USER_ID}:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/machine-id": f"{uuid.uuid4().hex}\n",
    "etc/os-release": "ID=desk\n",
    # an interpreter that was built to be elsewhere finds its library here
    "etc/ld.so.conf": "/opt/python/lib\n/usr/local/lib\n",
    # the origin belongs to whoever runs the tests
    "etc/gitconfig": "[safe]\n\tdirectory = *\n",
    # there is no journal: what services say goes into a file
    "etc/systemd/system/service.d/said.conf": "[Service]\nStandardOutput=append:/var/log/said\n"
    "StandardError=append:/var/log/said\n",
}


def why_not() -> str | None:
    """Why there can be no such machine here; None where there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux, to give systemd namespaces of its own"
    cgroups = _cgroups()
    if cgroups is None or not os.access(cgroups, os.W_OK):
        return "needs the kernel's cgroups, version 2, and leave to make one"
    return None


def _cgroups() -> Path | None:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return next((Path(mount[1]) for mount in mounts if mount[2] == "cgroup2"), None)


class Machine:
    """`disk` is the folder of its files; `shared` are files and folders of this machine by the paths at which
    it may read them. `python` is the tests' interpreter and `packages` its packages, as it sees them."""

    def __init__(self, disk: Path, shared: Mapping[str, Path]) -> None:
        assert SYSTEMD.exists(), "systemd is missing. Install it, as root: sh scripts/systemd.sh"
        self.disk = disk
        self.python = f"/opt/python/bin/python3.{sys.version_info.minor}"
        self.packages = "/opt/packages"
        self._shared = {"/usr": "/usr", "/opt/python": sys.base_prefix}
        self._shared |= {self.packages: sysconfig.get_path("purelib")}
        self._shared |= {there: str(here) for there, here in shared.items()}
        self._process: subprocess.Popen[bytes] | None = None
        disk.chmod(0o755)
        for name in ("proc", "sys", "dev", "run", "tmp", "old", "var/log", "var/lib", "root", "home", "etc"):
            (disk / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (disk / name).symlink_to(f"usr/{name}")
        for name, text in _FILES.items():
            (disk / name).parent.mkdir(parents=True, exist_ok=True)
            (disk / name).write_text(text)
        for target in _TARGETS:
            self.unit(f"{target}.target", "[Unit]\nDefaultDependencies=no\n")
        (disk / "etc/systemd/system/default.target").symlink_to("multi-user.target")

    def unit(self, name: str, text: str) -> None:
        (self.disk / "etc/systemd/system" / name).write_text(text)

    def switch_on(self) -> None:
        """Returns when systemd answers; it may still be starting what shall run."""
        top = _cgroups()
        assert top is not None
        self._cgroup = top / f"otrs-web-tests-{uuid.uuid4().hex[:8]}"
        self._cgroup.mkdir()
        # with a signal when the tests die: nothing is left running, however they end
        command = [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "unshare",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
        ]
        command += [f"--{name}" for name in _NAMESPACES]
        command += ["sh", str(HERE / "machine.sh"), str(self.disk)]
        command += [part for there, here in self._shared.items() for part in (here, there)]
        join = f'echo $$ >{shlex.quote(str(self._cgroup))}/cgroup.procs; exec "$@"'
        with (self.disk / "var/log/boot").open("ab") as said:
            self._process = subprocess.Popen(
                ["sh", "-c", join, "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        wait_until(self._is_up)
        self.do("/sbin/ldconfig")

    def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.disk / "var/log/boot").read_text()
        return self._first_process() is not None and self.run("systemctl", "is-system-running").stdout != ""

    def _first_process(self) -> int | None:
        """Its id as this machine counts them, once it has become systemd."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return int(children[0])
        return None

    def run(self, *command: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as root or another user, to its end."""
        first = self._first_process()
        assert first is not None
        enter = ["nsenter", f"--target={first}", "--root", "--wd", *(f"--{name}" for name in _NAMESPACES)]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return subprocess.run(
            [*enter, "env", "-i", "PATH=/usr/bin:/bin", "HOME=/nowhere", *become, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def do(self, *command: str, user: str | None = None) -> str:
        """The same for one that must succeed; gives what it says."""
        done = self.run(*command, user=user)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}\n{self.said}"
        return done.stdout.strip()

    def show(self, unit: str, name: str) -> str:
        return self.do("systemctl", "show", "--value", f"--property={name}", unit)

    @property
    def said(self) -> str:
        """What its services have said."""
        path = self.disk / "var/log/said"
        return path.read_text(errors="replace") if path.exists() else ""

    def switch_off(self) -> None:
        """At once, as by a power cut."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(10)
        self._process = None
        wait_until(lambda: "populated 0" in (self._cgroup / "cgroup.events").read_text(), 20)
        for folder in sorted(self._cgroup.rglob("*/"), reverse=True):
            folder.rmdir()
        self._cgroup.rmdir()
