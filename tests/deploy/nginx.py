"""A real nginx for a site file, as nobody in particular: in a folder of its own, with nothing of the
machine's configuration, on the ports that the site names. What the site sends to the journal is caught."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from tests.waiting import wait_until

#: Debian's, which is there wherever its nginx is
_USER = "www-data"
#: where nginx would put down what it does not pass on at once
_KEPT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class NginxMissing(RuntimeError):  # noqa: N818 - reads as what happened
    """There is no nginx here; the text says what to do."""


class Nginx:
    """A server that is not running yet. Keys and certificates may be put into `folder`, which only the
    server's user can open. Should this process die, the kernel ends the server."""

    def __init__(self) -> None:
        binary = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if binary is None:
            raise NginxMissing("These tests need nginx, and there is none. As root: sh scripts/nginx.sh")
        # short, since a Unix socket's path may be no longer than 107 bytes
        self.folder = Path(tempfile.mkdtemp(prefix="otrs-nginx-", dir="/tmp"))
        self._command = [
            binary,
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            "stderr",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        #: what the site has sent to /dev/log so far
        self.journal: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.folder / "log"))
        self._ear = threading.Thread(target=self._hear, daemon=True)
        self._ear.start()

    def _hear(self) -> None:
        while line := self._socket.recv(8192):
            self.journal.append(line.decode())

    def _as_user(self) -> list[str]:
        # a signal when the parent dies: nothing is left running, however the tests end
        before = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, _USER, _USER)
            before += [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
        return before

    def write(self, site: str) -> None:
        """Take what nginx would include from sites-enabled; `/dev/log` in it becomes this server's own."""
        kept = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n" for kind in _KEPT)
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\npid {self.folder}/nginx.pid;\nworker_processes 1;\nerror_log stderr info;\n"
            f"events {{ worker_connections 512; }}\nhttp {{\n{kept}    access_log off;\n"
            f"{site.replace('/dev/log', f'{self.folder}/log')}\n}}\n"
        )

    def test(self) -> "subprocess.CompletedProcess[str]":
        """`nginx -t` on what was written."""
        command = [*self._as_user(), *self._command, "-t"]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def start(self) -> None:
        """Start the server; it takes connections when this returns."""
        with (self.folder / "error.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*self._as_user(), *self._command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        pid = self.folder / "nginx.pid"
        wait_until(lambda: self._process.poll() is not None or (pid.exists() and pid.read_text()), 20)
        assert self._process.poll() is None, self.errors

    @property
    def errors(self) -> str:
        return (self.folder / "error.log").read_text("utf-8", "replace")

    def pids(self) -> list[int]:
        """The master and its workers."""
        master = self._process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *map(int, children)]

    def put_down(self) -> list[Path]:
        """The files in which nginx keeps bodies of requests or answers at this moment."""
        return [path for kind in _KEPT for path in (self.folder / kind).rglob("*") if path.is_file()]

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
        self._socket.shutdown(socket.SHUT_RDWR)
        self._ear.join(10)
        self._socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)
