"""What the record says about its data keys, which themselves live in the key store."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "key_epoch",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_key_epoch")),
    )
    op.create_table(
        "destroyed_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("destroyed_at", Moment(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_destroyed_key")),
        sa.UniqueConstraint("clinic_id", "owner", "owner_id", name=op.f("uq_destroyed_key_clinic_id_owner_owner_id")),
    )
    op.create_table(
        "key_rotation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("renewed_at", Moment(), nullable=True),
        sa.Column("at_table", sa.String(length=64), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_key_rotation")),
    )
    with op.batch_alter_table("key_rotation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_key_rotation_clinic_id_finished_at_id"), ["clinic_id", "finished_at", "id"], unique=False
        )
    protect("key_epoch", service_role)
    protect("destroyed_key", service_role, append_only=True)
    protect("key_rotation", service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the service's role
    for table in ("key_rotation", "destroyed_key", "key_epoch"):
        op.drop_table(table)
