"""Begins an update: only to what GitHub lists, only one at a time, and in a process of its own that outlives
the one which was asked, since that one ends when the versions are exchanged."""

import asyncio
import logging
import re
import subprocess
import sys
import threading
from typing import Literal

from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.resources import folder
from otrs_web.settings import Settings
from otrs_web.updates import journal
from otrs_web.updates.check import DEADLINE_S, AskedJustNow, release_target, run_by_hand
from otrs_web.updates.follow import LAUNCH_LOG, follow
from otrs_web.updates.github import GitHub, NoAnswer
from otrs_web.updates.install import Way, way
from otrs_web.updates.shapes import Fault, Status, Target
from otrs_web.updates.status import begin_update, load
from otrs_web.updates.versions import running_version, shown
from otrs_web.updates.wording import SWITCHED_OFF

log = logging.getLogger(__name__)

_BUSY = N_("An update is under way already. Wait until it is over.")
_NOTHING = N_("There is no newer version to update to.")
_UNKNOWN = N_("{version} is no release of {repo}.")
_SAME = N_("Version {version} runs already.")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,99}")

Why = Literal["conflict", "unknown", "away"]


class NotBegun(Exception):  # noqa: N818 - reads as what happened
    """The update was not begun, and nothing was changed. `why`: something stands against it at the moment,
    there is no such version, or GitHub could not be asked."""

    def __init__(self, why: Why, reason: Fault) -> None:
        super().__init__(str(reason))
        self.why, self.reason = why, reason


async def begin(db: Database, wanted: str | None, *, who: str) -> Target:
    """Begin to update to a release by its tag, or to the configured branch; without one, to what is offered.
    Gives what it leads to. Raises NotBegun."""
    settings, wanted = db.settings, (wanted or "").strip()
    if not settings.app_update_enabled:
        raise NotBegun("conflict", Fault(SWITCHED_OFF))
    await follow(db)
    async with db.read() as session:
        known = await load(session)
    if known.is_updating or journal.is_locked(settings):
        raise NotBegun("conflict", Fault(_BUSY))
    target = await _listed(settings, wanted or _offered(await _looked(db, known)).ref)
    how = await asyncio.to_thread(way, settings, target)
    if how.obstacle is not None:
        raise NotBegun("conflict", how.obstacle)
    await asyncio.to_thread(journal.forget, settings)
    async with db.write() as session:
        if not await session.run_sync(begin_update, target.ref):
            raise NotBegun("conflict", Fault(_BUSY))
    log.info("Updating to %s", target.ref)
    await asyncio.to_thread(_launch, settings, target, how, who)
    return target


async def _looked(db: Database, known: Status) -> Status:
    """What is known of newer versions; where nobody has looked yet, after a look. Raises NotBegun."""
    if known.last_checked_at is not None:
        return known
    try:
        known = await run_by_hand(db)
    except AskedJustNow:
        raise NotBegun("conflict", Fault(N_("Nobody has looked for newer versions yet."))) from None
    if known.fault is not None:
        raise NotBegun("away", known.fault)
    return known


def _offered(known: Status) -> Target:
    if known.offers is None:
        raise NotBegun("conflict", Fault(_NOTHING))
    return known.offers


async def _listed(settings: Settings, wanted: str) -> Target:
    """What GitHub says of it now. Raises NotBegun where it lists no such thing."""
    unknown = NotBegun(
        "unknown", Fault(_UNKNOWN, {"version": wanted[:100], "repo": settings.app_update_repo})
    )
    if not _NAME.fullmatch(wanted) or ".." in wanted:
        raise unknown
    github = GitHub(settings)
    try:
        async with asyncio.timeout(DEADLINE_S):
            if wanted == settings.app_update_branch:
                return await _branch(github, wanted, unknown)
            release = await github.release(wanted)
    except TimeoutError:
        raise NotBegun("away", Fault(N_("GitHub does not answer in time."))) from None
    except NoAnswer as reason:
        raise NotBegun("away", reason.fault) from reason
    if release is None or release.draft or release.tag_name != wanted:
        raise unknown
    if shown(wanted) == running_version():
        raise NotBegun("conflict", Fault(_SAME, {"version": running_version()}))
    return release_target(release)


async def _branch(github: GitHub, name: str, unknown: NotBegun) -> Target:
    branch = await github.branch(name)
    if branch is None:
        raise unknown
    return Target(kind="branch", version=branch.commit.sha[:12], ref=name, commit=branch.commit.sha)


def _launch(settings: Settings, target: Target, how: Way, who: str) -> None:
    """Start the script in a session of its own. What it says is in its journal; this process only takes note
    of its end, so that it does not stay in the table of processes."""
    settings.updates_dir.mkdir(parents=True, exist_ok=True)
    command = [journal.python(), "-I", str(folder("scripts") / "update_app.py"), "--who", who]
    command += ["--repo", settings.app_update_repo, "--branch", settings.app_update_branch]
    command += ["--target", target.ref, "--venv", sys.prefix]
    command += ["--wheel", how.wheel] if how.wheel else ["--working-dir", str(how.checkout)]
    with (settings.updates_dir / LAUNCH_LOG).open("wb") as said:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    threading.Thread(target=process.wait, daemon=True).start()
