"""compose.yaml's profile `scale` with real parts: PostgreSQL, Valkey, nginx, two web servers and two workers,
started in the order and under the conditions of the file, with its commands, environment, addresses and
health checks.

What an engine would do otherwise, since all share one network here, with an address for each:
- a web server listens at its own address instead of at every one of its container (OTRS_WEB_HOST);
- Valkey is told what its image is built with: to answer others than its own machine;
- `valkey-cli ping` is said by hand, since the bundled Valkey comes without its client;
- PostgreSQL is the tests' own, with the user, the database and the password that its image would make.
"""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.deploy import compose
from tests.deploy.engine import ROOT, Container, Host, Image, Program, make_volume
from tests.deploy.update import WHAT_TO_TYPE
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
SITE = f"http://{ADDRESSES['nginx']}:8080"
#: as in the images
USERS = {"nginx": "101:101", "valkey": "999:999"}
EXPORT = b"""Ticket Number,Created,State,Title
A1,2026-01-05 09:00:00,open,Printer
B2,2026-01-06 09:00:00,new,VPN
"""


class Stack:
    """The services of the profile, by name."""

    def __init__(self, image: Image, folder: Path) -> None:
        self.folder, self.image = folder, image
        self.host = Host(image, folder, {**ADDRESSES, "visitor": VISITOR})
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
        elif name in ("web1", "web2"):
            program = self.image.program(service["command"], **environ, OTRS_WEB_HOST=ADDRESSES[name])
        return Container(self.host, name, program, binds, tmpfs="/tmp" in service.get("tmpfs", ["/tmp"]))

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
        self.postgres = self.host.do(lambda: Postgres(**options))
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


@pytest.fixture(scope="module")
def stack(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(image, tmp_path_factory.mktemp("stack"))
    try:
        stack.up("nginx")
        yield stack
    finally:
        stack.down()


def ask(stack: Stack, method: str, url: str, **values: Any) -> httpx.Response:
    """A visitor's question, from an address that is no server's."""

    def answer() -> httpx.Response:
        with httpx.Client(transport=httpx.HTTPTransport(local_address=VISITOR), timeout=30) as client:
            return client.request(method, url, **values)

    return stack.host.do(answer)


def grace(name: str) -> float:
    """How many seconds the file gives a service from the signal to the kill."""
    return float(PROJECT.services[name]["stop_grace_period"].removesuffix("s"))


def test_an_upload_to_one_is_run_by_another_and_followed_on_a_third(stack: Stack) -> None:
    accepted = ask(stack, "POST", f"{SITE}/upload", files={"file": ("export.csv", EXPORT)})
    assert accepted.status_code == 202, accepted.text
    address = accepted.json()["status_url"]

    def is_done() -> bool:
        states = {
            ask(stack, "GET", f"http://{ADDRESSES[web]}:5000{address}").json()["status"]
            for web in ("web1", "web2")
        }
        assert states <= {"queued", "running", "done"}
        return states == {"done"}

    wait_until(is_done)
    assert ask(stack, "GET", f"{SITE}/tickets.json").text.count("Printer") == 1
    lines = stack.containers["nginx"].output
    assert f'{VISITOR} "POST /upload" 202' in lines
    assert len(list((stack.shared / "uploads").iterdir())) == 1


def test_both_web_servers_get_requests(stack: Stack) -> None:
    for _ in range(6):
        assert ask(stack, "GET", f"{SITE}/results?queue=Secret+Customer").status_code == 200
    lines = stack.containers["nginx"].output
    for web in ("web1", "web2"):
        assert f"{ADDRESSES[web]}:5000 answered 200" in lines
    assert "Secret" not in lines


def test_all_are_healthy_and_a_worker_is_found_where_it_runs(stack: Stack) -> None:
    for name in set(NAMES) - {"migrate"}:
        wait_until(lambda name=name: stack.is_healthy(name), 20)
    elsewhere = stack.containers["web1"].run("otrs-web", "healthy", "--worker")
    assert elsewhere.returncode == 1
    assert "No worker of web1" in elsewhere.stderr


def test_who_did_it_is_known_and_cannot_be_made_up(stack: Stack) -> None:
    forged = {"x-forwarded-for": "192.0.2.66"}
    for site in (SITE, f"http://{ADDRESSES['web1']}:5000"):
        done = ask(
            stack, "POST", f"{site}/upload?wait=20", files={"file": ("export.csv", EXPORT)}, headers=forged
        )
        assert done.status_code == 200, done.text
    log = ask(stack, "GET", f"{SITE}/database-log.json").text
    assert VISITOR in log
    assert "192.0.2.66" not in log
    assert ADDRESSES["nginx"] not in log


def test_what_watchers_ask_is_not_passed_on(stack: Stack) -> None:
    assert ask(stack, "GET", f"{SITE}/health/live").status_code == 200
    assert ask(stack, "GET", f"{SITE}/health/ready").status_code == 403
    assert ask(stack, "GET", f"http://{ADDRESSES['web2']}:5000/health/ready").status_code == 200


def test_a_worker_can_make_a_backup_and_check_it(stack: Stack) -> None:
    made = stack.containers["worker2"].run("otrs-web", "backup")
    assert made.returncode == 0, made.stderr
    (file,) = (stack.shared / "backups").glob("*.zip")
    checked = stack.containers["worker1"].run("otrs-web", "verify", file.name)
    assert checked.returncode == 0, checked.stderr


def test_who_asks_for_an_update_is_told_how_many_containers_are_updated(stack: Stack) -> None:
    said = stack.containers["web1"].run("python3", "-c", WHAT_TO_TYPE).stdout
    assert said == "git pull && docker compose --profile scale up --detach --build nginx\n"


def test_all_know_the_same_password_and_none_says_it_twice(stack: Stack) -> None:
    said = "".join(container.output for container in stack.containers.values())
    assert said.count((stack.shared / "admin-password").read_text().strip()) == 1
    assert PASSWORD not in said


def test_one_web_server_is_enough(stack: Stack) -> None:
    assert stack.containers["web1"].stop(grace("web1")) == 0
    for _ in range(4):
        assert ask(stack, "GET", f"{SITE}/results").status_code == 200


def test_all_end_in_good_order(stack: Stack) -> None:
    for name in ("worker2", "web2", "nginx"):
        assert stack.containers[name].stop(grace(name)) == 0, name
        assert "Traceback" not in stack.containers[name].output


def test_without_a_broker_no_worker_is_healthy_and_it_ends_all_the_same(stack: Stack) -> None:
    assert stack.containers["valkey"].stop(10) == 0
    sick = stack.containers["worker1"].run("otrs-web", "healthy", "--worker")
    assert sick.returncode == 1
    assert sick.stderr.startswith("Error: The broker does not answer")
    assert stack.containers["worker1"].stop(grace("worker1")) == 0
