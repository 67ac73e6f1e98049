"""The script that puts another version in place, run by hand on real checkouts: what it refuses, what it
does, and that whatever ends it in the middle leaves the old version, its packages and its database."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import services
from tests.ops.site import wait_until
from tests.updates.desk import NEW, OLD, Desk, Origin, dump, git

#: where a kill is worth a quick look, on either database; and the steps that do not touch the running one
QUICK, OTHERS = ["install", "switch", "restart"], ["check", "backup", "fetch", "checkout", "migrate", "start"]
BROKEN = "v0.3.0"
STRANGE = [
    "--upload-pack=touch /tmp/x",
    "-c",
    "main..v0.2.0",
    "v0.2.0@{1}",
    "v0.2.0;id",
    "refs/../x",
    "",
    "v 0.2.0",
]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    """Has the old version, a new one with a new column, and one that does not start."""
    origin = Origin(tmp_path_factory.mktemp("origin"))
    origin.publish_with_migration(NEW)
    origin.publish_broken(BROKEN)
    return origin


@pytest.fixture
def desk(short_dir: Path, origin: Origin) -> Iterator[Desk]:
    """To be updated."""
    yield from running_version_1(short_dir, origin)


@pytest.fixture(scope="module")
def same_desk(origin: Origin) -> Iterator[Desk]:
    """For tests after which everything must be as it was before."""
    folder = Path(tempfile.mkdtemp(prefix="otrs-", dir="/tmp"))
    yield from running_version_1(folder, origin)
    shutil.rmtree(folder)


def running_version_1(folder: Path, origin: Origin) -> Iterator[Desk]:
    desk = Desk(folder, origin)
    desk.run("migrate")
    yield desk
    desk.clean()


def columns(desk: Desk) -> str:
    return "\n".join(line for line in dump(desk.data_dir, desk.database_url) if "upload_detail" in line)


def test_a_dry_run_changes_nothing(same_desk: Desk) -> None:
    before, files = same_desk.state(), sorted(same_desk.data_dir.rglob("*"))
    done = same_desk.update("--dry-run")
    assert done.returncode == 0, done.stderr
    assert "0.1.1 can be updated to v0.2.0" in done.stdout
    assert same_desk.state() == before
    assert sorted(same_desk.data_dir.rglob("*")) == files
    assert git(same_desk.tree, "for-each-ref", "refs/otrs-web") == ""


@pytest.mark.parametrize("target", STRANGE)
def test_names_that_git_could_misunderstand_are_refused(same_desk: Desk, target: str) -> None:
    done = same_desk.update("--dry-run", f"--target={target}")
    assert done.returncode == (2 if not target else 3)
    assert "is no possible name of a version" in done.stderr or not target


def test_what_it_is_not_meant_for_is_refused(same_desk: Desk) -> None:
    other = same_desk.update("--dry-run", repo="somebody/else")
    assert other.returncode == 3
    assert "not of somebody/else" in other.stderr
    unknown = same_desk.update("--dry-run", target="v9.9.9")
    assert unknown.returncode == 3
    assert "There is no version v9.9.9" in unknown.stderr
    (same_desk.tree / "README.md").write_text("changed")
    dirty = same_desk.update("--dry-run")
    assert dirty.returncode == 3
    assert "README.md" in dirty.stderr
    git(same_desk.tree, "checkout", "--quiet", "README.md")
    (same_desk.tree / "notes.txt").write_text("mine")
    before = same_desk.state()
    untracked = same_desk.update()
    assert untracked.returncode == 1
    assert "notes.txt" in untracked.stderr
    assert same_desk.state() == before
    (same_desk.tree / "notes.txt").unlink()


def test_from_one_version_to_another_and_on_to_one_that_does_not_start(desk: Desk) -> None:
    assert desk.version() == OLD[1:]
    done = desk.update()
    assert done.returncode == 0, done.stdout + done.stderr
    assert desk.version() == NEW[1:]
    assert git(desk.tree, "rev-parse", "HEAD") == git(desk.tree, "rev-parse", "refs/otrs-web/update")
    assert git(desk.tree, "status", "--porcelain") == ""
    assert "mark" in columns(desk)
    # of a server's data, which others may change meanwhile, once more before the versions are exchanged
    assert len(list((desk.data_dir / "backups").glob("*.zip"))) == (2 if services.SHARED else 1)
    assert sorted(p.name for p in desk.tree.glob(".venv*")) == [
        ".venv",
        Path(desk.journal()["new_venv"]).name,
    ]
    # the installed program uses the checkout, not the folder in which it was prepared
    shutil.rmtree(desk.journal()["tree"])
    assert desk.run("migrate").returncode == 0

    before = desk.state()
    failed = desk.update(target=BROKEN)
    assert failed.returncode == 1
    assert "Step start: The new version did not start" in failed.stderr
    assert desk.state() == before
    assert desk.journal()["phase"] == "failed"


@pytest.mark.slow
def test_a_branch_and_a_commit_of_it(desk: Desk, origin: Origin) -> None:
    git(desk.tree, "checkout", "--quiet", "-B", "main", OLD)
    foreign = git(origin.work, "commit-tree", "-m", "foreign", "HEAD^{tree}")
    refused = desk.update(target=foreign)
    assert refused.returncode == 1
    assert "Step fetch: There is no version" in refused.stderr
    done = desk.update(target="main")
    assert done.returncode == 0, done.stderr
    assert git(desk.tree, "symbolic-ref", "--short", "HEAD") == "main"
    assert desk.version() == NEW[1:]


@pytest.mark.parametrize(
    "step", [*QUICK, *(pytest.param(step, marks=[pytest.mark.slow, pytest.mark.single]) for step in OTHERS)]
)
def test_killed_at_a_step(same_desk: Desk, step: str) -> None:
    """`kill -9` of the updater, then the next call of the script finishes what must be undone."""
    before = same_desk.state()
    kill_at(same_desk, step)
    assert same_desk.journal()["phase"] not in ("done", "failed")
    recover(same_desk)
    assert same_desk.state() == before
    journal = same_desk.journal()
    assert (journal["phase"], journal["step"]) == ("failed", step)
    assert journal["reason"]["message"] == "The update was interrupted."


@pytest.mark.parametrize("place", ["settle", "write", "remove_venv"])
def test_killed_when_it_has_succeeded(desk: Desk, place: str) -> None:
    """Once the new version is known to run, an interrupted update is finished, not undone."""
    run_killed(
        desk,
        f"script = space['main'].__globals__\nwas = script[{place!r}]\n"
        "def dying(*what, **how):\n"
        "    if os.path.exists(journal) and '\"settling\"' in open(journal).read():\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return was(*what, **how)\n"
        f"script[{place!r}] = dying\n",
    )
    assert desk.journal()["phase"] == "settling"
    if place == "settle":  # as git leaves a checkout in the middle of which it was killed
        (desk.tree / ".git" / "index.lock").touch()
        (desk.tree / "pyproject.toml").write_text("half of it")
    recover(desk)
    assert desk.journal()["phase"] == "done"
    assert desk.version() == NEW[1:]
    assert git(desk.tree, "describe", "--tags") == NEW
    assert git(desk.tree, "status", "--porcelain") == ""
    assert sorted(p.name for p in desk.tree.glob(".venv*")) == [
        ".venv",
        Path(desk.journal()["new_venv"]).name,
    ]
    shutil.rmtree(desk.journal()["tree"])
    assert desk.run("migrate").returncode == 0


def kill_at(desk: Desk, step: str) -> None:
    """Run an update that is killed once a step has done its work but is not over yet."""
    moment = (step, "begun" if step == "restart" else "done")
    run_killed(
        desk,
        "progress = space['Run'].progress\n"
        "def dying(self, *what):\n"
        "    progress(self, *what)\n"
        f"    if what == {moment!r}:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "space['Run'].progress = dying\n",
    )


def run_killed(desk: Desk, change: str) -> None:
    """Run the script in a process that has been changed to kill itself somewhere, as `kill -9` would."""
    script = (
        "import os, runpy, signal, sys\n"
        f"journal = {str(desk.updates / 'journal.json')!r}\n"
        f"sys.argv = {desk.script()[2:]!r}\n"
        "space = runpy.run_path(sys.argv[0], run_name='update_app')\n"
        f"{change}"
        "space['main']()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=desk.environ, cwd=desk.data_dir.parent, check=False
    )
    assert done.returncode == -signal.SIGKILL


def recover(desk: Desk) -> None:
    script = ["-I", desk.journal()["script"], "--go-on", "recover", "--updates", str(desk.updates)]
    subprocess.run([sys.executable, *script], env=desk.environ, check=True, capture_output=True)


def test_two_at_once(same_desk: Desk) -> None:
    last = same_desk.journal().get("id")
    first = same_desk.begin_update()
    wait_until(lambda: (found := same_desk.journal()).get("id") != last and found["step"] == "backup")
    second = same_desk.update()
    assert second.returncode == 3
    assert "An update is running already." in second.stderr
    os.kill(first.pid, signal.SIGTERM)
    out, _ = first.communicate(timeout=30)
    assert first.returncode == 1
    assert "The update was stopped." in out
    assert same_desk.version() == OLD[1:]


@pytest.mark.slow
def test_an_installed_wheel(short_dir: Path, origin: Origin) -> None:
    old, new, broken = (origin.wheel(tag) for tag in (OLD, NEW, BROKEN))
    desk = Desk(short_dir, origin, wheel=old)
    desk.run("migrate")
    shutil.rmtree(desk.tree / ".git")
    venv = ["--venv", str(desk.venv)]
    done = desk.update(*venv, f"--wheel={new.as_uri()}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert desk.version() == NEW[1:]
    assert "mark" in columns(desk)
    failed = desk.update(*venv, f"--wheel={broken.as_uri()}", target=BROKEN)
    assert failed.returncode == 1
    assert "Step start: The new version did not start: RuntimeError: broken" in failed.stderr
    assert desk.version() == NEW[1:]
    desk.clean()


def test_the_service_is_changing_over(same_desk: Desk) -> None:
    """Then the script does not take the update of the running service for an abandoned one."""
    same_desk.updates.mkdir(exist_ok=True)
    journal = {"id": "x", "phase": "switched", "step": "restart", "venv": str(same_desk.venv)}
    (same_desk.updates / "journal.json").write_text(json.dumps(journal))
    with (same_desk.data_dir / "otrs-web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = same_desk.update()
    assert done.returncode == 3
    assert "An update is running already." in done.stderr
    assert same_desk.journal() == journal
    (same_desk.updates / "journal.json").unlink()
