"""`otrs-web run` as its users meet it: real processes, real signals, a real broker."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.site import COMMAND, Site, free_port, status, wait_until


def children(site: Site) -> dict[int, str]:
    """The supervisor's own children: broker, web and worker."""
    assert site.process is not None
    text = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text()
    return {int(pid): site.processes().get(int(pid), "") for pid in text.split()}


@pytest.mark.single
def test_from_start_to_end(site: Site) -> None:
    address = site.start()
    assert address == f"http://localhost:{site.port}"
    assert status(address) == 200
    assert len(children(site)) == 3
    password = (site.data_dir / "admin-password").read_text().strip()
    assert site.output.count(password) == 1
    assert site.stop() < 10
    assert site.process is not None
    assert site.process.returncode == 0
    assert site.processes() == {}
    assert "Traceback" not in site.output
    assert "WARNING" not in site.output

    site.start()
    assert site.output.count(password) == 1
    site.stop(signal.SIGINT)
    assert site.processes() == {}


def test_a_second_run_on_the_same_data_refuses_and_leaves_the_first_alone(site: Site) -> None:
    address = site.start()
    second = site.run("run", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"already runs on the data directory {site.data_dir}" in second.stderr
    assert address in second.stderr
    assert "Traceback" not in second.stderr
    assert status(address) == 200


def test_a_port_that_was_chosen_and_is_taken_is_refused(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port)):
        refused = site.run("run")
    assert refused.returncode == 1
    assert f"Port {site.port} is in use" in refused.stderr


def test_the_usual_port_moves_on_to_the_next_free_one(site: Site) -> None:
    del site.environ["OTRS_WEB_PORT"]
    try:
        taken = socket.create_server(("127.0.0.1", 5000))
    except OSError:
        taken = None  # by something else, which is as good
    address = site.start()
    port = int(address.rpartition(":")[2])
    assert 5000 < port < 5100
    assert f"Port 5000 is in use by another program, taking {port} instead." in site.output
    assert status(address) == 200
    if taken is not None:
        taken.close()


@pytest.mark.single
def test_kill_9_leaves_no_orphan_and_the_next_start_works(site: Site) -> None:
    site.start()
    begin = site.processes()
    assert len(begin) >= 4
    assert site.process is not None
    site.process.kill()
    site.process.wait()
    assert wait_until(lambda: not site.processes()) < 3
    assert status(site.start()) == 200


@pytest.mark.single
def test_what_dies_is_started_again(site: Site) -> None:
    address = site.start()
    before = children(site)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(set(children(site)) - set(before)) == 3)
    assert status(address) == 200
    assert site.stop() < 10
    assert site.processes() == {}


def test_it_ends_with_its_parent_if_that_is_wanted(site: Site) -> None:
    command = f'"$0" -m otrs_web run --with-parent >>{site.log} 2>&1 & wait'
    parent = subprocess.Popen(
        ["/bin/sh", "-c", command, sys.executable], env=site.environ, start_new_session=True
    )
    wait_until(lambda: "is ready at" in site.output)
    parent.kill()
    parent.wait()
    wait_until(lambda: not site.processes())


def test_settings_that_make_no_sense_stop_the_start(site: Site) -> None:
    site.environ |= {"OTRS_WEB_OPEN_BY": "mood", "OTRS_WEB_MAX_UPLOAD_MB": "much"}
    refused = site.run("run")
    assert refused.returncode == 1
    assert "OTRS_WEB_OPEN_BY is 'mood', but must be state or closed_date" in refused.stderr
    assert "OTRS_WEB_MAX_UPLOAD_MB is 'much', but must be a whole number" in refused.stderr
    assert not site.data_dir.exists()


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_database_that_is_away_is_a_sentence(site: Site, command: str) -> None:
    site.environ["OTRS_WEB_DATABASE_URL"] = f"postgresql://otrs:secret@127.0.0.1:{free_port()}/otrs"
    refused = site.run(command)
    assert refused.returncode == 1
    assert "cannot be used: " in refused.stderr
    assert "secret" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_data_directory_that_cannot_be_made_is_a_sentence(site: Site) -> None:
    site.environ["OTRS_WEB_DATA_DIR"] = "/proc/nowhere"
    refused = site.run("run")
    assert refused.returncode == 1
    assert "The data directory /proc/nowhere cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", ["web", "worker"])
def test_parts_run_alone_beside_each_other(site: Site, command: str) -> None:
    """A further web server or worker finds the broker of the `run` on the same data directory."""
    site.start()
    site.environ["OTRS_WEB_PORT"] = str(port := free_port())
    part = subprocess.Popen([*COMMAND, command], env=site.environ, stderr=subprocess.PIPE)
    try:
        if command == "web":
            wait_until(lambda: _answers(port))
        else:
            wait_until(lambda: _has_handler(part.pid, signal.SIGTERM))
        part.send_signal(signal.SIGTERM)
        assert part.communicate(timeout=10)[1] == b""
    finally:
        part.kill()
        part.wait()


@pytest.mark.single
def test_a_worker_without_a_broker_says_so(site: Site) -> None:
    alone = site.run("worker")
    assert alone.returncode == 1
    assert "No broker" in alone.stderr


def _answers(port: int) -> bool:
    try:
        return status(f"http://127.0.0.1:{port}") == 200
    except OSError:
        return False


def _has_handler(pid: int, signum: signal.Signals) -> bool:
    text = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in text.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signum - 1) & 1)


def test_under_nohup_it_outlives_the_terminal(site: Site) -> None:
    for prefix, outlives in (("nohup ", True), ("", False)):
        said = site.output.count("is ready at")
        with site.log.open("ab") as log:
            command = f'exec {prefix}"$0" -m otrs_web run'
            process = subprocess.Popen(
                ["/bin/sh", "-c", command, sys.executable], env=site.environ, stdout=log, stderr=log
            )
        wait_until(lambda said=said: site.output.count("is ready at") > said)
        process.send_signal(signal.SIGHUP)
        if outlives:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            process.terminate()
        assert process.wait(10) == 0
