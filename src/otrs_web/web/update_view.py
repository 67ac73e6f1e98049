"""What the update page and its fragment show of the update that runs or ran last, and of the next one."""

import asyncio
from typing import Any

from otrs_web.database import Database
from otrs_web.reader import reader
from otrs_web.settings import Settings
from otrs_web.updates import journal
from otrs_web.updates.follow import follow
from otrs_web.updates.install import way
from otrs_web.updates.progress import last_words, steps
from otrs_web.updates.shapes import Fault, Target
from otrs_web.updates.status import load
from otrs_web.updates.versions import shown


async def steps_context(db: Database, *, is_admin: bool) -> dict[str, Any]:
    """What the commands say names paths and packages of the machine: it is for admins alone."""
    await follow(db)
    async with db.read() as session:
        known = await load(session)
    shown_files = await asyncio.to_thread(_from_files, db.settings, known.offers, is_admin)
    return {
        "known": known,
        "settings": db.settings,
        "updating_to": shown(known.updating_to or ""),
        "offer": known.offers,
        "offer_shown": shown(known.offers.version) if known.offers else "",
        "was_seen": False,
        **shown_files,
    }


def _from_files(settings: Settings, offer: Target | None, is_admin: bool) -> dict[str, Any]:
    found = journal.read(settings)
    obstacle = way(settings, offer).obstacle if offer else None
    return {
        "update_steps": steps(settings, found) if found else [],
        "update_output": last_words(settings, found) if found and is_admin else [],
        "obstacle": _say(obstacle, command="") if obstacle else "",
        "command": obstacle.params["command"] if obstacle else "",
    }


def _say(words: Fault, **instead: str) -> str:
    return reader().gettext(words.message).format(**{**words.params, **instead}).strip()
