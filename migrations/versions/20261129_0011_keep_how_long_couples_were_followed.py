"""keep how long couples were followed: what a curve of time to improvement needs of those who have not improved."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0027"
branch_labels = None
depends_on = None

COUNTED = [
    *("clinic_id", "of_safety", "concern", "protocol", "couple_id", "in_care", "opened_on", "closed_on", "close_reason"),
    *("visits", "within_rules", "offered", "declined"),
    *("sexual_weeks", "sexual_visits", "relational_weeks", "relational_visits"),
]
MORE = ["sexual_weeks_followed", "relational_weeks_followed"]


def upgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("couple_standing", schema=None) as batch_op:
        for name in MORE:
            batch_op.add_column(sa.Column(name, sa.Double(), nullable=True))
        batch_op.drop_index("ix_couple_standing_counted")
        batch_op.create_index("ix_couple_standing_counted", [*COUNTED, *MORE, "last_visit_on"], unique=False)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("couple_standing", schema=None) as batch_op:
        batch_op.drop_index("ix_couple_standing_counted")
        for name in MORE:
            batch_op.drop_column(name)
        batch_op.create_index("ix_couple_standing_counted", COUNTED, unique=False)
