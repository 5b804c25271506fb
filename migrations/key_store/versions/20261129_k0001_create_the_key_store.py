"""create the key store."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import let_read_revision, protect

revision = "k0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "data_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=300), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("renewal_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "owner", "owner_id", "generation", name=op.f("pk_data_key")),
    )
    op.create_table(
        "tombstone",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("destroyed_at", Moment(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "owner", "owner_id", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "known_clinic",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_known_clinic")),
    )
    op.create_table(
        "burial",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_burial")),
    )
    protect("data_key", service_role)
    protect("tombstone", service_role, append_only=True)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT, INSERT ON known_clinic TO {service_role}")
        op.execute(f"GRANT SELECT, INSERT, DELETE ON burial TO {service_role}")
    let_read_revision(service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the service's role
    for table in ("burial", "known_clinic", "tombstone", "data_key"):
        op.drop_table(table)
