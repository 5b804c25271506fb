"""ask which came first."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "direction_analysis",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("scales", sa.String(length=264), nullable=True),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("requested_by_kind", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("leased_until", Moment(), nullable=True),
        sa.Column("as_of", Moment(), nullable=True),
        sa.Column("cut", sa.Uuid(), nullable=True),
        sa.Column("rows_digest", sa.String(length=64), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("panel", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_direction_analysis")),
    )
    with op.batch_alter_table("direction_analysis", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_direction_analysis_clinic_id_status_id"), ["clinic_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_direction_analysis_clinic_id_scales_id"), ["clinic_id", "scales", "id"], unique=False
        )
    protect("direction_analysis", service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("direction_analysis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_direction_analysis_clinic_id_scales_id"))
        batch_op.drop_index(batch_op.f("ix_direction_analysis_clinic_id_status_id"))
    op.drop_table("direction_analysis")
