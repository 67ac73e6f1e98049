#!/usr/bin/env python3
"""Puts another version of otrs-web in place, or leaves all as it was. Used by the update page and by hand.

Everything is made ready beside what runs: the new version's files, its environment, a copy of the database on
which it is started and asked. Then, while nothing runs, the database is copied and the environment exchanged
by one rename. What was done is in a journal, from which the next start of otrs-web, or of this script,
finishes or undoes what was interrupted. It needs Python alone, since it replaces the packages beside it, and
works from a copy of itself in the data directory, since it replaces its own file as well.
"""

import argparse
import ctypes
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SAFE = ("core.hooksPath=/dev/null", "protocol.ext.allow=never", "gc.auto=0")
GIT = ("git", *(part for setting in SAFE for part in ("-c", setting)))
REF = "refs/otrs-web/update"
REFUSED = re.compile(r"^[-/.]|[^A-Za-z0-9._/+-]|\.\.|@\{|//|\.lock$|[/.]$|^$")
FORMER = ("-P", "-m", "otrs_web.updates.former_database")
NOT_FOR_OTHERS = ("OTRS_WEB_LISTENER", "NOTIFY_SOCKET")
KEPT_RUNS = 5
NETWORK_S, LONG_S, START_S, STEADY_S, RESTART_S, CHANGE_S = 300, 3600, 120, 5, 180, 600
VERSION = "from importlib.metadata import version; print(version('otrs-web'))"
ABOUT = (
    "import json; from importlib.metadata import version; from otrs_web.settings import Settings;"
    "s = Settings.from_env(); print(json.dumps({'data_dir': str(s.data_dir),"
    "'database_url': s.database_url, 'version': version('otrs-web'),"
    "'host': s.host, 'port': s.port, 'by': s.update_by}))"
)


def N_(message: str) -> str:  # noqa: N802
    """Marks a sentence that the update page says in the reader's language."""
    return message


CHANGING = ("ready", "switching", "switched", "undoing")
BUSY = N_("An update is running already.")
NO_START = N_("The new version did not start: {reason}")
UNKNOWN = N_("There is no version {target} in {repo}.")


