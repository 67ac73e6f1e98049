"""What is stored, seen past the program: by plain SQL, on whichever database an installation has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool


@contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """A connection that commits every statement by itself."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def rows(database_url: str, statement: str) -> list[tuple[Any, ...]]:
    with connected(database_url) as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def change(database_url: str, *statements: str) -> None:
    with connected(database_url) as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def writers_waiting(database_url: str) -> Iterator[None]:
    """Meanwhile nobody else can write tickets or what is told of analyses; everybody can read."""
    with connected(database_url) as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        connection.execute(text("BEGIN IMMEDIATE" if on_sqlite else "BEGIN"))
        if not on_sqlite:
            connection.execute(text("LOCK TABLE otrs_ticket, statistic IN EXCLUSIVE MODE"))
        yield
        connection.execute(text("COMMIT"))
