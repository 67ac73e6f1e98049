"""Tracebacks as they may stand in a log: where it happened and what, without the values that it happened to.
What an exception says of a value (`invalid literal for int(): 'Miller'`) may be a cell of an export, that is,
a customer's name. The lines of code that led there tell what is needed to mend it."""

import builtins
import re
import traceback
from collections.abc import Iterator

#: what goes wrong in code or on the disk; these name attributes, types and paths, never what files hold
_OF_CODE = (AttributeError, ImportError, NameError, TypeError, OSError)
_KEPT = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, _OF_CODE)
)
#: a database speaks the language of its server, and quotes as that does: „…“, »…«, « … », 「…」
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[“„][^“”]*[“”]|»[^«]*«|«[^»]*»|「[^」]*」")
#: what PostgreSQL adds to a message, under headings in its server's language (DETAIL, CONTEXT, LINE 1) and
#: over several lines if need be: the row that it did not take, the statement; then SQLAlchemy goes on
_DETAILS = re.compile(r"\n\s*[^\W_][\w ]{0,24}\s?[:：].*?(?=\n\[SQL|\n\(Background|\Z)", re.DOTALL)
_NOT_MESSAGES = ("  File ", "Traceback ", "\nDuring ", "\nThe above ")


def without_details(message: str) -> str:
    """A message without what a database adds about the values it was given."""
    return _DETAILS.sub("", message)


def traceback_text(error: BaseException) -> str:
    """The traceback of an exception and of those that led to it, over several lines."""
    return "".join(_parts(error)).rstrip()


def _parts(error: BaseException) -> Iterator[str]:
    for part in traceback.TracebackException.from_exception(error).format():
        if part.startswith(_NOT_MESSAGES):
            yield part
            continue
        kind, colon, message = part.partition(": ")
        if kind not in _KEPT:
            message = _QUOTED.sub("…", without_details(message))
        yield f"{kind}{colon}{message}"
