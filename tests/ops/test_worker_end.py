"""A worker ends when it is told to, also while it looks up GitHub's address where no name server answers:
that holds a thread of its process for as long as the system has patience."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from otrs_web.database import migrate
from otrs_web.settings import Settings
from tests.ops.queueing import running_broker
from tests.ops.site import COMMAND, wait_until

#: in a mount namespace of its own, so that only this command sees the other name server
WITH_RESOLVER = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a name server of its own, on port 53")
def test_a_worker_does_not_wait_for_a_name_server(settings: Settings, tmp_path: Path) -> None:
    migrate(settings)
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.77\n")
    environ = {
        **os.environ,
        "OTRS_WEB_DATA_DIR": str(settings.data_dir),
        "OTRS_WEB_DATABASE_URL": settings.database_url,
        "APP_UPDATE_API_URL": "http://nowhere.example",
        "APP_UPDATE_ENABLED": "true",
    }
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, running_broker(settings):
        silent.bind(("127.0.0.77", 53))
        silent.setblocking(False)
        worker = subprocess.Popen([*WITH_RESOLVER, str(resolver), *COMMAND, "worker"], env=environ)
        try:
            wait_until(lambda: _asked(silent))
            begin = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
            assert time.monotonic() - begin < 5
        finally:
            worker.kill()
            worker.wait()


def _asked(server: socket.socket) -> bool:
    try:
        return b"nowhere" in server.recv(512)
    except BlockingIOError:
        return False
