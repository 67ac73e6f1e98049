"""The people that somebody chose to compare, as the original kept them: the text of a Python list, which it
read back with eval. Here it is read as a literal, so that nothing in it can ever run, and kept as JSON."""

import ast
import json
import warnings
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from otrs_web.models import ResponsibleConfig

#: a parser's depth and memory grow with the text; no selection of people is as long
_LONGEST = 100_000


def parse_selection(text: str) -> Sequence[str]:
    """The names in `['a', "O'Neill"]` or the same as JSON, each once, without blank ones. Raises ValueError
    for anything else."""
    if len(text) > _LONGEST:
        raise ValueError("too long")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = _literal(text)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, (list, tuple)) or not all(isinstance(name, str) for name in found):
        raise ValueError("no list of names")
    names = (name.encode(errors="replace").decode().replace("\0", "").strip() for name in found)
    return list(dict.fromkeys(name for name in names if name))


def _literal(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a name is no concern of ours
        try:
            return ast.literal_eval(text.strip())
        except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ValueError("no literal") from error


async def adopted_selection(session: AsyncSession, address: str) -> Sequence[str] | None:
    """Whom the original application remembered for an address; None for nobody."""
    query = select(ResponsibleConfig.selected_responsibles)
    text = await session.scalar(query.where(ResponsibleConfig.user_identifier == address).limit(1))
    return (json.loads(text) or None) if text else None
