"""The shapes of what is known of newer versions, as everybody reads them. They know of an adopted row, which
tells of another program, and of a version that came into place without us."""

from datetime import datetime
from typing import Any, Literal, Self

import msgspec

from otrs_web.models import AppUpdateStatus
from otrs_web.updates.versions import is_newer, running_version

State = Literal["idle", "up_to_date", "update_available", "updating", "restarting", "update_failed", "error"]
Kind = Literal["release", "tag", "branch"]
#: while one of these, no other update begins and no check says anything else
UNDER_WAY = ("updating", "restarting")


class Fault(msgspec.Struct, frozen=True):
    """Why something came to nothing: a sentence marked with N_, and what fills its places."""

    message: str
    params: dict[str, str | int] = {}

    def __str__(self) -> str:
        return self.message.format(**self.params)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an update would lead to. `version` is its tag, of a branch the first 12 digits of its newest
    commit; `ref` is the tag or the branch, `assets` the release's files: their addresses by name."""

    kind: Kind
    version: str
    ref: str
    commit: str | None = None
    name: str | None = None
    notes: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    assets: dict[str, str] = {}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The row as readers see it. `current_version` is that of the program that runs; without a `target`
    nothing is known of newer ones. Times are in UTC; `failures` counts failed checks in a row."""

    current_version: str
    state: State = "idle"
    target: Target | None = None
    notified_at: datetime | None = None
    last_checked_at: datetime | None = None
    last_update_started_at: datetime | None = None
    last_update_completed_at: datetime | None = None
    fault: Fault | None = None
    failures: int = 0
    limited_until: datetime | None = None
    answers: dict[str, Any] = {}
    updating_from: str | None = None
    updating_to: str | None = None
    step: str | None = None

    @property
    def is_updating(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def offers(self) -> Target | None:
        """The newer version that could be installed: also after an update to it that failed, and while
        GitHub cannot be asked."""
        target = self.target
        if target is None or self.state not in ("update_available", "update_failed", "error"):
            return None
        if target.kind == "branch":  # whose commits were compared when GitHub could be asked
            return None if self.state == "error" else target
        return target if is_newer(target.version, self.current_version) else None

    @classmethod
    def of(cls, row: AppUpdateStatus) -> Self:
        status = cls(
            current_version=running_version(),
            state=row.status,  # type: ignore[arg-type]
            target=_target(row),
            notified_at=row.notified_at,
            last_checked_at=row.last_checked_at,
            last_update_started_at=row.last_update_started_at,
            last_update_completed_at=row.last_update_completed_at,
            fault=_fault(row),
            failures=row.failures,
            limited_until=row.limited_until,
            answers=row.answers or {},
            updating_from=row.updating_from,
            updating_to=row.updating_to,
            step=row.update_step,
        )
        return msgspec.structs.replace(status, state=_true_state(status))


def _target(row: AppUpdateStatus) -> Target | None:
    if row.target_kind is None or row.latest_version is None:  # an adopted row tells of another program
        return None
    return Target(
        kind=row.target_kind,  # type: ignore[arg-type]
        version=row.latest_version,
        ref=row.target_ref or row.latest_version,
        commit=row.target_commit,
        name=row.release_name,
        notes=row.release_body,
        url=row.release_url,
        published_at=row.published_at,
        assets=row.assets or {},
    )


def _fault(row: AppUpdateStatus) -> Fault | None:
    return msgspec.convert(row.fault, Fault) if row.fault else None


def _true_state(status: Status) -> State:
    """A row may tell of another program, which was adopted, or offer what runs already, however it came."""
    is_known = status.target or status.updating_to
    if not is_known and (status.fault is None or status.state in ("update_available", "up_to_date")):
        return "idle"
    if status.state == "update_available" and status.offers is None:
        return "up_to_date"
    return status.state
