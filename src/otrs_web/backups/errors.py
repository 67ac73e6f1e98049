"""Why a backup could not be made, read or restored: one sentence that a person can act on, in whatever
language it is shown, and what kind of reason it is, from which the edges choose their answer."""

import errno
import sqlite3
from typing import Literal

import msgspec
from sqlalchemy.exc import DBAPIError

from otrs_web.i18n import N_

#: there is no such thing; something else is at work; this file will not do; it did not work this time
Kind = Literal["unknown", "busy", "refused", "failed"]

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL = N_("The disk is full. Make room in the data directory, then try again. Nothing was changed.")
_DISK = N_("The disk does not do its work ({reason}). Nothing was changed.")
_DATABASE = N_("The database does not do its work ({reason}). Nothing was changed.")


class Reason(msgspec.Struct, frozen=True):
    """A sentence that can be kept in a file: a message marked with N_, and what fills its places."""

    message: str
    params: dict[str, str | int] = {}

    def __str__(self) -> str:
        return self.message.format(**self.params)


class BackupError(Exception):
    """What was asked for was not done, and everything is as it was."""

    def __init__(self, kind: Kind, message: str, **params: str | int) -> None:
        self.kind: Kind = kind
        self.reason = Reason(message, params)
        super().__init__(str(self.reason))


def explained(error: OSError | sqlite3.Error | DBAPIError) -> BackupError:
    """What an error of the disk or the database means to the reader."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, OSError):
        if cause.errno in _NO_SPACE:
            return BackupError("failed", _FULL)
        return BackupError("failed", _DISK, reason=cause.strerror or str(cause))
    text = " ".join(str(cause).split())
    if "disk is full" in text or "No space left" in text:
        return BackupError("failed", _FULL)
    return BackupError("failed", _DATABASE, reason=text)