class Failed(Exception):  # noqa: N818
    """A step has failed; the sentence says why, with the values of its places."""

    def __init__(self, message: str, **params: str) -> None:
        super().__init__(message.format(**params))
        self.message, self.params = message, params


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def write(path: Path, text: str) -> None:
    """The file holds all of it or what it held before, also after a power cut."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


class Run:
    """One update: its journal, which says how far it came, and its folder with progress and output."""

    def __init__(self, updates: Path, facts: dict[str, Any]) -> None:
        self.updates, self.facts = updates, facts
        self.folder = updates / facts["id"]
        self.is_dry = False

    @classmethod
    def load(cls, updates: Path) -> "Run | None":
        try:
            return cls(updates, json.loads((updates / "journal.json").read_text("utf-8")))
        except FileNotFoundError:
            return None

    def path(self, name: str) -> Path:
        return Path(self.facts[name])

    def note(self, **facts: Any) -> None:
        self.facts |= facts | {"at": now()}
        if self.is_dry:
            return
        write(self.updates / "journal.json", json.dumps(self.facts, indent=1))

    def say(self, text: str) -> None:
        text = re.sub(r"(://[^\s:/@]*):[^\s/@]*@", r"\1:…@", text)
        with suppress(OSError):
            print(text, flush=True)
        if self.is_dry:
            return
        with (self.folder / "output.log").open("a", encoding="utf-8") as output:
            output.write(text + "\n")

    def progress(self, step: str, state: str) -> None:
        self.say(f"{now()} {step}: {state}")
        with (self.folder / "progress.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": now(), "step": step, "state": state}) + "\n")

    @contextmanager
    def step(self, step: str) -> Iterator[None]:
        self.note(step=step)
        self.progress(step, "begun")
        yield
        self.progress(step, "done")

    def fails(self, error: Exception) -> None:
        """Undo everything, then say what had happened."""
        known = isinstance(error, Failed)
        message = error.message if known else N_("It could not be done: {reason}")  # type: ignore[attr-defined]
        params = error.params if known else {"reason": f"{type(error).__name__}: {error}"}  # type: ignore[attr-defined]
        self.say(message.format(**params))
        undo(self, message, params)

    def call(self, *command: object, limit: float = NETWORK_S, **options: Any) -> str:
        """Run a command to its end; what it prints goes into the output and is given back."""
        said: list[str] = []
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
        with begin(command, **pipes, **options) as process:
            alarm = threading.Timer(limit, process.kill)
            alarm.start()
            try:
                for line in process.stdout or ():
                    said.append(line.rstrip())
                    self.say(f"  {said[-1]}")
                code = process.wait()
            finally:
                alarm.cancel()
                process.kill()
        if code == -signal.SIGKILL:
            message = N_("{command} did not end within {seconds} seconds.")
            raise Failed(message, command=Path(str(command[0])).name, seconds=f"{limit:.0f}")
        if code:
            raise Failed(
                "{reason}", reason=next((line for line in reversed(said) if line), f"{command[0]}: {code}")
            )
        return "\n".join(said)

    def git(self, *arguments: str, **options: Any) -> str:
        return self.call(*GIT, "-C", self.facts["working_dir"], *arguments, **options)

    def otrs_web(self, venv: Path, *arguments: str, **environ: str) -> str:
        return self.call(*program(venv), *arguments, limit=LONG_S, env=surroundings(**environ))


def program(venv: Path) -> list[str]:
    return [str(venv / "bin" / "python"), "-P", "-m", "otrs_web"]


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a command: ours, without what was meant for another process, and never asking."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_OTHERS}
    quiet = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "LC_ALL": "C.UTF-8",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    return {**kept, **quiet, **more}


def begin(command: Sequence[object], **options: Any) -> "subprocess.Popen[str]":
    """Start a command that ends when this process does: nothing may go on writing after a kill."""
    parent = os.getpid()

    def bound_to_us() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    options = {"env": surroundings(), "stdin": subprocess.DEVNULL, **options}
    try:
        return subprocess.Popen([str(part) for part in command], preexec_fn=bound_to_us, **options)  # noqa: PLW1509
    except FileNotFoundError as error:
        raise Failed(N_("The program {tool} is not installed."), tool=str(command[0])) from error


# the steps


def check(run: Run, repo: str, target: str) -> None:
    """That nothing of what is there would be lost, and that it is what the update is meant for."""
    refuse_odd(target)
    venv, tree = run.path("venv"), run.facts["working_dir"]
    if not (venv / "pyvenv.cfg").is_file():
        raise Failed(N_("{path} is no virtual environment of Python."), path=str(venv))
    for place in (venv.parent, *([Path(tree), Path(tree) / ".git"] if tree else [])):
        if not os.access(place, os.W_OK):
            raise Failed(N_("{path} cannot be written by the user who runs otrs-web."), path=str(place))
    if not tree:
        return
    top = run.git("rev-parse", "--show-toplevel") if (Path(tree) / ".git").exists() else ""
    if Path(top) != Path(tree).resolve():
        raise Failed(N_("{path} is no git checkout."), path=tree)
    if changes := run.git("status", "--porcelain", "--untracked-files=normal"):
        files = ", ".join(line[3:] for line in changes.splitlines()[:5])
        message = N_("There are changes in {path} that an update would overwrite: {files}")
        raise Failed(message, path=tree, files=files)
    origin = run.git("remote", "get-url", "--", "origin")
    if not is_same_repository(origin, repo):
        message = N_("{path} is a checkout of {origin}, not of {repo}.")
        raise Failed(message, path=tree, origin=re.sub("//[^/@]*@", "//", origin), repo=repo)
    run.note(from_commit=run.git("rev-parse", "HEAD"))


def refuse_odd(name: str) -> None:
    """Names that git could take for options, ranges or other things than one tag, branch or commit."""
    if REFUSED.search(name) or len(name) > 200:
        raise Failed(N_("“{target}” is no possible name of a version."), target=name)


def is_same_repository(origin: str, repo: str) -> bool:
    def parts(url: str) -> list[str]:
        url = re.sub(r"^[\w.+-]+@([^:/]+):(?!//)", r"ssh://\1/", url)
        path = urlsplit(url).path if "://" in url else url
        names = path.rstrip("/").removesuffix(".git").strip("/").lower().split("/")
        host = [(urlsplit(url).hostname or "") if "://" in url else ""]
        return host + names if "://" in repo or repo.startswith(("/", "git@")) else names[-2:]

    return parts(origin) == parts(repo)


def find(run: Run, branch: str, target: str) -> str:
    """The ref of the target at the origin, and its commit in the journal."""
    refuse_odd(branch)
    listed = run.git("ls-remote", "--", "origin", f"refs/heads/{branch}", "refs/tags/*")
    refs = {ref: commit for commit, _, ref in (line.partition("\t") for line in listed.splitlines())}
    for ref in (*([f"refs/heads/{branch}"] if target == branch else []), f"refs/tags/{target}"):
        if ref in refs:
            run.note(commit=refs.get(f"{ref}^{{}}", refs[ref]))
            return ref
    if re.fullmatch(r"[0-9a-f]{7,40}", target):
        run.note(commit=target)
        named = (ref.removesuffix("^{}") for ref, commit in refs.items() if commit.startswith(target))
        return next(named, f"refs/heads/{branch}")
    raise Failed(UNKNOWN, target=target, repo=run.facts["repo"])


def fetch(run: Run, branch: str, target: str) -> None:
    ref = find(run, branch, target)
    run.git("fetch", "--no-tags", "--no-recurse-submodules", "--", "origin", f"+{ref}:{REF}")
    try:
        commit = run.git("rev-parse", "--verify", "--end-of-options", f"{run.facts['commit']}^{{commit}}")
        run.git("merge-base", "--is-ancestor", commit, REF)
    except Failed as error:
        raise Failed(UNKNOWN, target=target, repo=run.facts["repo"]) from error
    run.note(commit=commit, branch=branch if target == branch else None)


def download(run: Run, wheel: str) -> None:
    """The release's wheel, into the folder of this update."""
    name = Path(urlsplit(wheel).path).name
    if not re.fullmatch(r"otrs_web-[\w.+]+-py3-none-any\.whl", name):
        raise Failed(N_("{file} is no wheel of otrs-web."), file=name)
    request = urllib.request.Request(wheel, headers={"User-Agent": "otrs-web"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer, (run.folder / name).open("wb") as file:  # noqa: S310
        shutil.copyfileobj(answer, file)
    run.note(wheel=str(run.folder / name))


def check_out(run: Run) -> None:
    """The new version's files into a folder beside; the checkout is not touched yet."""
    index = surroundings(GIT_INDEX_FILE=str(run.folder / "index"))
    run.git("read-tree", run.facts["commit"], env=index)
    run.git("checkout-index", "--all", "--quiet", f"--prefix={run.path('tree')}/", env=index)


def install(run: Run, *, skip_deps: bool, pip_extra: list[str]) -> None:
    """The new environment: the old one's files (links, so it costs no room), and in it what differs."""
    venv, new = run.path("venv"), run.path("new_venv")
    shutil.copytree(venv.resolve(), new, symlinks=True, copy_function=link)
    python = new / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet"]
    lock = ["--require-hashes", "--requirement", run.path("tree") / "requirements.lock"]
    if run.facts["wheel"]:
        how = ["--no-deps", "--force-reinstall"] if skip_deps else ["--upgrade"]
        run.call(*pip, *pip_extra, *how, run.path("wheel"), limit=LONG_S)
    else:
        if not skip_deps:
            run.call(*pip, *pip_extra, *lock, limit=LONG_S)
        run.call(*pip, "--no-deps", "--no-build-isolation", "--editable", run.path("tree"), limit=LONG_S)
    for script in (new / "bin").iterdir():  # they shall name the place where the environment is used
        ours = f"#!{new}/".encode()
        if not script.is_symlink() and script.is_file() and (text := script.read_bytes()).startswith(ours):
            part = script.with_name(f"{script.name}.part")
            part.write_bytes(f"#!{venv}/".encode() + text[len(ours) :])
            shutil.copymode(script, part)
            os.replace(part, script)
    run.note(version=run.call(python, "-c", VERSION))


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def sqlite_file(run: Run) -> Path | None:
    return run.path("database") if run.facts["database"] else None


def copy_database(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with sqlite3.connect(source, timeout=60) as live, sqlite3.connect(part) as copy:
        live.backup(copy)
    live.close()
    copy.close()
    os.replace(part, target)


def probe_environment(run: Run) -> dict[str, str]:
    """What the new version is tried with: a copy of the data, a broker of its own, nothing done by itself."""
    scratch = run.folder / "probe"
    database = {
        "OTRS_WEB_DATA_DIR": str(scratch),
        "OTRS_WEB_DATABASE_URL": f"sqlite:///{scratch}/otrs-web.db",
    }
    quiet = {"OTRS_WEB_QUEUE_URL": "", "OTRS_WEB_BACKUP_TIME": "off", "APP_UPDATE_ENABLED": "false"}
    return {**database, **quiet, "OTRS_WEB_HOST": "127.0.0.1"}


def migrate_copy(run: Run) -> None:
    (run.folder / "probe").mkdir()
    if (live := sqlite_file(run)) and live.exists():
        copy_database(live, run.folder / "probe" / "otrs-web.db")
    run.otrs_web(run.path("new_venv"), "migrate", **probe_environment(run))


def asked(what: str, address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://{address}/health/{what}", timeout=5) as reply:
        return dict(json.load(reply))


def start_copy(run: Run) -> None:
    """Start all of the new version on a free port and ask who it is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = (run.folder / "probe.log").open("w+", encoding="utf-8", errors="replace")
    environ = surroundings(**probe_environment(run))
    command = [*program(run.path("new_venv")), "run", "--port", str(port)]
    process = begin(command, stdout=said, stderr=said, env=environ, cwd=run.folder)
    try:
        deadline, answer = time.monotonic() + START_S, None
        while answer is None and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
            with suppress(OSError, ValueError):
                asked("ready", f"127.0.0.1:{port}")
                answer = asked("live", f"127.0.0.1:{port}")
        with suppress(subprocess.TimeoutExpired):  # a part that begins after the answer, and fails
            process.wait(STEADY_S)
            answer = None
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        said.seek(0)
        lines = [line.strip() for line in said if line.strip()]
        said.close()
        for line in lines:
            run.say(f"  {line}")
    if answer is None:
        telling = [line for line in lines if " ERROR " in line] or lines or ["?"]
        raise Failed(NO_START, reason=telling[-1].rpartition(" | ")[2])
    refuse_another(run, answer)
    remove(run.folder / "probe")


def refuse_another(run: Run, answer: dict[str, Any]) -> None:
    if (found := str(answer.get("version"))) != run.facts["version"]:
        message = N_("The new version says that it is {found}, not {version}.")
        raise Failed(message, found=found, version=run.facts["version"])


# changing over, finishing, undoing


def switch(run: Run) -> None:
    """While nothing runs: keep the database as it is, then exchange the environments by one rename."""
    (run.updates / "restart").unlink(missing_ok=True)
    run.note(phase="switching")
    with run.step("switch"):
        if (live := sqlite_file(run)) and live.exists():
            copy_database(live, run.folder / "before.db")
        elif not sqlite_file(run):
            tables = run.call(run.path("venv") / "bin" / "python", *FORMER)
            said = run.otrs_web(run.path("venv"), "backup", OTRS_WEB_LANGUAGE="en").splitlines()[-1]
            run.note(tables=tables, backup=re.sub(r"^Made (.*): [^:]*$", r"\1", said))
        spare = run.path("spare")
        remove(spare)
        spare.symlink_to(run.path("new_venv").name)
        exchange(run.path("venv"), spare)
    run.note(phase="switched", step="restart")
    run.progress("restart", "begun")


def exchange(one: Path, other: Path) -> None:
    """Swap two names at once where the system can, else one after the other."""
    names = os.fsencode(one), os.fsencode(other)
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename is None or rename(-100, names[0], -100, names[1], 2) != 0:
        between = one.with_name(f"{one.name}-between")
        os.rename(one, between)
        os.rename(other, one)
        os.rename(between, other)


def is_switched(run: Run) -> bool:
    venv = run.path("venv")
    return venv.is_symlink() and os.readlink(venv) == run.path("new_venv").name


def watch(run: Run) -> None:
    """Where systemd has started the new version: that its web server answers, and goes on answering."""
    deadline, until, error = time.monotonic() + START_S, None, "?"
    while until is None or time.monotonic() < until:
        try:
            refuse_another(run, asked("live", run.facts["address"]))
            until = until or time.monotonic() + STEADY_S
        except (OSError, ValueError) as found:
            error = str(found)
        if until is None and time.monotonic() > deadline:
            raise Failed(NO_START, reason=error)
        time.sleep(0.2)


def confirm(run: Run) -> None:
    """The new version runs: bring the checkout to it, and let go of the old one."""
    again = run.facts["phase"] == "settling"
    run.note(phase="settling")
    if run.facts["working_dir"]:
        try:
            settle(run, again=again)
        except (Failed, OSError) as error:
            run.say(f"The checkout stays as it is ({error}); the new version runs from {run.path('tree')}.")
    remove_venv(run.path("spare"))
    for name in ("before.db", "before.db.part", "index", "probe"):
        remove(run.folder / name)
    for folder in run.updates.glob("*/tree"):
        if folder != run.path("tree"):
            remove(folder)
    run.progress("restart", "done")
    run.note(phase="done")
    run.say(f"{now()} otrs-web is now {run.facts['version']}.")


def settle(run: Run, *, again: bool) -> None:
    tree, source = run.path("tree"), Path(run.facts["working_dir"])
    commit, branch = run.facts["commit"], run.facts["branch"]
    if again:  # a lock that a killed git has left; the checkout was clean before
        (source / ".git" / "index.lock").unlink(missing_ok=True)
    how = ["-B", branch, commit] if branch and is_ahead_of_branch(run, branch) else ["--detach", commit]
    run.git("checkout", "--quiet", *(["--force"] if again else []), *how, "--")
    packages = next(run.path("new_venv").glob("lib/python*/site-packages"))
    for name in packages.glob("otrs_web-*.dist-info/direct_url.json"):
        write(name, name.read_text("utf-8").replace(tree.as_uri(), source.as_uri()))
    for name in packages.glob("_otrs_web.pth"):
        write(name, name.read_text("utf-8").replace(str(tree), str(source)))
    for stamp in (".made", ".installed"):  # as make leaves them
        (run.path("new_venv") / stamp).touch()


def is_ahead_of_branch(run: Run, branch: str) -> bool:
    """Whether the checkout is on the branch and has nothing that the new commit has not."""
    try:
        on = run.git("symbolic-ref", "--quiet", "--short", "HEAD")
        run.git("merge-base", "--is-ancestor", "HEAD", run.facts["commit"])
    except Failed:
        return False
    return on == branch


def remove_venv(path: Path) -> None:
    if path.is_symlink():
        remove(path.parent / os.readlink(path))
    remove(path)


def undo(run: Run, message: str, params: dict[str, str]) -> None:
    """Bring back the old environment and the database as it was, remove the new ones, note why."""
    has_run = run.facts["phase"] == "switched"
    touched = has_run or run.facts.get("touched", False)
    reason = run.facts.get("reason") or {"message": message, "params": params}
    run.note(phase="undoing", touched=touched, reason=reason)
    if touched:
        restore_database(run)
    between = run.path("venv").with_name(f"{run.path('venv').name}-between")
    if between.exists() and not run.path("venv").exists():
        os.rename(between, run.path("venv"))
    if is_switched(run):
        exchange(run.path("venv"), run.path("spare"))
    for path in (run.path("spare"), run.path("new_venv"), run.path("tree"), run.folder / "probe"):
        remove(path)
    remove(run.folder / "before.db")
    run.progress(run.facts["step"], "failed")
    run.note(phase="failed")


def restore_database(run: Run) -> None:
    kept, live = run.folder / "before.db", sqlite_file(run)
    if live is not None and kept.exists():
        copy = live.with_name(f"{live.name}.before")
        shutil.copyfile(kept, copy)
        for suffix in ("-wal", "-shm"):  # they belong to the file that is replaced
            live.with_name(live.name + suffix).unlink(missing_ok=True)
        os.replace(copy, live)
    elif live is None and run.facts.get("backup"):
        old = run.path("spare") if is_switched(run) else run.path("venv")
        what = run.facts["backup"], run.facts["tables"]
        run.call(old / "bin" / "python", *FORMER, *what, limit=LONG_S)


def recover(updates: Path, why: str | None = None) -> None:
    """Finish or undo what a dead updater has left, or a new version that does not start, as `why` says. The
    caller holds the lock."""
    run = Run.load(updates)
    if run is None or run.facts["phase"] in ("done", "failed"):
        return
    (updates / "restart").unlink(missing_ok=True)
    if run.facts["phase"] == "settling":
        confirm(run)
    elif why and run.facts["phase"] == "switched":
        undo(run, NO_START, {"reason": why})
    else:
        undo(run, N_("The update was interrupted."), {})


# the program


@contextmanager
def only_one(updates: Path, patience: float = 1) -> Iterator[None]:
    """The lock is the kernel's: it is free when its holder is dead."""
    updates.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with (updates / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise Failed(BUSY) from error
                time.sleep(0.1)
        yield


def is_running(data_dir: Path) -> bool:
    """Whether an `otrs-web run` holds the data directory; it then changes over when its parts have ended."""
    try:
        with (data_dir / "otrs-web.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def is_being_changed(run: Run, data_dir: Path) -> bool:
    """Whether the running service, or systemd, is in the middle of it."""
    if run.facts.get("by") == "systemd":
        age = datetime.now(UTC) - datetime.fromisoformat(run.facts["at"])
        if age.total_seconds() < CHANGE_S:
            return True
    return is_running(data_dir)


def write_launcher(run: Run) -> None:
    """For the units in deploy/: the way to this script that stays the same, whatever version is in place."""
    command = [os.path.realpath(sys.executable), "-I", run.path("script"), "--updates", run.updates]
    line = shlex.join(str(part) for part in [*command, "--go-on"])
    write(run.updates / "go-on", f'exec {line} "$@"\n')


def begun(options: argparse.Namespace) -> Run:
    """The facts of a new update, asked of the installed program."""
    venv = Path(os.path.abspath(options.venv or options.working_dir / ".venv"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    asked = begin([venv / "bin" / "python", "-P", "-c", ABOUT], **pipes)
    out, err = asked.communicate(timeout=60)
    if asked.returncode:
        message = N_("{path} is no environment that otrs-web runs in: {reason}")
        raise Failed(message, path=str(venv), reason=(err.strip().splitlines() or ["?"])[-1])
    site, name = json.loads(out), datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    url, updates = site["database_url"], Path(site["data_dir"]) / "updates"
    folder = updates / name
    database = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else None
    tree = None if options.wheel else os.path.abspath(options.working_dir)
    facts = {"id": name, "phase": "preparing", "step": "check", "who": options.who}
    facts |= {"repo": options.repo, "target": options.target}
    facts |= {"from_version": site["version"], "version": None, "data_dir": site["data_dir"]}
    facts |= {"database": database, "working_dir": tree, "wheel": options.wheel, "tree": str(folder / "tree")}
    facts |= {"venv": str(venv), "new_venv": f"{venv}-{name}", "spare": f"{venv}-before"}
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(site["host"], site["host"])  # noqa: S104
    facts |= {"by": site["by"], "address": f"{f'[{host}]' if ':' in host else host}:{site['port']}"}
    return Run(updates, facts | {"script": str(folder / "update_app.py")})


def prepare(run: Run, options: argparse.Namespace) -> None:
    extra = shlex.split(options.pip_extra_args)
    steps: dict[str, Callable[[], object]] = {
        "check": lambda: check(run, options.repo, options.target),
        "backup": lambda: run.otrs_web(run.path("venv"), "backup"),
        "fetch": lambda: fetch(run, options.branch, options.target),
        "checkout": lambda: check_out(run),
        "install": lambda: install(run, skip_deps=options.skip_deps, pip_extra=extra),
        "migrate": lambda: migrate_copy(run),
        "start": lambda: start_copy(run),
    }
    if options.wheel:
        steps["fetch"] = lambda: download(run, options.wheel)
        del steps["checkout"]
    for name, work in steps.items():
        with run.step(name):
            work()


def hand_over(run: Run) -> None:
    """Ask what runs, or systemd, to change over and begin anew; where nothing runs, do it here."""
    run.note(phase="ready", step="switch")
    if run.facts["by"] == "systemd" or is_running(Path(run.facts["data_dir"])):
        (run.updates / "restart").touch()
        return
    switch(run)
    run.otrs_web(run.path("venv"), "migrate")
    confirm(run)


def update(options: argparse.Namespace) -> int:
    run = begun(options)
    if options.dry_run:
        run.is_dry = True
        check(run, options.repo, options.target)
        if not options.wheel:
            find(run, options.branch, options.target)
        print(f"{run.facts['from_version']} can be updated to {options.target}. Nothing was changed.")
        return 0
    with only_one(run.updates):
        before = Run.load(run.updates)
        if (
            before
            and before.facts["phase"] in CHANGING
            and is_being_changed(before, Path(run.facts["data_dir"]))
        ):
            raise Failed(BUSY)
        recover(run.updates)
        for old in sorted(run.updates.glob("*-*-*/"))[:-KEPT_RUNS]:
            if not (old / "tree").exists():
                remove(old)
        run.folder.mkdir()
        shutil.copyfile(__file__, run.path("script"))
        write_launcher(run)
        run.note()
        try:
            prepare(run, options)
            hand_over(run)
        except Exception as error:  # noqa: BLE001 - the process's edge: whatever it is, the old version stays
            run.fails(error)
    return outcome(run)


def outcome(run: Run) -> int:
    """Wait until the service has begun anew, and say what came of it."""
    deadline = time.monotonic() + RESTART_S
    while True:
        found = Run.load(run.updates)
        if found is None or found.facts["id"] != run.facts["id"] or found.facts["phase"] == "done":
            return 0
        if found.facts["phase"] == "failed":
            reason = found.facts["reason"]
            say = reason["message"].format(**reason["params"])
            print(f"Step {found.facts['step']}: {say}\nThe old version is in place.", file=sys.stderr)
            return 1
        if time.monotonic() > deadline and found.facts["phase"] == "ready":
            with only_one(run.updates):
                recover(run.updates)
        time.sleep(0.2)


def go_on(what: str, updates: Path, why: str | None) -> int:
    """What `otrs-web run` and the units of systemd ask for: change over while nothing runs, look whether the
    new version stays, finish or undo what was begun. Where there is nothing of it to do, nothing is done."""
    with only_one(updates, patience=10):
        run = Run.load(updates)
        phase = run.facts["phase"] if run else None
        if run is None or what == "recover":
            recover(updates, why)
        elif what == "watch" and phase == "switched":
            try:
                watch(run)
            except Failed as error:
                run.note(reason={"message": error.message, "params": error.params})
                raise
        elif what == "confirm" and phase in ("switched", "settling"):
            confirm(run)
        elif what == "switch" and phase == "ready":
            try:
                switch(run)
            except Exception as error:  # noqa: BLE001 - as above
                run.fails(error)
                return 1
    return 0


def stopped(*_: object) -> None:
    raise Failed(N_("The update was stopped."))


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Put another version of otrs-web in place, or leave all as it was.",
        epilog="Use it with the environment of the service (OTRS_WEB_…), as the user who runs it.",
    )
    add, here = parser.add_argument, Path(__file__).resolve().parents[1]
    add("--repo", help="OWNER/NAME or the address of the repository")
    add("--branch", default="main", help="the branch that may be followed  [main]")
    add("--target", help="a tag, the branch, or a commit of one of them")
    add("--working-dir", type=Path, default=here, help="the checkout  [where this script is]")
    add("--venv", type=Path, help="the virtual environment  [.venv in the checkout]")
    add("--wheel", help="where there is no checkout: the address of the release's wheel")
    add("--skip-deps", action="store_true", help="leave the installed packages as they are")
    add("--pip-extra-args", default="", help="more for pip, in one argument")
    add("--dry-run", action="store_true", help="only check whether it could be done")
    add("--who", default="Command line", help=argparse.SUPPRESS)
    add("--go-on", choices=["switch", "watch", "confirm", "recover"], help=argparse.SUPPRESS)
    add("--why", help=argparse.SUPPRESS)
    add("--updates", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.go_on and not (options.repo and options.target):
        parser.error("--repo and --target are needed")
    signal.signal(signal.SIGTERM, stopped)
    try:
        return go_on(options.go_on, options.updates, options.why) if options.go_on else update(options)
    except Failed as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
