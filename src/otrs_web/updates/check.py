"""Whether there is a newer version: asked by one process for all, at the start, again and again, and when
somebody wants to know now.

What counts is the newest release; where there is none, the newest tag; where there is none either, the newest
commit of the branch. Drafts never count, and pre-releases only for whoever runs one.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.i18n import N_
from otrs_web.schedule import last_due, take
from otrs_web.settings import Settings
from otrs_web.updates import notes
from otrs_web.updates.checkout import has_commit
from otrs_web.updates.github import GitHub, NoAnswer, Release
from otrs_web.updates.shapes import State, Status, Target
from otrs_web.updates.status import load, note_check, target_columns
from otrs_web.updates.versions import is_newer, is_pre_release, newest, parsed, running_version

log = logging.getLogger(__name__)

CHECK, _BY_HAND = "update_check", "update_check_now"
#: at a start, and by hand, not sooner than this after the last time
PAUSE = timedelta(minutes=1)
#: the wait after a failure, doubled with each one that follows, up to this or the usual interval
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
#: a job that comes every minute comes now and then a little early
_SLACK = timedelta(seconds=5)
#: one check, with all its questions
DEADLINE_S = 30.0
_LONGEST_VERSION = 64
_ADDRESS = re.compile(r"https?://[\w.:/?#@!$&()*+,;=%~\[\]-]{1,500}", re.ASCII)


class AskedJustNow(Exception):  # noqa: N818 - reads as what happened
    """Somebody wanted to know a moment ago; `seconds` until the next time."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"asked just now, again in {seconds} s")


async def run_due(db: Database, *, at_start: bool = False) -> bool:
    """Check if it is time to and no other process does; whether it was done."""
    if not db.settings.app_update_enabled:
        return False
    now = utc_now()
    async with db.read() as session:
        status, before = await load(session), await last_due(session, CHECK)
    due = next_check(status, db.settings, before, at_start=at_start)
    if status.is_updating or (due is not None and now < due - _SLACK):
        return False
    if status.limited_until is not None and now < status.limited_until:
        return False
    async with db.write() as session:
        if not await take(session, CHECK, before, now):
            return False
    await _check(db, status)
    return True


async def run_by_hand(db: Database) -> Status:
    """Check now, at most once a minute for everybody together; raises AskedJustNow. While an update runs, or
    GitHub wants no questions, nothing is asked and the known status comes back."""
    now = utc_now()
    async with db.read() as session:
        status, asked = await load(session), await last_due(session, _BY_HAND)
        checked = await last_due(session, CHECK)
    if status.is_updating or (status.limited_until is not None and now < status.limited_until):
        return status
    if asked is not None and now - PAUSE < asked <= now:
        raise AskedJustNow(int((asked + PAUSE - now).total_seconds()) + 1)
    async with db.write() as session:
        if not await take(session, _BY_HAND, asked, now):
            raise AskedJustNow(int(PAUSE.total_seconds()))
        await take(session, CHECK, checked, now)
    return await _check(db, status)


def next_check(
    status: Status, settings: Settings, last: datetime | None, *, at_start: bool = False
) -> datetime | None:
    """When the next check is due, after the last one at `last`; None where there was none."""
    if last is None or last > utc_now() + _SLACK:  # a clock that was set back
        return None
    wait = timedelta(seconds=settings.app_update_poll_interval)
    if status.failures:
        wait = min(_FIRST_RETRY * 2 ** min(status.failures - 1, 20), max(wait, _LAST_RETRY))
    elif status.state == "error":  # GitHub had named a time
        wait = PAUSE
    was_lost = status.last_checked_at is None or status.last_checked_at < last - _SLACK
    if at_start or was_lost:  # whoever began the last one was ended meanwhile
        wait = min(PAUSE, wait)
    due = last + wait
    return due if status.limited_until is None else max(due, status.limited_until)


async def _check(db: Database, before: Status) -> Status:
    """Ask GitHub and note what it says, or why it could not be asked."""
    settings = db.settings
    scope = _scope(settings)
    known = before.answers.get("answers") if before.answers.get("scope") == scope else None
    github = GitHub(settings, known)
    try:
        async with asyncio.timeout(DEADLINE_S):
            values = await _found(github, settings, before)
        values["answers"] = {"scope": scope, "answers": github.answers}
    except TimeoutError:
        values = _failed(NoAnswer(N_("GitHub does not answer in time.")), before)
    except NoAnswer as reason:
        values = _failed(reason, before)
    values["limited_until"] = github.limited_until
    async with db.write() as session:
        await session.run_sync(note_check, values)
        return await load(session)


