"""What an error of the database means: that there is no room, that it is away for a while, or anything else.
The drivers tell it in different ways, and the difference decides what to do: an import waits for a database
that is away, and has failed where the disk is full, until somebody makes room."""

import errno
import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

#: every way in which a database tells that it did not do something
DatabaseFault = DBAPIError | NoConnectionFree | sqlite3.Error | psycopg.Error
DATABASE_FAULTS = (DBAPIError, NoConnectionFree, sqlite3.Error, psycopg.Error)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY_DBMOVED,
    sqlite3.SQLITE_PROTOCOL,
}
_PRIMARY = 0xFF
#: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_AWAY = ("08", "53300", "57P01", "57P02", "57P03", "57P05")
_POSTGRES_FULL = "53100"


def cause(error: BaseException) -> BaseException:
    """The driver's error behind SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def is_full(error: BaseException) -> bool:
    """Whether there was no room, on the disk of the database or of whatever else was written."""
    found = cause(error)
    if isinstance(found, OSError):
        return found.errno in _NO_ROOM
    if isinstance(found, sqlite3.Error):
        return getattr(found, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(found, psycopg.Error) and found.sqlstate == _POSTGRES_FULL


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, or was held by somebody else for longer than one waits: the
    same may succeed later."""
    found = cause(error)
    if isinstance(found, sqlite3.Error):
        code = getattr(found, "sqlite_errorcode", 0)
        return code in _SQLITE_AWAY or code & _PRIMARY in _SQLITE_AWAY
    if isinstance(found, psycopg.OperationalError | psycopg.InterfaceError):
        return found.sqlstate is None or found.sqlstate.startswith(_POSTGRES_AWAY)
    return isinstance(error, NoConnectionFree)


def in_one_line(error: BaseException) -> str:
    """What the driver says, for a log or a terminal."""
    return " ".join(str(cause(error)).split())
