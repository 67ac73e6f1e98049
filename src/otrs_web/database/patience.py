"""A connection to PostgreSQL that does not wait for ever. A server that was stopped, or whose disk hangs,
takes connections and requests and then says nothing: no limit of its own helps, since it is the one who would
have to keep it. Only what answers somebody needs this; an import may wait for as long as it likes."""

from typing import Any

import psycopg

#: for a question that any living server answers at once
_SIGN_OF_LIFE_S = 5.0
#: for a statement, which may have to wait for an import that stores a million tickets
_STATEMENT_S = 60.0


class PatientConnection(psycopg.AsyncConnection[Any]):
    """Gives up, and closes, when the server says nothing for too long."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        # only the pool, when it tries a connection before its use, asks outside of a transaction
        patience = _SIGN_OF_LIFE_S if self.autocommit else _STATEMENT_S
        try:
            return await super().wait(gen, interval, patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.pgconn.finish()  # what it was asked is still under way: of no use to anybody else
            raise
