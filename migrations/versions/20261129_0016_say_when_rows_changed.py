"""say when rows changed."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("member", "couple", "partner", "episode", "concern", "assignment", "session_note", "diagnosis")


def upgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    for table in TABLES:
        op.add_column(table, sa.Column("changed_at", Moment(), nullable=True))


def downgrade(service_role: str) -> None:  # noqa: ARG001 - the same
    for table in TABLES:
        op.drop_column(table, "changed_at")
