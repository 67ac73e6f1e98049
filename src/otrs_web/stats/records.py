"""Keeps the `statistic` table: every analysis, detail query and export with its type and counts, as the
original application did. Nobody waits for it: records are gathered in memory and written together, since on
SQLite a writer has to wait for an import that is being stored."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from otrs_web.clock import utc_now
from otrs_web.database import Database
from otrs_web.models import Statistic
from otrs_web.tickets.facts import load_facts
from otrs_web.tickets.filter import TicketFilter

logger = logging.getLogger(__name__)

PAUSE_S = 1.0
END_S = 3.0
#: so many are held while the database cannot be written; beyond them the oldest are given up
HELD = 10_000


class Records:
    """What was asked for and is not written yet."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[dict[str, Any]] = []
        self._writing = asyncio.Lock()

    def add(
        self,
        query_type: str,
        record_count: int,
        *,
        age_segment: str | None = None,
        figures: Mapping[str, Any] | None = None,
    ) -> None:
        """`record_count` tickets were listed, exported or analysed; `figures` are those of
        `Counts.figures`, by default of all tickets."""
        record = {
            "query_time": utc_now(),
            "query_type": query_type,
            "record_count": record_count,
            "age_segment": age_segment,
        }
        self._waiting.append(record | dict(figures or {}))
        del self._waiting[:-HELD]

    async def write(self) -> None:
        """Write what waits, in its order; it goes on waiting if the database cannot be written now."""
        async with self._writing:
            if self._waiting:
                await self._write()

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, []
        try:
            async with self._db.read() as session:
                every = (await load_facts(session, TicketFilter())).counts.figures
            async with self._db.write() as session:
                await session.execute(insert(Statistic), [every | record for record in taken])
        except DBAPIError as error:
            logger.warning("what was asked for could not be written down yet: %s", error.orig)
            self._waiting = [*taken, *self._waiting][-HELD:]

    @asynccontextmanager
    async def being_written(self) -> AsyncIterator[None]:
        """Meanwhile, write every second; at the end, what is left."""

        over = asyncio.Event()

        async def again_and_again() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), PAUSE_S)
                await self.write()

        writing = asyncio.create_task(again_and_again())
        try:
            yield
        finally:
            over.set()
            # an import may hold the database for longer than a stop may take
            await asyncio.wait({writing}, timeout=END_S)
