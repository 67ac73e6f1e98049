"""compose.yaml's profile `scale` at work, with a real PostgreSQL, Valkey and nginx, two web servers and two
workers: what a visitor sees, what the log says of them, and how it ends."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.deploy.image import Image
from tests.deploy.stack import ADDRESSES, GATEWAY, NAMES, PASSWORD, PROJECT, SITE, VISITOR, Stack
from tests.deploy.update import WHAT_TO_TYPE
from tests.waiting import wait_until

#: making the image or the machine counts for the first test that needs it
pytestmark = pytest.mark.timeout(900)

EXPORT = b"""Ticket Number,Created,State,Title
A1,2026-01-05 09:00:00,open,Printer
B2,2026-01-06 09:00:00,new,VPN
"""


@pytest.fixture(scope="module")
def stack(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(image, tmp_path_factory.mktemp("stack"))
    try:
        stack.up("nginx")
        yield stack
    finally:
        stack.down()


def ask(stack: Stack, method: str, url: str, by: str = VISITOR, **values: Any) -> httpx.Response:
    """A visitor's question, from an address that is no server's."""

    def answer() -> httpx.Response:
        with httpx.Client(transport=httpx.HTTPTransport(local_address=by), timeout=30) as client:
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


def test_a_proxy_with_certificates_in_front_says_who_asked(stack: Stack) -> None:
    said = {"x-forwarded-for": "192.0.2.9", "x-forwarded-proto": "https"}
    files = {"file": ("export.csv", EXPORT)}
    done = ask(stack, "POST", f"{SITE}/upload?wait=20", GATEWAY, files=files, headers=said)
    assert done.status_code == 200, done.text
    assert "192.0.2.9" in ask(stack, "GET", f"{SITE}/database-log.json").text
    password = (stack.shared / "admin-password").read_text().strip()
    for by, is_secure in ((GATEWAY, True), (VISITOR, False)):
        url = f"{SITE}/api/daily-stats-authenticate"
        signed_in = ask(stack, "POST", url, by, json={"password": password}, headers=said)
        assert signed_in.status_code == 200, signed_in.text
        assert ("secure" in signed_in.headers["set-cookie"].lower()) is is_secure


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
