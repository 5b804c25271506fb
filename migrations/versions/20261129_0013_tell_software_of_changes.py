"""tell software of changes."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("disabled_for", sa.String(length=16), nullable=True),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "integration_id"],
            ["integration.clinic_id", "integration.id"],
            name=op.f("fk_webhook_endpoint_clinic_id_integration_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index(
        op.f("ix_webhook_endpoint_clinic_id_integration_id_id"), "webhook_endpoint", ["clinic_id", "integration_id", "id"]
    )
    op.create_table(
        "webhook_secret",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "endpoint_id"],
            ["webhook_endpoint.clinic_id", "webhook_endpoint.id"],
            name=op.f("fk_webhook_secret_clinic_id_endpoint_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_secret")),
    )
    op.create_index(op.f("ix_webhook_secret_clinic_id_endpoint_id_id"), "webhook_secret", ["clinic_id", "endpoint_id", "id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(length=64), nullable=False),
        sa.Column("changed_id", sa.String(length=40), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=True),
        sa.Column("leased_until", Moment(), nullable=True),
        sa.Column("last_attempt_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("answer_status", sa.Integer(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "endpoint_id"],
            ["webhook_endpoint.clinic_id", "webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_clinic_id_endpoint_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_delivery")),
    )
    for columns in (["endpoint_id", "id"], ["status", "next_attempt_at"], ["ended_at"]):
        name = "ix_webhook_delivery_" + "_".join(["clinic_id", *columns])
        op.create_index(op.f(name), "webhook_delivery", ["clinic_id", *columns])
    op.create_table(
        "webhook_followed",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_followed")),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_webhook_followed_clinic_id")),
    )
    for table in ("webhook_endpoint", "webhook_secret", "webhook_delivery", "webhook_followed"):
        protect(table, service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    for table in ("webhook_followed", "webhook_delivery", "webhook_secret", "webhook_endpoint"):
        op.drop_table(table)
