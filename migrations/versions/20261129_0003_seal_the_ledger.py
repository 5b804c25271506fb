"""seal the ledger; alarms; chores."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RECORD = ("chore_run", "ledger_salt", "recent_reading")
APPEND_ONLY = ("alarm", "alarm_acknowledgement", "checkpoint", "ledger_leaf")


def upgrade(service_role: str) -> None:
    op.create_table(
        "alarm",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_alarm")),
    )
    op.create_index(
        op.f("ix_alarm_clinic_id_member_id_code_raised_at"), "alarm", ["clinic_id", "member_id", "code", "raised_at"]
    )
    op.create_table(
        "alarm_acknowledgement",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "alarm_id"], ["alarm.clinic_id", "alarm.id"], name=op.f("fk_alarm_acknowledgement_clinic_id_alarm_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_alarm_acknowledgement")),
        sa.UniqueConstraint("clinic_id", "alarm_id", name=op.f("uq_alarm_acknowledgement_clinic_id_alarm_id")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "chore_run",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_chore_run")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("uq_chore_run_clinic_id_name")),
    )
    op.create_table(
        "ledger_leaf",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("subtree", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "number", name=op.f("pk_ledger_leaf")),
        sa.UniqueConstraint("clinic_id", "event_id", name=op.f("uq_ledger_leaf_clinic_id_event_id")),
    )
    op.create_table(
        "ledger_salt",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ledger_salt")),
        sa.UniqueConstraint("clinic_id", "couple_id", name=op.f("uq_ledger_salt_clinic_id_couple_id")),
    )
    op.create_table(
        "recent_reading",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "member_id", "couple_id", name=op.f("pk_recent_reading")),
    )
    op.create_index(
        op.f("ix_recent_reading_clinic_id_member_id_read_at"), "recent_reading", ["clinic_id", "member_id", "read_at"]
    )
    for table in RECORD:
        protect(table, service_role)
    for table in APPEND_ONLY:
        protect(table, service_role, append_only=True)
    if op.get_bind().dialect.name == "postgresql":
        _let_chores_find_every_clinic(service_role)


def _let_chores_find_every_clinic(service_role: str) -> None:
    """A function that tells ids alone: the service may ask for them, and still reads no clinic it did not enter."""
    op.execute("CREATE POLICY directory ON clinic FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(
        "CREATE FUNCTION clinic_ids() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = public, pg_temp AS 'SELECT clinic_id FROM clinic'"
    )
    op.execute("REVOKE ALL ON FUNCTION clinic_ids() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION clinic_ids() TO {service_role}")


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION clinic_ids()")
        op.execute("DROP POLICY directory ON clinic")
    for table in ("recent_reading", "ledger_salt", "ledger_leaf", "chore_run", "checkpoint", "alarm_acknowledgement", "alarm"):
        op.drop_table(table)
