"""let partners choose what they share and agree on secrets."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "secrets_agreement",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=32), nullable=False),
        sa.Column("text_version", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("proposed_by_kind", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_secrets_agreement_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_secrets_agreement")),
        sa.UniqueConstraint("clinic_id", "couple_id", "number", name=op.f("uq_secrets_agreement_clinic_id_couple_id_number")),
    )
    op.create_table(
        "secrets_signature",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("told", sa.String(length=16), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=16), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "agreement_id"],
            ["secrets_agreement.clinic_id", "secrets_agreement.id"],
            name=op.f("fk_secrets_signature_clinic_id_agreement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_secrets_signature_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_secrets_signature_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_secrets_signature")),
        sa.UniqueConstraint(
            "clinic_id", "agreement_id", "partner_id", name=op.f("uq_secrets_signature_clinic_id_agreement_id_partner_id")
        ),
    )
    op.create_table(
        "sharing_choice",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("told", sa.String(length=16), nullable=False),
        sa.Column("chosen_at", Moment(), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=16), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_sharing_choice_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_sharing_choice_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sharing_choice")),
    )
    with op.batch_alter_table("sharing_choice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sharing_choice_clinic_id_couple_id_compartment_id"),
            ["clinic_id", "couple_id", "compartment", "id"],
            unique=False,
        )
    for table in ("sharing_choice", "secrets_agreement", "secrets_signature"):
        protect(table, service_role, append_only=True)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("sharing_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sharing_choice_clinic_id_couple_id_compartment_id"))

    op.drop_table("sharing_choice")
    op.drop_table("secrets_signature")
    op.drop_table("secrets_agreement")
