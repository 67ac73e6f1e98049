"""Runs migrations on the connection that `otrs_web.database.migrate` hands over, inside its transaction."""

from typing import Any

from alembic import context

from otrs_web.models import Base, UtcDateTime, WallClock


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Migrations name plain column types: they must stay true when the application's own types move on."""
    if kind == "type" and isinstance(item, (UtcDateTime, WallClock)):
        return "sa.DateTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
)
context.run_migrations()
