"""The table that a whole export is loaded into before anything of it becomes visible.

It is temporary and private to the import's connection: filling it takes no lock that another reader or
writer would notice, and it is gone with the connection, however the import ends.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateTable

from otrs_web.imports.columns import FIELDS
from otrs_web.models import Ticket

STAGING = Table(
    "staged_ticket",
    MetaData(),
    *(Column(name, Ticket.__table__.c[name].type) for name in FIELDS),
    prefixes=["TEMPORARY"],
)


class Staging:
    """Makes a temporary table and adds rows, tuples in the order of its columns, by each driver's fastest
    way."""

    def __init__(self, connection: Connection, table: Table = STAGING) -> None:
        self._connection = connection
        connection.execute(CreateTable(table))
        names = ", ".join(table.c.keys())
        self._copy = f"COPY {table.name} ({names}) FROM STDIN"
        marks = ", ".join("?" for _ in table.c)
        self._insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - own names

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        if self._connection.dialect.name == "sqlite":
            driver: Any = self._connection.connection.driver_connection
            driver.executemany(self._insert, rows)
            return
        cursor: Any = self._connection.connection.cursor()
        with cursor, cursor.copy(self._copy) as copy:
            for row in rows:
                copy.write_row(row)
