"""let records leave and end."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import keep_erasures_from_deleting, let_erasures_delete, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RECORD = ("erasure", "legal_hold", "access_copy", "authorisation", "release_flag")
APPEND_ONLY = ("retention_rule", "retention_fact", "disclosure", "authorisation_signature", "authorisation_step")


def upgrade(service_role: str) -> None:
    op.create_table(
        "erasure",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=True),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("asked_by", sa.String(length=16), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("refused_at", Moment(), nullable=True),
        sa.Column("refused_until", sa.Date(), nullable=True),
        sa.Column("restricted_at", Moment(), nullable=True),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("shredded_at", Moment(), nullable=True),
        sa.Column("shredded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("deleting", sa.String(length=8), nullable=True),
        sa.Column("proof", sa.JSON(), nullable=True),
        sa.Column("proof_signature", sa.LargeBinary(), nullable=True),
        sa.Column("proof_key_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False)

    op.create_table(
        "retention_rule",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.String(length=16), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("years_of_age", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_retention_rule")),
    )
    with op.batch_alter_table("retention_rule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_retention_rule_clinic_id_jurisdiction_id"), ["clinic_id", "jurisdiction", "id"], unique=False
        )

    op.create_table(
        "legal_hold",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifting_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_legal_hold_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_legal_hold")),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_legal_hold_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "retention_fact",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdictions", sa.JSON(), nullable=False),
        sa.Column("of_age_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_retention_fact_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_retention_fact")),
    )
    with op.batch_alter_table("retention_fact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_retention_fact_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "access_copy",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", Moment(), nullable=True),
        sa.Column("extension", sa.LargeBinary(), nullable=True),
        sa.Column("authorisations", sa.JSON(), nullable=False),
        sa.Column("prepared_at", Moment(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("handed_over_at", Moment(), nullable=True),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("denied_at", Moment(), nullable=True),
        sa.Column("denied_by", sa.Uuid(), nullable=True),
        sa.Column("denial", sa.LargeBinary(), nullable=True),
        sa.Column("reopened_at", Moment(), nullable=True),
        sa.Column("reopened_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_access_copy_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_access_copy_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_access_copy")),
    )
    with op.batch_alter_table("access_copy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_access_copy_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "authorisation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_kind", sa.String(length=24), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by_kind", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_authorisation_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_authorisation_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_authorisation")),
    )
    with op.batch_alter_table("authorisation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_authorisation_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "disclosure",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_kind", sa.String(length=24), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("authorisations", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("disclosed_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=16), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_disclosure_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_disclosure_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_disclosure")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disclosure_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "release_flag",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("against", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifting_reason", sa.LargeBinary(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_release_flag_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_release_flag_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_release_flag")),
    )
    with op.batch_alter_table("release_flag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_release_flag_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "authorisation_signature",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("own_kinds", sa.JSON(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "authorisation_id"],
            ["authorisation.clinic_id", "authorisation.id"],
            name=op.f("fk_authorisation_signature_clinic_id_authorisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_authorisation_signature_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_authorisation_signature_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_authorisation_signature")),
        sa.UniqueConstraint(
            "clinic_id",
            "authorisation_id",
            "partner_id",
            name=op.f("uq_authorisation_signature_clinic_id_authorisation_id_partner_id"),
        ),
    )
    op.create_table(
        "authorisation_step",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "authorisation_id"],
            ["authorisation.clinic_id", "authorisation.id"],
            name=op.f("fk_authorisation_step_clinic_id_authorisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_authorisation_step_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_authorisation_step_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_authorisation_step")),
    )
    with op.batch_alter_table("authorisation_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_authorisation_step_clinic_id_couple_id_authorisation_id_id"),
            ["clinic_id", "couple_id", "authorisation_id", "id"],
            unique=False,
        )
    for table in RECORD:
        protect(table, service_role)
    for table in APPEND_ONLY:
        protect(table, service_role, append_only=True)
    let_erasures_delete(service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    keep_erasures_from_deleting()
    with op.batch_alter_table("authorisation_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authorisation_step_clinic_id_couple_id_authorisation_id_id"))

    op.drop_table("authorisation_step")
    op.drop_table("authorisation_signature")
    with op.batch_alter_table("release_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_flag_clinic_id_couple_id_id"))

    op.drop_table("release_flag")
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_clinic_id_couple_id_id"))

    op.drop_table("disclosure")
    with op.batch_alter_table("authorisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authorisation_clinic_id_couple_id_id"))

    op.drop_table("authorisation")
    with op.batch_alter_table("access_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_copy_clinic_id_couple_id_partner_id_id"))

    op.drop_table("access_copy")
    with op.batch_alter_table("retention_fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_fact_clinic_id_couple_id_id"))

    op.drop_table("retention_fact")
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_hold_clinic_id_couple_id_id"))

    op.drop_table("legal_hold")
    with op.batch_alter_table("retention_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_rule_clinic_id_jurisdiction_id"))

    op.drop_table("retention_rule")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_clinic_id_couple_id_id"))

    op.drop_table("erasure")
