"""The tickets of a file on their way into `otrs_ticket`: first into a temporary table that nobody else sees,
from there in one statement, in which it is derived what is open."""

import gc
from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, delete, insert, select
from sqlalchemy.schema import CreateTable

from otrs_web.adopt.tickets import STAGED, Origin, Tickets
from otrs_web.imports.columns import FIELDS
from otrs_web.imports.staging import Staging
from otrs_web.models import Ticket

_METADATA = MetaData()
_TYPES = {"origin": Integer(), "place": BigInteger()}
_STAGING = Table(
    "adopted_ticket",
    _METADATA,
    *(Column(name, _TYPES.get(name) or Ticket.__table__.c[name].type) for name in STAGED),
    prefixes=["TEMPORARY"],
)
_ORIGINS = Table(
    "adopted_origin",
    _METADATA,
    Column("number", Integer()),
    Column("upload_id", Integer()),
    Column("snapshot_at", Ticket.__table__.c.snapshot_at.type),
    prefixes=["TEMPORARY"],
)


def stage(connection: Connection, tickets: Tickets) -> None:
    """Read all tickets into a table that lives as long as the connection."""
    # many short-lived rows and no cycles: the collector would only walk them again and again
    gc.disable()
    try:
        with connection.begin():
            staging = Staging(connection, _STAGING)
            connection.execute(CreateTable(_ORIGINS))
            for rows in tickets.chunks():
                staging.add(rows)
    finally:
        gc.enable()


def replace_tickets(
    connection: Connection, origins: Sequence[Origin], upload_ids: Mapping[int, int], open_by: str
) -> int:
    """Let the staged tickets take the place of the stored ones; how many those were. `upload_ids` are ours by
    the original's."""
    connection.execute(
        insert(_ORIGINS),
        [
            {
                "number": number,
                "upload_id": None if origin.upload is None else upload_ids.get(origin.upload),
                "snapshot_at": origin.snapshot_at,
            }
            for number, origin in enumerate(origins)
        ],
    )
    removed = connection.execute(delete(Ticket)).rowcount
    staged, origin = _STAGING.c, _ORIGINS.c
    values = {
        **{name: staged[name] for name in (*FIELDS, "estimated_created", "import_time", "data_source")},
        **Ticket.derived(dict(staged.items()), open_by),
        "snapshot_at": origin.snapshot_at,
        "upload_id": origin.upload_id,
        "first_upload_id": origin.upload_id,
    }
    found = select(*values.values()).join_from(_STAGING, _ORIGINS, origin.number == staged.origin)
    connection.execute(insert(Ticket).from_select(list(values), found.order_by(staged.place)))
    return removed
