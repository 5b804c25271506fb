"""say when a concern was added."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment

revision = "0027"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.add_column("concern", sa.Column("added_at", Moment(), nullable=True))


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.drop_column("concern", "added_at")
