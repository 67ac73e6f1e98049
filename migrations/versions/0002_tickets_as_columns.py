"""What is kept of a state of the data: the facts have another shape, and all tickets stand beside them as
columns. Nothing of it is taken over: `migrate` makes it anew from the tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("stored_facts")
    op.create_table(
        "stored_facts",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_stored_facts")),
    )
