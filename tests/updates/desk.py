"""An installation that can really be updated: a checkout of a copy of this project in its working state, its
origin with tagged versions, and an environment of its own that borrows the packages of the one that runs the
tests, so that it is made in a moment and nothing is downloaded."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select

from otrs_web.database import SyncDatabase
from otrs_web.settings import Settings
from tests.ops.site import Site
from tests.updates.github_server import REPO

ROOT = Path(__file__).parents[2]
OLD, NEW = "v0.1.1", "v0.2.0"
_PARTS = ("src", "templates", "static", "locale", "migrations", "scripts")
_FILES = ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "requirements.lock")


def git(folder: Path, *arguments: str) -> str:
    person = {
        f"GIT_{who}_{what}": "desk@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["git", "-C", str(folder), "-c", "init.defaultBranch=main", *arguments],
        env={**os.environ, **person},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


class Origin:
    """The repository that versions are published in; its working folder is where they are made."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.url = folder / REPO
        self.work.mkdir(parents=True)
        for part in _PARTS:
            shutil.copytree(
                ROOT / part, self.work / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        for name in _FILES:
            shutil.copy(ROOT / name, self.work / name)
        git(self.work, "init", "--quiet")
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(self.url)], check=True)
        git(self.work, "remote", "add", "origin", str(self.url))
        self.publish(OLD)

    def publish(self, tag: str, changes: dict[str, str] | None = None) -> str:
        """Publish a version: `changes` are the new texts of files by their paths. Gives its commit."""
        project = self.work / "pyproject.toml"
        text = re.sub(
            r'(?m)^version = ".*"', f'version = "{tag.removeprefix("v")}"', project.read_text(), count=1
        )
        project.write_text(text)
        for path, content in (changes or {}).items():
            (self.work / path).write_text(content)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "-m", f"Version {tag}")
        git(self.work, "tag", tag)
        git(self.work, "push", "--quiet", "origin", "main", tag)
        return git(self.work, "rev-parse", "HEAD")

    def change(self, path: str, old: str, new: str) -> dict[str, str]:
        """The changes for `publish` that replace a text in a file."""
        text = (self.work / path).read_text()
        assert old in text
        return {path: text.replace(old, new, 1)}

    def publish_broken(self, tag: str, unless: str = "False", after: float = 0) -> None:
        """Publish a version whose worker fails so many seconds after its start; the next ones are made from
        the one before."""
        before = git(self.work, "rev-parse", "HEAD")
        head = "def run_worker(settings: Settings) -> int:\n"
        broken = f"{head}    if not ({unless}):\n        import time\n        time.sleep({after})\n"
        broken += '        raise RuntimeError("broken")\n'
        broken += f"    return as_it_was(settings)\n\n\n{head.replace('run_worker', 'as_it_was')}"
        self.publish(tag, self.change("src/otrs_web/worker.py", head, broken))
        git(self.work, "reset", "--quiet", "--hard", before)
        git(self.work, "push", "--quiet", "--force", "origin", "main")

    def publish_with_migration(self, tag: str) -> None:
        """Publish a version that brings a column, upload_detail.mark."""
        head = max(path.name[:4] for path in (self.work / "migrations" / "versions").glob("0*.py"))
        migration = (
            '"""A new column."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
            f'revision = "new"\ndown_revision = "{head}"\n\n\n'
            'def upgrade() -> None:\n    op.add_column("upload_detail", sa.Column("mark", sa.String(8)))\n'
        )
        self.publish(tag, {"migrations/versions/new.py": migration})

    def wheel(self, tag: str) -> Path:
        """The wheel of a version that was published."""
        git(self.work, "checkout", "--quiet", tag)
        folder = self.work.parent / "wheels"
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
        subprocess.run(build, cwd=self.work, check=True, capture_output=True)
        git(self.work, "checkout", "--quiet", "main")
        return next(folder.glob(f"otrs_web-{tag.removeprefix('v')}-*.whl"))


class Desk(Site):
    """A checkout at the old version with its environment, and a data directory."""

    def __init__(self, folder: Path, origin: Origin, wheel: Path | None = None, **environ: str) -> None:
        super().__init__(
            folder / "data", OTRS_WEB_ADMIN_PASSWORD="secret-word", APP_UPDATE_REPO=REPO, **environ
        )
        self.tree, self.origin = folder / "tree", origin
        self.venv = self.tree / ".venv"
        subprocess.run(
            ["git", "clone", "--quiet", "-b", OLD, str(origin.url), str(self.tree)],
            check=True,
            capture_output=True,
        )
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.venv)], check=True)
        packages = next(self.venv.glob("lib/python*/site-packages"))
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        pip = [
            str(self.venv / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "-qq",
            "--no-deps",
            "--no-build-isolation",
        ]
        subprocess.run([*pip, *([str(wheel)] if wheel else ["--editable", str(self.tree)])], check=True)
        self.command = [str(self.venv / "bin" / "otrs-web")]
        self.data_dir.mkdir()

    @property
    def updates(self) -> Path:
        return self.data_dir / "updates"

    def script(self, *arguments: str, target: str = NEW, repo: str = REPO) -> list[str]:
        script = [sys.executable, "-I", str(self.tree / "scripts" / "update_app.py")]
        return [*script, "--repo", repo, "--target", target, "--working-dir", str(self.tree), *arguments]

    def update(self, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run the script by hand, to its end."""
        return subprocess.run(
            self.script(*arguments, **options),
            env=self.environ,
            cwd=self.data_dir.parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def begin_update(self, *arguments: str, **options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.script(*arguments, **options),
            env=self.environ,
            cwd=self.data_dir.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def version(self) -> str:
        """What the command says."""
        said = subprocess.run([*self.command, "--version"], env=self.environ, cwd=self.data_dir.parent,
                              capture_output=True, text=True, check=False)  # fmt: skip
        return said.stdout.removeprefix("otrs-web ").strip()

    def journal(self) -> dict[str, Any]:
        path = self.updates / "journal.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def state(self) -> dict[str, object]:
        """All that an update which came to nothing must have left as it was."""
        return {
            "version": self.version(),
            "commit": git(self.tree, "rev-parse", "HEAD"),
            "changes": git(self.tree, "status", "--porcelain"),
            "environments": sorted(path.name for path in self.tree.glob(".venv*")),
            "is_folder": not self.venv.is_symlink(),
            "database": dump(self.data_dir, self.database_url),
        }

    def clean(self) -> None:
        super().clean()
        for pid in self.updaters():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def updaters(self) -> list[int]:
        """The processes of updates of this installation."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(part.endswith(b"update_app.py") for part in command) and str(
                self.data_dir.parent
            ).encode() in b" ".join(command):
                found.append(int(folder.name))
        return found


def dump(data_dir: Path, database_url: str) -> list[str]:
    """The columns and the rows of the tables that an update does not write to by itself, each a line that
    begins with its table."""
    is_file = database_url.startswith("sqlite")
    if is_file and not Path(database_url.removeprefix("sqlite:///")).exists():
        return []
    # a server's data are brought back by a restore, which counts as a change, so that nothing old is shown
    left_out = {"database_log", "app_update_status", *(() if is_file else ("data_state", "stored_facts"))}
    db = SyncDatabase(Settings(data_dir=data_dir, database_url=database_url))
    tables = MetaData()
    with db.engine.connect() as connection:
        tables.reflect(connection)
        lines = [
            f"{table.name}: {what}"
            for table in tables.sorted_tables
            if table.name not in left_out
            for what in (*sorted(table.columns.keys()), *sorted(map(repr, connection.execute(select(table)))))
        ]
    db.dispose()
    return lines