def _scope(settings: Settings) -> str:
    """What the answers of a check are about; those about anything else are of no use any more."""
    about = (settings.app_update_api_url, settings.app_update_repo, running_version())
    return hashlib.sha256(repr(about).encode()).hexdigest()


async def _found(github: GitHub, settings: Settings, before: Status) -> dict[str, Any]:
    target, state = await _target(github, settings)
    values = {"failures": 0, "fault": None, "last_error": None, "status": state, **target_columns(target)}
    if state == "update_available" and before.state == "update_failed" and before.updating_to == target.ref:
        # why it failed stays to be read until there is something else to update to
        for name in ("fault", "last_error", "status"):
            del values[name]
    if before.target is None or before.target.version != target.version:
        values["notified_at"] = None
        log.info("The newest version of %s is %s (%s)", settings.app_update_repo, target.version, state)
    return values


def _failed(reason: NoAnswer, before: Status) -> dict[str, Any]:
    log.warning("Newer versions cannot be looked for: %s", reason)
    values: dict[str, Any] = {}
    if before.state != "update_failed":
        values = {"status": "error", "fault": msgspec.to_builtins(reason.fault), "last_error": str(reason)}
    return {**values, "failures": before.failures + (reason.limited_until is None)}


async def _target(github: GitHub, settings: Settings) -> tuple[Target, State]:
    """What there is to update to, and whether it is newer than what runs. Raises NoAnswer."""
    current = running_version()
    pre_releases = is_pre_release(current)
    target = await _newest_release(github, pre_releases) or await _newest_tag(github, pre_releases)
    if target is not None:
        return target, "update_available" if is_newer(target.version, current) else "up_to_date"
    return await _branch(github, settings)


async def _newest_release(github: GitHub, pre_releases: bool) -> Target | None:
    if pre_releases:
        found: Iterable[Release | None] = await github.releases()
    else:
        found = [await github.latest_release()]
    known = {
        release.tag_name: release
        for release in found
        if release and not release.draft and (pre_releases or not release.prerelease)
    }
    tag = newest(_usable(known), pre_releases=pre_releases)
    return None if tag is None else release_target(known[tag])


def release_target(release: Release) -> Target:
    return Target(
        kind="release",
        version=release.tag_name,
        ref=release.tag_name,
        name=_text(release.name, 255),
        notes=_text(release.body, notes.LONGEST),
        url=_address(release.html_url),
        published_at=_instant(release.published_at),
        assets={asset.name: asset.browser_download_url for asset in release.assets[:50]},
    )


async def _newest_tag(github: GitHub, pre_releases: bool) -> Target | None:
    commits = {tag.name: tag.commit.sha for tag in await github.tags()}
    tag = newest(_usable(commits), pre_releases=pre_releases)
    return None if tag is None else Target(kind="tag", version=tag, ref=tag, commit=commits[tag][:64])


async def _branch(github: GitHub, settings: Settings) -> tuple[Target, State]:
    name, repo = settings.app_update_branch, settings.app_update_repo
    branch = await github.branch(name)
    if branch is None or not re.fullmatch(r"[0-9a-f]{40,64}", branch.commit.sha):
        message = N_(
            "There is no repository {repo} with a release, a tag or a branch {branch}, or it is private."
        )
        raise NoAnswer(message, repo=repo, branch=name)
    commit = branch.commit.sha
    address = _address(branch.commit.html_url)
    target = Target(kind="branch", version=commit[:12], ref=name, commit=commit, url=address)
    known = await has_commit(commit)
    # without a checkout nobody can tell which commit the program was built from
    return target, "idle" if known is None else "up_to_date" if known else "update_available"


def _usable(tags: Iterable[str]) -> list[str]:
    return [tag for tag in tags if len(tag) <= _LONGEST_VERSION and tag.strip() == tag and parsed(tag)]


def _text(text: str | None, longest: int) -> str | None:
    """Without what PostgreSQL cannot store."""
    return (text or "").replace("\0", "").strip()[:longest] or None


def _address(text: str | None) -> str | None:
    return text if text and _ADDRESS.fullmatch(text) else None


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo else None
