"""What the program tells those who watch it: a real program at work, scraped and its log read."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from tests.ops.site import Site
from tests.ops.watching import Answer, Series, ask, events, series, upload, value, wait_for_event
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus-alerts.yml"
DASHBOARD = DEPLOY / "grafana-dashboard.json"
#: what stands in the files that are uploaded, and what those who look at pages type or are
NAMES = ("Quasselstrippe", "Geheimnis", "Kassenwart", "471100815", "hush-hush", "203.0.113.77", "Rarebrowser")
REQUEST_ID = "from-the-proxy-0123456789"


class Watched(NamedTuple):
    site: Site
    address: str
    accepted: Answer
    failed: Answer
    exposition: str
    scraped: Series


def export(folder: Path, name: str, titles: list[str]) -> Path:
    path = folder / name
    rows = [
        f"471100815{number},open,2026-01-05 10:00:00,{title},Quasselstrippe,Kassenwart"
        for number, title in enumerate(titles)
    ]
    head = "Ticket Number,State,Created,Title,Customer ID,Responsible"
    path.write_text("\n".join([head, *rows, ""]))
    return path


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """A program that has imported a file, refused one and failed with one, made statistics and a backup."""
    folder = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    site = Site(folder / "data", OTRS_WEB_LOG_FORMAT="json")
    try:
        address = site.start()
        who = {"X_Forwarded_For": "203.0.113.77", "User_Agent": "Rarebrowser/1.0"}
        good = export(folder, "Quasselstrippe.csv", ["Geheimnis 1", "Geheimnis 2", "Geheimnis 3"])
        accepted = upload(address, good, X_Request_ID=REQUEST_ID, **who)
        assert accepted.status == 200, accepted.body
        letter = folder / "Kassenwart.csv"
        letter.write_text("Dear Quasselstrippe,\nthis is no export.\n")
        assert upload(address, letter, **who).status == 422
        failed = failing_import(site, address, export(folder, "b.csv", ["Geheimnis"] * 2), who)
        for path in (
            "/tickets?q=Geheimnis",
            "/tickets/4711008150",
            "/upload/Quasselstrippe.csv",
            "/Geheimnis",
        ):
            ask(address, path, **who)
        wrong = json.dumps({"auth_password": "hush-hush"}).encode()
        refused = ask(address, "/clear-database", wrong, Content_Type="application/json", **who)
        assert refused.status == 401
        assert site.run("daily-stats").returncode == 0
        assert site.run("backup").returncode == 0
        wait_until(lambda: "otrs_web_job_duration_seconds_count" in ask(address, "/metrics").body)
        exposition = ask(address, "/metrics").body
        yield Watched(site, address, accepted, failed, exposition, series(exposition))
    finally:
        site.clean()
        shutil.rmtree(folder, ignore_errors=True)


def failing_import(site: Site, address: str, path: Path, who: dict[str, str]) -> Answer:
    """One that the database does not take, with a message that names a title."""
    db = SyncDatabase(Settings.from_env(site.environ))
    with db.write() as session:
        session.execute(text("CREATE UNIQUE INDEX one_title ON otrs_ticket (title)"))
    failed = upload(address, path, **who)
    with db.write() as session:
        session.execute(text("DROP INDEX one_title"))
    db.dispose()
    return failed


def test_it_counts_what_has_happened(watched: Watched) -> None:
    found = watched.scraped
    results = {name: value(found, "imports_total", result=name) for name in ("done", "rejected", "failed")}
    assert results == {"done": 1, "rejected": 1, "failed": 1}
    assert value(found, "import_rows_total", outcome="new") == 3
    assert value(found, "requests_total", method="POST", route="/upload", status="200") == 1
    assert value(found, "requests_total", method="GET", route="/upload/{filename}", status="200") == 1
    assert value(found, "request_duration_seconds_count", method="GET", route="/tickets/{number}") == 1
    assert value(found, "requests_total", method="GET", route="(unknown)", status="404") == 1
    assert value(found, "daily_runs_total", result="done") == 1
    assert value(found, "backups_total", result="done") == 1
    assert value(found, "workers") == 1
    assert value(found, "ready") == 1
    for part in ("database", "broker", "worker", "disk"):
        assert value(found, "part_state", part=part, state="ok") == 1
    for name in ("last_import", "last_daily_run", "last_backup"):
        at = value(found, f"{name}_timestamp_seconds")
        assert at is not None
        assert 0 <= time.time() - at < 120
    assert (value(found, "disk_size_bytes") or 0) > (value(found, "disk_free_bytes") or 0) > 0


def test_jobs_are_counted_although_another_process_does_them(watched: Watched) -> None:
    labels = {"task": "import_tickets", "result": "done"}

    def times() -> float | None:
        return value(series(ask(watched.address, "/metrics").body), "job_duration_seconds_count", **labels)

    # a look at the database on the minute may add one
    wait_until(lambda: (times() or 0) >= 3, 10)


def test_figures_of_the_installation_survive_the_process_that_told_them(watched: Watched) -> None:
    web = {event["pid"] for event in events(watched.site) if event["process"] == "web"}
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    wait_for_event(watched.site, level="WARNING", process="run")
    found = series(ask(watched.address, "/metrics").body)
    assert value(found, "imports_total", result="done") == 1
    assert value(found, "import_rows_total", outcome="new") == 3
    assert value(found, "requests_total", method="POST", route="/upload", status="200") is None


def test_nothing_in_it_is_about_people_or_tickets(watched: Watched) -> None:
    assert not [name for name in NAMES if name in watched.exposition]


def test_one_upload_is_followed_from_request_to_job_to_import(watched: Watched) -> None:
    assert watched.accepted.headers["X-Request-ID"] == REQUEST_ID
    upload_id = json.loads(watched.accepted.body)["upload_id"]
    stored = wait_for_event(watched.site, process="web", request_id=REQUEST_ID, upload_id=upload_id)
    assert "is stored" in stored["message"]
    done = wait_for_event(watched.site, process="import", message=f"import {upload_id}: done")
    assert done["upload_id"] == upload_id
    queued = wait_for_event(watched.site, message=f"Queued as job {done['job_id']}")
    assert (queued["request_id"], queued["upload_id"]) == (REQUEST_ID, upload_id)
    wait_for_event(watched.site, process="worker", job_id=done["job_id"], task="import_tickets")


def test_a_line_for_every_request_that_somebody_waited_for(watched: Watched) -> None:
    line = wait_for_event(watched.site, logger="otrs_web.requests", request_id=REQUEST_ID)
    assert (line["method"], line["route"], line["status"]) == ("POST", "/upload", 200)
    assert line["duration_ms"] > 0
    assert line["bytes"] == len(watched.accepted.body.encode())
    routes = {event["route"] for event in events(watched.site) if event["logger"] == "otrs_web.requests"}
    assert routes >= {"/", "/upload", "/tickets", "(unknown)"}
    assert not [route for route in routes if route.startswith(("/static", "/health", "/metrics"))]


def test_no_line_names_a_person_a_ticket_a_file_or_who_asked(watched: Watched) -> None:
    error = json.loads(watched.failed.body)
    assert (watched.failed.status, error["success"]) == (500, False)
    output = watched.site.output
    failure = next(event for event in events(watched.site) if "exception" in event)
    assert "IntegrityError" in failure["exception"] or "UniqueViolation" in failure["exception"]
    assert not [name for name in NAMES if name in output]
    password = (watched.site.data_dir / "admin-password").read_text().strip()
    assert password not in output


def names_of(expressions: list[str]) -> set[str]:
    return {name for text in expressions for name in re.findall(r"\b(?:otrs_web|process)_[a-z_]+", text)}


def expressions_of(board: dict[str, Any]) -> list[str]:
    """Those of the panels, and of the variables that ask for labels."""
    panels = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    asked = [variable["definition"] for variable in board["templating"]["list"] if "definition" in variable]
    return [*panels, *asked]


@pytest.mark.parametrize("source", ["dashboard", "rules"])
def test_every_figure_that_is_looked_at_is_told(watched: Watched, source: str) -> None:
    if source == "dashboard":
        used = names_of(expressions_of(json.loads(DASHBOARD.read_text())))
    else:
        used = names_of(re.findall(r"expr: (?:\|\n)?((?:.*\n)+?)\s+(?:for|labels):", RULES.read_text()))
    assert len(used) > 10
    assert used <= {name for name, _ in watched.scraped}


def test_the_dashboard_has_a_place_for_each_panel_and_a_source_to_choose() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert [variable["name"] for variable in board["templating"]["list"]][:1] == ["datasource"]
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def promtool(*arguments: str | Path) -> str:
    found = shutil.which("promtool") or str(ROOT / ".venv/bin/promtool")
    if not Path(found).exists():
        pytest.fail("These tests need promtool, and there is none: sh scripts/prometheus.sh", pytrace=False)
    done = subprocess.run([found, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_alerts_come_when_they_shall_and_not_otherwise() -> None:
    promtool("check", "rules", RULES)
    promtool("test", "rules", Path(__file__).with_name("prometheus-alerts.test.yml"))


def test_prometheus_understands_every_question_of_the_dashboard(tmp_path: Path) -> None:
    rules = []
    for number, expression in enumerate(expressions_of(json.loads(DASHBOARD.read_text()))):
        if not expression.startswith("label_values("):
            asked = expression.replace("$__rate_interval", "5m")
            rules.append({"record": f"panel:{number}", "expr": asked})
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(rules)} rules found" in promtool("check", "rules", path)


def test_a_scrape_is_what_prometheus_expects(watched: Watched, tmp_path: Path) -> None:
    found = shutil.which("promtool") or str(ROOT / ".venv/bin/promtool")
    done = subprocess.run(
        [found, "check", "metrics"],
        input=watched.exposition,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
