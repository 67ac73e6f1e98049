"""The state of things about newer versions, as one sentence for people and scripts."""

from collections.abc import Mapping

from otrs_web.i18n import N_
from otrs_web.updates.shapes import Fault, State, Status
from otrs_web.updates.versions import shown

SWITCHED_OFF = N_("Looking for newer versions is switched off (APP_UPDATE_ENABLED).")

_WORDS: Mapping[State, str] = {
    "idle": N_("Nobody has looked for newer versions yet."),
    "up_to_date": N_("This is the newest version."),
    "update_available": N_("Version {version} is available."),
    "updating": N_("The update to {version} is under way."),
    "restarting": N_("Version {version} is in place; the program begins anew."),
    "update_failed": N_("The update to {version} failed; the version before it is in place."),
    "error": N_("Newer versions could not be looked for."),
}
_BRANCH_WORDS: Mapping[State, str] = {
    "idle": N_(
        "The branch {branch} has the state {version}. Whether it is newer cannot be told: this program does "
        "not run from a git checkout."
    ),
    "update_available": N_("The branch {branch} has a newer state, {version}."),
}


def sentence(status: Status) -> Fault:
    """What there is to say, without the reason of a failure, which is `status.fault`."""
    target, words = status.target, _WORDS
    if target is not None and target.kind == "branch":
        words = {**_WORDS, **_BRANCH_WORDS}
    offered = target.version if target is not None else ""
    is_about_update = status.is_updating or status.state == "update_failed"
    version = status.updating_to if is_about_update and status.updating_to else offered
    return Fault(
        words[status.state], {"version": shown(version), "branch": target.ref if target is not None else ""}
    )
