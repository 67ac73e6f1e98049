"""The services of compose.yaml's profile `scale`, started in the order and under the conditions of the file,
with its commands, environment, addresses and health checks.

What an engine would do otherwise:
- Valkey is told what its image is built with: to answer others than its own machine;
- `valkey-cli ping` is said by hand, since the bundled Valkey comes without its client;
- PostgreSQL is the tests' own, with the user, the database and the password that its image would make.
"""

import shutil
import socket
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from tests.deploy import compose
from tests.deploy.engine import Container, Host, make_volume
from tests.deploy.image import ROOT, Image, Program, which
from tests.postgres import OWNER, Postgres
from tests.waiting import wait_until

# with everything that would end a word or a part of an address
PASSWORD = "p@ss/w:o rd'#?%41"
ENVIRON = {"POSTGRES_PASSWORD": PASSWORD, "OTRS_WEB_TIMEZONE": "Europe/Berlin", "APP_UPDATE_ENABLED": "false"}
PROJECT = compose.read(ROOT / "compose.yaml", ENVIRON)
NAMES = PROJECT.with_dependencies("nginx")
#: the others get what is free, as an engine does it
ADDRESSES = {name: PROJECT.address(name) or f"10.89.57.{130 + at}" for at, name in enumerate(NAMES)}
VISITOR = "10.89.57.200"
#: from here comes what enters by the published port: a proxy of the machine that runs the containers
GATEWAY = "10.89.57.1"
SITE = f"http://{ADDRESSES['nginx']}:8080"
#: as in the images
USERS = {"nginx": "101:101", "valkey": "999:999"}


class Stack:
    """The services of the profile, by name."""

    def __init__(self, image: Image, folder: Path) -> None:
        self.folder, self.image = folder, image
        self.host = Host(
            image,
            folder,
            {**ADDRESSES, "visitor": VISITOR, "gateway": GATEWAY},
            ["postgres", "visitor", "gateway"],
        )
        self.containers: dict[str, Container] = {}
        self.postgres: Postgres | None = None
        self.shared = make_volume(folder / "shared", image.user)

    def up(self, name: str) -> None:
        """Start the service as soon as what it depends on is as far as the file demands."""
        for needed, how in PROJECT.services[name].get("depends_on", {}).items():
            if needed not in self.containers and not (needed == "postgres" and self.postgres):
                self.up(needed)
            if how["condition"] == "service_completed_successfully":
                assert self.containers[needed].wait() == 0, self.containers[needed].output
            elif how["condition"] == "service_healthy":
                wait_until(lambda needed=needed: self.is_healthy(needed))
        if name == "postgres":
            self._start_postgres()
        else:
            self.containers[name] = self._container(name)
            self.containers[name].start()

    def is_healthy(self, name: str) -> bool:
        """What the health check of the file, else the image's, says."""
        test = PROJECT.services[name].get("healthcheck", {}).get("test", ["CMD", *self.image.health_check])
        kind, *command = test
        assert kind == "CMD"
        if name == "postgres":
            return self.host.do(subprocess.run, command, check=False).returncode == 0
        if name == "valkey":
            assert command == ["valkey-cli", "ping"]
            return self.host.do(_pong, ADDRESSES[name])
        return self.containers[name].is_healthy(command)

    def _container(self, name: str) -> Container:
        service = PROJECT.services[name]
        environ: dict[str, Any] = service.get("environment", {})
        program, binds = self.image.program(service.get("command"), **environ), {"/data": self.shared}
        if name == "nginx":
            assert which("nginx"), "There is no nginx here. As root: sh scripts/nginx.sh"
            source, target, mode = service["volumes"][0].split(":")
            assert mode == "ro"
            binds = {target: ROOT / source}
            program = Program(
                ["nginx", "-g", "daemon off;"], program.env, USERS[name], "/", service["stop_signal"]
            )
        elif name == "valkey":
            binds = {"/data": make_volume(self.folder / name, USERS[name])}
            (bundled,) = self.image.layer.glob("opt/**/valkey-server")
            env = {"PATH": f"/{bundled.parent.relative_to(self.image.layer)}:{program.env['PATH']}"}
            program = Program([*service["command"], "--protected-mode", "no"], env, USERS[name], "/data")
        tmpfs = "/tmp" in service.get("tmpfs", [])
        return Container(self.host, name, program, binds, tmpfs=tmpfs, address=ADDRESSES[name])

    def _start_postgres(self) -> None:
        service = PROJECT.services["postgres"]
        assert service["environment"] == {
            "POSTGRES_USER": "otrs_web",
            "POSTGRES_DB": "otrs_web",
            "POSTGRES_PASSWORD": PASSWORD,
        }
        self._rules = Path(tempfile.mkdtemp(prefix="otrs-hba-", dir="/tmp"))
        self._rules.chmod(0o755)
        (self._rules / "hba").write_text("local all all trust\nhost all all all scram-sha-256\n")
        options = {"listen_addresses": "*", "hba_file": str(self._rules / "hba")}
        self.postgres = self.host.do(partial(Postgres, **options))
        with psycopg.connect(
            host=str(self.postgres.folder), user=OWNER, dbname="postgres", autocommit=True
        ) as db:
            db.execute(psycopg.sql.SQL("CREATE ROLE otrs_web SUPERUSER LOGIN PASSWORD {}").format(PASSWORD))
            db.execute("CREATE DATABASE otrs_web OWNER otrs_web")

    def down(self) -> None:
        for container in self.containers.values():
            container.kill()
        if self.postgres:
            self.postgres.stop()
            shutil.rmtree(self._rules)
        self.host.close()


def _pong(address: str) -> bool:
    try:
        with socket.create_connection((address, 6379), timeout=3) as client:
            client.sendall(b"PING\r\n")
            return client.recv(64) == b"+PONG\r\n"
    except OSError:
        return False
