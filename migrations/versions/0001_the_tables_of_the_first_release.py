"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_update_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("current_version", sa.String(length=64), nullable=False),
        sa.Column("latest_version", sa.String(length=64), nullable=True),
        sa.Column("release_name", sa.String(length=255), nullable=True),
        sa.Column("release_body", sa.Text(), nullable=True),
        sa.Column("release_url", sa.String(length=512), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("notified_at", sa.DateTime(), nullable=True),
        sa.Column("last_checked_at", sa.DateTime(), nullable=True),
        sa.Column("last_update_started_at", sa.DateTime(), nullable=True),
        sa.Column("last_update_completed_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_update_status")),
    )
    op.create_table(
        "auth_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_failure")),
    )
    op.create_index("ix_auth_failure_address_at", "auth_failure", ["address", "at"], unique=False)
    op.create_table(
        "daily_statistics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statistic_date", sa.Date(), nullable=False),
        sa.Column("opening_balance", sa.Integer(), nullable=False),
        sa.Column("new_tickets", sa.Integer(), nullable=False),
        sa.Column("resolved_tickets", sa.Integer(), nullable=False),
        sa.Column("closing_balance", sa.Integer(), nullable=False),
        sa.Column("age_lt_24h", sa.Integer(), nullable=False),
        sa.Column("age_24_48h", sa.Integer(), nullable=False),
        sa.Column("age_48_72h", sa.Integer(), nullable=False),
        sa.Column("age_72_96h", sa.Integer(), nullable=False),
        sa.Column("age_gt_96h", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("snapshot_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_statistics")),
        sa.UniqueConstraint("statistic_date", name=op.f("uq_daily_statistics_statistic_date")),
    )
    op.create_table(
        "data_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=True),
        sa.Column("open_by", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_state")),
    )
    op.create_table(
        "database_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_time", sa.DateTime(), nullable=False),
        sa.Column("operation_type", sa.String(length=50), nullable=False),
        sa.Column("table_name", sa.String(length=50), nullable=True),
        sa.Column("records_affected", sa.Integer(), nullable=True),
        sa.Column("operation_details", sa.Text(), nullable=True),
        sa.Column("user_info", sa.Text(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_log")),
    )
    op.create_index(op.f("ix_database_log_operation_time"), "database_log", ["operation_time"], unique=False)
    op.create_index(op.f("ix_database_log_operation_type"), "database_log", ["operation_type"], unique=False)
    op.create_table(
        "responsible_config",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_identifier", sa.String(length=255), nullable=True),
        sa.Column("selected_responsibles", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsible_config")),
    )
    op.create_index(
        op.f("ix_responsible_config_user_identifier"), "responsible_config", ["user_identifier"], unique=False
    )
    op.create_table(
        "state_name",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state_type", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state_name")),
    )
    op.create_table(
        "statistics_config",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_time", sa.String(length=5), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_config")),
    )
    op.create_table(
        "statistics_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("execution_time", sa.DateTime(), nullable=False),
        sa.Column("statistic_date", sa.Date(), nullable=True),
        sa.Column("age_24h", sa.Integer(), nullable=False),
        sa.Column("age_24_48h", sa.Integer(), nullable=False),
        sa.Column("age_48_72h", sa.Integer(), nullable=False),
        sa.Column("age_72_96h", sa.Integer(), nullable=False),
        sa.Column("total_open", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_log")),
    )
    op.create_index(
        op.f("ix_statistics_log_execution_time"), "statistics_log", ["execution_time"], unique=False
    )
    op.create_index(
        op.f("ix_statistics_log_statistic_date"), "statistics_log", ["statistic_date"], unique=False
    )
    op.create_table(
        "stored_facts",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_stored_facts")),
    )
    op.create_table(
        "upload_detail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("upload_time", sa.DateTime(), nullable=False),
        sa.Column("record_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new_records_count", sa.Integer(), nullable=True),
        sa.Column("import_mode", sa.String(length=50), nullable=True),
        sa.Column("stored_filename", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=12), server_default="done", nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("as_of_given", sa.DateTime(), nullable=True),
        sa.Column("snapshot_at", sa.DateTime(), nullable=True),
        sa.Column("snapshot_source", sa.String(length=12), nullable=True),
        sa.Column("updated_records_count", sa.Integer(), nullable=True),
        sa.Column("unchanged_records_count", sa.Integer(), nullable=True),
        sa.Column("rejected_records_count", sa.Integer(), nullable=True),
        sa.Column("removed_records_count", sa.Integer(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_detail")),
    )
    op.create_index(op.f("ix_upload_detail_filename"), "upload_detail", ["filename"], unique=False)
    op.create_index("ix_upload_detail_status", "upload_detail", ["status"], unique=False)
    op.create_index(op.f("ix_upload_detail_upload_time"), "upload_detail", ["upload_time"], unique=False)
    op.create_table(
        "otrs_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.String(length=100), nullable=False),
        sa.Column("created_date", sa.DateTime(), nullable=True),
        sa.Column("closed_date", sa.DateTime(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("first_response", sa.Text(), nullable=True),
        sa.Column("age", sa.Text(), nullable=True),
        sa.Column("age_hours", sa.Float(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("customer_realname", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("sub_category", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("import_time", sa.DateTime(), nullable=True),
        sa.Column("data_source", sa.Text(), nullable=True),
        sa.Column("raw_data", sa.Text(), nullable=True),
        sa.Column("state_type", sa.String(length=10), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(), nullable=True),
        sa.Column("estimated_created", sa.DateTime(), nullable=True),
        sa.Column("snapshot_at", sa.DateTime(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("first_upload_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_upload_id"], ["upload_detail.id"], name=op.f("fk_otrs_ticket_first_upload_id")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload_detail.id"], name=op.f("fk_otrs_ticket_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otrs_ticket")),
        sa.UniqueConstraint("ticket_number", name=op.f("uq_otrs_ticket_ticket_number")),
    )
    op.create_index(op.f("ix_otrs_ticket_created_date"), "otrs_ticket", ["created_date"], unique=False)
    op.create_index(
        "ix_otrs_ticket_is_open_created_date", "otrs_ticket", ["is_open", "created_date"], unique=False
    )
    op.create_index(op.f("ix_otrs_ticket_left_at"), "otrs_ticket", ["left_at"], unique=False)
    op.create_index(op.f("ix_otrs_ticket_responsible"), "otrs_ticket", ["responsible"], unique=False)
    op.create_table(
        "statistic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_time", sa.DateTime(), nullable=False),
        sa.Column("query_type", sa.String(length=50), nullable=False),
        sa.Column("total_records", sa.Integer(), nullable=True),
        sa.Column("current_open_count", sa.Integer(), nullable=True),
        sa.Column("empty_firstresponse_count", sa.Integer(), nullable=True),
        sa.Column("daily_new_count", sa.Integer(), nullable=True),
        sa.Column("daily_closed_count", sa.Integer(), nullable=True),
        sa.Column("age_segment", sa.String(length=50), nullable=True),
        sa.Column("record_count", sa.Integer(), nullable=True),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload_detail.id"], name=op.f("fk_statistic_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistic")),
    )
    op.create_index(op.f("ix_statistic_query_time"), "statistic", ["query_time"], unique=False)
    op.create_index(op.f("ix_statistic_query_type"), "statistic", ["query_type"], unique=False)
    op.create_table(
        "ticket_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.String(length=100), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload_detail.id"], name=op.f("fk_ticket_change_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_change")),
    )
    op.create_index(op.f("ix_ticket_change_ticket_number"), "ticket_change", ["ticket_number"], unique=False)
