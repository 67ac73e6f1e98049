"""A program at work, seen from outside: what it tells Prometheus, and what it logs."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from tests.ops.site import Site
from tests.waiting import wait_until

Series = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str


def ask(address: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Header names are given with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address.replace("localhost", "127.0.0.1") + path, body, named)
    try:
        with urllib.request.urlopen(request, timeout=30) as found:
            return Answer(found.status, found.headers, found.read().decode())
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.headers, refused.read().decode())


def upload(address: str, path: Path, **headers: str) -> Answer:
    """Wait until it is imported, or is not."""
    boundary = "a-line-that-no-export-has"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return ask(address, "/upload?wait=60", body, Content_Type=kind, **headers)


def series(exposition: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


def value(found: Series, name: str, **labels: str) -> float | None:
    return found.get((f"otrs_web_{name}", frozenset(labels.items())))


def events(site: Site) -> list[dict[str, Any]]:
    """What the program has logged; each line must be JSON."""
    return [json.loads(line) for line in site.output.splitlines()]


def wait_for_event(site: Site, **fields: object) -> dict[str, Any]:
    """The first event that has all these fields."""

    def found() -> list[dict[str, Any]]:
        return [event for event in events(site) if fields.items() <= event.items()]

    wait_until(found, 20)
    return found()[0]
