"""What scripts ask a running service, for tests of updates."""

import json
import urllib.error
import urllib.request
from typing import Any, Protocol

from tests.waiting import wait_until


class Served(Protocol):
    port: int


def ask(desk: Served, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{desk.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json", "accept-language": "en"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def trigger(
    desk: Served, target: str | None = None, password: str = "secret-word"
) -> tuple[int, dict[str, Any]]:
    return ask(desk, "/api/update/trigger", {"target_version": target, "auth_password": password})


def status(desk: Served) -> dict[str, Any]:
    return dict(ask(desk, "/api/update/status")[1]["status"])


def ended(desk: Served, seconds: float = 120) -> dict[str, Any]:
    """The status once no update is under way any more."""
    found: dict[str, Any] = {}

    def is_over() -> bool:
        try:
            found.update(status(desk))
        except OSError:  # services of their own are away for a moment
            return False
        return not found["is_updating"]

    wait_until(is_over, seconds)
    return found


def upload(desk: Served, name: str) -> int:
    body = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        "Ticket Number,Title,Created,State\n1001,Printer,2026-02-01 08:00:00,open\n\r\n--x--\r\n"
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{desk.port}/upload",
        data=body.encode(),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["upload_id"])


def import_state(desk: Served, upload_id: int) -> str:
    return str(ask(desk, f"/processing-status?upload_id={upload_id}")[1]["status"])
