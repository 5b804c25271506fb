"""keep figures of couples."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("couple_standing", "series_outcome", "followed")
WORST_FIRST = [
    *("clinic_id", "of_safety", "in_care", "urgency", "weight", "couple_id"),
    *("concern", "protocol", "plan_status", "rule"),
]
COUPLES_COUNTED = [
    *("clinic_id", "of_safety", "concern", "protocol", "couple_id", "in_care", "opened_on", "closed_on", "close_reason"),
    *("visits", "within_rules", "offered", "declined"),
    *("sexual_weeks", "sexual_visits", "relational_weeks", "relational_visits"),
    *("sexual_weeks_followed", "relational_weeks_followed", "last_visit_on"),
]
SERIES_COUNTED = [
    *("clinic_id", "measure_code", "scale", "concern", "protocol", "couple_id", "partner_id", "compartment", "domain"),
    *("intake_at", "latest_at", "scores", "intake", "latest", "change_class", "not_why"),
    *("weeks_to_improvement", "weeks_followed"),
]


def upgrade(service_role: str) -> None:
    op.create_table(
        "couple_standing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("reckoned_at", Moment(), nullable=False),
        sa.Column("fresh_until", Moment(), nullable=False),
        sa.Column("in_care", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.String(length=64), nullable=True),
        sa.Column("concern", sa.String(length=64), nullable=True),
        sa.Column("protocol", sa.String(length=64), nullable=True),
        sa.Column("protocols", sa.JSON(), nullable=False),
        sa.Column("plan_status", sa.String(length=16), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("last_visit_on", sa.Date(), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("within_rules", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("sexual_weeks", sa.Double(), nullable=True),
        sa.Column("sexual_visits", sa.Integer(), nullable=True),
        sa.Column("relational_weeks", sa.Double(), nullable=True),
        sa.Column("relational_visits", sa.Integer(), nullable=True),
        sa.Column("sexual_weeks_followed", sa.Double(), nullable=True),
        sa.Column("relational_weeks_followed", sa.Double(), nullable=True),
        sa.Column("of_safety", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_couple_standing_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_couple_standing")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "of_safety", name=op.f("uq_couple_standing_clinic_id_couple_id_of_safety")
        ),
    )
    with op.batch_alter_table("couple_standing", schema=None) as batch_op:
        batch_op.create_index("ix_couple_standing_worst_first", WORST_FIRST, unique=False)
        batch_op.create_index("ix_couple_standing_counted", COUPLES_COUNTED, unique=False)
        batch_op.create_index(
            batch_op.f("ix_couple_standing_clinic_id_of_safety_fresh_until"),
            ["clinic_id", "of_safety", "fresh_until"],
            unique=False,
        )

    op.create_table(
        "series_outcome",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=True),
        sa.Column("concern", sa.String(length=64), nullable=True),
        sa.Column("protocol", sa.String(length=64), nullable=True),
        sa.Column("intake_at", Moment(), nullable=False),
        sa.Column("latest_at", Moment(), nullable=False),
        sa.Column("scores", sa.Integer(), nullable=False),
        sa.Column("intake", sa.Double(), nullable=False),
        sa.Column("latest", sa.Double(), nullable=False),
        sa.Column("change_class", sa.String(length=32), nullable=False),
        sa.Column("not_why", sa.String(length=64), nullable=True),
        sa.Column("weeks_to_improvement", sa.Double(), nullable=True),
        sa.Column("weeks_followed", sa.Double(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_series_outcome_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_series_outcome_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_series_outcome")),
        sa.UniqueConstraint("clinic_id", "couple_id", "partner_id", "measure_code", "scale", name="uq_series_outcome_series"),
    )
    with op.batch_alter_table("series_outcome", schema=None) as batch_op:
        batch_op.create_index("ix_series_outcome_counted", SERIES_COUNTED, unique=False)

    op.create_table(
        "followed",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("of_safety", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("filled_to", sa.Uuid(), nullable=True),
        sa.Column("is_filled", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "of_safety", name=op.f("pk_followed")),
    )
    for table in TABLES:
        protect(table, service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.drop_table("followed")
    with op.batch_alter_table("series_outcome", schema=None) as batch_op:
        batch_op.drop_index("ix_series_outcome_counted")

    op.drop_table("series_outcome")
    with op.batch_alter_table("couple_standing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_couple_standing_clinic_id_of_safety_fresh_until"))
        batch_op.drop_index("ix_couple_standing_counted")
        batch_op.drop_index("ix_couple_standing_worst_first")

    op.drop_table("couple_standing")
