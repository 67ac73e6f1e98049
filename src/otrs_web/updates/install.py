"""How this program was installed, and so whether it can put another version of itself in place: in a git
checkout, from a wheel, in a container. Where it cannot, there is a sentence that says why and a line to
type."""

import os
import shutil
import sys
from pathlib import Path

import msgspec

from otrs_web.i18n import N_
from otrs_web.settings import Settings
from otrs_web.updates import journal
from otrs_web.updates.checkout import checkout
from otrs_web.updates.shapes import Fault, Target

_APART = N_(
    "Web server and worker run apart here. Type this where each of them runs, then start them anew: {command}"
)
_CONTAINER = N_(
    "This is a container, and another version is another image. Type this where the container runs: {command}"
)
_READ_ONLY = N_(
    "The user who runs otrs-web may not write to {path}. "
    "Type this as one who may, then start otrs-web anew: {command}"
)
_NO_GIT = N_("The program git is not installed here. Install it, or type this where it is: {command}")
_NO_WHEEL = N_(
    "This release has no wheel that could be installed from here. "
    "Type this, then start otrs-web anew: {command}"
)
_TAG_ALONE = N_("This version is a tag without a release. Type this, then start otrs-web anew: {command}")
_NO_PLACE = N_(
    "otrs-web is not in a virtual environment of its own here. Type this, then start otrs-web anew: {command}"
)
# as compose.yaml says in its head
_ONE_CONTAINER = "git pull && docker compose up --detach --build"
_MANY_CONTAINERS = "git pull && docker compose --profile scale up --detach --build nginx"
_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


class Way(msgspec.Struct, frozen=True):
    """How another version would be put in place: in the `checkout`, else from the `wheel` at that address;
    or the `obstacle`, with the line that somebody has to type instead."""

    checkout: Path | None = None
    wheel: str | None = None
    obstacle: Fault | None = None


def way(settings: Settings, target: Target) -> Way:
    """How the target would be put in place."""
    source = checkout()
    if source is None:
        return _without_checkout(settings, target)
    by_hand = (
        f"cd {source} && python3 scripts/update_app.py --repo {settings.app_update_repo}"
        f" --branch {settings.app_update_branch} --target {target.ref}"
    )
    if not _can_begin_anew(settings):
        return _blocked(_APART, by_hand)
    if shutil.which("git") is None:
        return _blocked(_NO_GIT, by_hand)
    if sys.prefix == sys.base_prefix:
        return _blocked(_NO_PLACE, by_hand)
    for path in (source, source / ".git", Path(sys.prefix).parent):
        if not os.access(path, os.W_OK):
            return _blocked(_READ_ONLY, by_hand, path=str(path))
    return _blocked(_TAG_ALONE, by_hand) if target.kind == "tag" else Way(checkout=source)


def is_container() -> bool:
    """Whether what is changed here would be gone with the next start."""
    return any(mark.exists() for mark in _MARKS)


def _can_begin_anew(settings: Settings) -> bool:
    """Whether there is somebody who ends all that runs here and starts it again."""
    return settings.update_by == "systemd" or journal.is_run(settings)


def _without_checkout(settings: Settings, target: Target) -> Way:
    if is_container():
        return _blocked(_CONTAINER, _ONE_CONTAINER if journal.is_run(settings) else _MANY_CONTAINERS)
    source = f"git+https://github.com/{settings.app_update_repo}@{target.ref}"
    by_hand = f'{sys.executable} -m pip install --upgrade "otrs-web @ {source}"'
    if not _can_begin_anew(settings):
        return _blocked(_APART, by_hand)
    if sys.prefix == sys.base_prefix:
        return _blocked(_NO_PLACE, by_hand)
    place = Path(sys.prefix).parent
    if not os.access(place, os.W_OK):
        return _blocked(_READ_ONLY, by_hand, path=str(place))
    files = target.assets.items()
    wheels = [url for name, url in files if name.endswith("-py3-none-any.whl") and url.startswith("http")]
    return Way(wheel=wheels[0]) if len(wheels) == 1 else _blocked(_NO_WHEEL, by_hand)


def _blocked(message: str, command: str, **params: str) -> Way:
    return Way(obstacle=Fault(message, {**params, "command": command}))
