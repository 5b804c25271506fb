"""leave de-identified."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "deidentified_cohort",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_deidentified_cohort")),
    )
    protect("deidentified_cohort", service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.drop_table("deidentified_cohort")
