"""An installation in a folder, driven as the web and the worker drive it, in one process."""

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from otrs_web.database import Database, SyncDatabase, migrate
from otrs_web.imports import service
from otrs_web.models import Ticket, Upload
from otrs_web.settings import Settings
from otrs_web.stats.dashboard import database_stats
from otrs_web.tickets.filter import TicketFilter
from otrs_web.tickets.listing import count_tickets
from tests import services


@dataclass(frozen=True)
class Installation:
    settings: Settings

    @classmethod
    def at(cls, folder: Path, open_by: Any = "state", database_url: str | None = None) -> "Installation":
        """In the folder, unless it is told another database."""
        settings = Settings(
            data_dir=folder,
            database_url=database_url or services.database_url(folder),
            timezone=ZoneInfo("Europe/Berlin"),
            open_by=open_by,
        )
        settings.uploads_dir.mkdir(parents=True)
        migrate(settings)
        return cls(settings)

    def import_file(self, path: Path, *, mode: str = "replace", as_of: datetime | None = None) -> Upload:
        """The finished upload, whatever became of it."""
        stored = shutil.copy(path, self.settings.uploads_dir / f"{path.stem}-{mode}{path.suffix}")
        content = path.read_bytes()

        async def accept() -> int:
            db = Database(self.settings)
            upload_id = await service.accept(
                db,
                stored_filename=Path(stored).name,
                filename=path.name,
                size_bytes=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                mode=mode,
                as_of=as_of,
                address="192.0.2.7",
                user_agent="pytest",
            )
            await db.dispose()
            return upload_id

        upload_id = asyncio.run(accept())
        service.run_pending(self.settings)
        db = SyncDatabase(self.settings)
        with db.read() as session:
            upload = session.get_one(Upload, upload_id)
        db.dispose()
        return upload

    def stats(self, chosen: TicketFilter) -> dict[str, Any]:
        async def load() -> dict[str, Any]:
            db = Database(self.settings)
            async with db.read() as session:
                found = await database_stats(session, chosen)
            await db.dispose()
            return found

        return asyncio.run(load())

    def counts(self, filters: Sequence[TicketFilter]) -> list[int]:
        """How many tickets each filter chooses."""

        async def load() -> list[int]:
            db = Database(self.settings)
            async with db.read() as session:
                found = [await count_tickets(session, chosen) for chosen in filters]
            await db.dispose()
            return found

        return asyncio.run(load())

    def tickets(self) -> dict[str, Ticket]:
        """Everything that is stored, by number."""
        db = SyncDatabase(self.settings)
        with db.read() as session:
            found = {ticket.ticket_number: ticket for ticket in session.scalars(select(Ticket))}
        db.dispose()
        return found


def findings(upload: Upload) -> dict[str, int]:
    """The quality report as code -> count."""
    return {finding["code"]: finding["count"] for finding in upload.report or []}
