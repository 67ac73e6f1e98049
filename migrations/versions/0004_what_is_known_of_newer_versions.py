"""What an update leads to and how far it is, and what the next question to GitHub must know: the answers so
far, how often it failed in a row, and until when GitHub wants to be left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLE = "app_update_status"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("target_kind", sa.String(length=8), nullable=True))
    op.add_column(_TABLE, sa.Column("target_ref", sa.String(length=255), nullable=True))
    op.add_column(_TABLE, sa.Column("target_commit", sa.String(length=64), nullable=True))
    op.add_column(_TABLE, sa.Column("assets", sa.JSON(), nullable=True))
    op.add_column(_TABLE, sa.Column("answers", sa.JSON(), nullable=True))
    op.add_column(_TABLE, sa.Column("fault", sa.JSON(), nullable=True))
    op.add_column(_TABLE, sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column(_TABLE, sa.Column("limited_until", sa.DateTime(), nullable=True))
    op.add_column(_TABLE, sa.Column("updating_from", sa.String(length=64), nullable=True))
    op.add_column(_TABLE, sa.Column("updating_to", sa.String(length=255), nullable=True))
    op.add_column(_TABLE, sa.Column("update_step", sa.String(length=32), nullable=True))
