"""find what was recorded and deleted since."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RECORDED = "ix_administration_clinic_id_recorded_at"
DELETED = "ix_ledger_event_deleted"


def upgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.create_index(RECORDED, "administration", ["clinic_id", "recorded_at"])
    of_deletions = sa.text("kind = 'delete'")
    columns = ["clinic_id", "subject", "at"]
    op.create_index(DELETED, "ledger_event", columns, postgresql_where=of_deletions, sqlite_where=of_deletions)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - the same
    op.drop_index(DELETED, "ledger_event")
    op.drop_index(RECORDED, "administration")
