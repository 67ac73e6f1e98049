"""What happens every day and when it last did, entries of the logs that can be said in the reader's language,
and what a run of the daily statistics was for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("last_due", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.add_column("database_log", sa.Column("message", sa.JSON(), nullable=True))
    op.add_column("statistics_log", sa.Column("occasion", sa.String(length=12), nullable=True))
    op.add_column("statistics_log", sa.Column("days", sa.Integer(), server_default="1", nullable=False))
    for name in ("age_gt_96h", "opening_balance", "new_tickets", "resolved_tickets"):
        op.add_column("statistics_log", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
