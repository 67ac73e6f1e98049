"""The git checkout that this program runs from, if it does: an installed wheel has none."""

import asyncio
import json
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

import otrs_web

_TIMEOUT_S = 10


def checkout() -> Path | None:
    """The top folder of the checkout; None where there is none. Right after an update the process still runs
    from the folder in which the new version was prepared, but the installation names the checkout."""
    origin = json.loads(distribution("otrs-web").read_text("direct_url.json") or "{}")
    folders = [Path(otrs_web.__file__).parents[2]]
    if "dir_info" in origin:
        folders.append(Path(unquote(urlsplit(origin["url"]).path)))
    return next((top for top in folders if (top / ".git").exists()), None)


async def has_commit(commit: str) -> bool | None:
    """Whether the checkout has this commit already, on top or below what it has of its own; None where there
    is no checkout, or no git to ask."""
    top = checkout()
    return None if top is None else await asyncio.to_thread(_has, top, commit)


def _has(top: Path, commit: str) -> bool | None:
    try:
        found = _git(top, "merge-base", "--is-ancestor", commit, "HEAD")
        if found in (0, 1):
            return found == 0
        # an unknown commit is an error to git, as is a folder that it does not trust
        return False if _git(top, "rev-parse", "HEAD") == 0 else None
    except (OSError, subprocess.TimeoutExpired):
        return None


def _git(top: Path, *arguments: str) -> int:
    command = ["git", "-C", str(top), *arguments]
    return subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False).returncode  # noqa: S603
