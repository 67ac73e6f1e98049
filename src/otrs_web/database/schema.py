"""Whether this program and the database fit together. A newer program may have brought the database to a
schema that this one does not know: whatever it did with the rows could be wrong, so it does nothing. An older
schema is for `migrate` alone to change; web servers and workers wait for it a while, since all of them are
often started at once."""

import logging
import time
from functools import cache
from importlib.metadata import version

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from otrs_web.database import DatabaseAway, SyncDatabase, away
from otrs_web.resources import folder
from otrs_web.settings import Settings

log = logging.getLogger(__name__)

#: how long a web server or worker waits for a database that is away or about to be migrated
PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.25
_REVISION = "alembic_version"


class SchemaUnfit(DatabaseAway):
    """The database has a schema that this program cannot use; the text says which, and what to do."""


class SchemaNewer(SchemaUnfit):
    """A newer program has used the database: waiting does not help."""


def migrations() -> Config:
    """Where Alembic finds this program's migrations."""
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    return config


@cache
def known_revisions() -> frozenset[str]:
    """They come with the program, so they do not change while it runs."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations())


def refuse_newer(connection: Connection) -> None:
    """Raises SchemaNewer where the database is beyond this program; reads only."""
    revision = _revision(connection)
    if revision is not None and revision not in known_revisions():
        raise SchemaNewer(
            f"The database has the schema {revision}, which otrs-web {version('otrs-web')} does not know: "
            "a newer version has used it. Install that version again, or restore a backup into an empty "
            "database. Nothing was changed."
        )


def refuse_newer_schema(settings: Settings) -> None:
    """The same for a database that nobody has a connection to yet."""
    db = SyncDatabase(settings)
    try:
        with db.engine.connect() as connection:
            refuse_newer(connection)
    finally:
        db.dispose()


def check(settings: Settings) -> None:
    """Return if the database can be used as it is. Raises SchemaUnfit, or DatabaseAway."""
    db = SyncDatabase(settings)
    try:
        with db.engine.connect() as connection:
            refuse_newer(connection)
            revision, head = _revision(connection), _scripts().get_current_head()
    except DBAPIError as error:
        raise away(settings, error) from error
    finally:
        db.dispose()
    if revision != head:
        found = f"the schema {revision}" if revision else "no tables yet"
        raise SchemaUnfit(
            f"The database has {found}, and {head} is needed. Run `otrs-web migrate`, then start again."
        )


def wait_until_usable(settings: Settings, patience: float = PATIENCE_S) -> None:
    """Return as soon as the database can be used. Raises SchemaNewer at once, and after so many seconds what
    is wrong then."""
    deadline, said = time.monotonic() + patience, ""
    while True:
        try:
            return check(settings)
        except SchemaNewer:
            raise
        except DatabaseAway as reason:
            if time.monotonic() >= deadline:
                raise
            if str(reason) != said:
                said = str(reason)
                log.warning("%s Waiting for up to %.0f seconds …", said, patience)
        time.sleep(_LOOK_EVERY_S)


def _revision(connection: Connection) -> str | None:
    if _REVISION not in inspect(connection).get_table_names():
        return None
    return connection.scalar(select(column("version_num", String)).select_from(table(_REVISION)))
