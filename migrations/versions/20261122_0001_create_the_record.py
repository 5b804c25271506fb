"""create the record."""

import sqlalchemy as sa
from alembic import op

from app.core.commit_order import THIS_TRANSACTION
from app.core.database import Moment
from migrations.protection import let_read_revision, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RECORD = (
    "clinic",
    "couple",
    "integration",
    "member",
    "norm_set",
    "protocol_threshold",
    "signing_key",
    "stored_answer",
    "care_team_member",
    "clearance",
    "credential",
    "episode",
    "partner",
    "concern",
    "consent",
    "diagnosis",
    "menu_reveal",
    "menu_sheet",
    "red_flag",
    "safety_screen",
    "safety_signal",
    "session_note",
    "concern_rating",
    "homework_plan",
    "assignment",
    "check_in",
    "partner_link",
)
APPEND_ONLY = (
    "addendum",
    "administration",
    "concern_framing",
    "diagnosis_status",
    "exclusion_override",
    "ledger_event",
    "licence_attestation",
    "licence_revocation",
    "measure_form",
    "menu",
    "menu_seed",
    "partner_link_use",
    "plan_transition",
    "precondition_record",
    "private_answer",
    "protocol_document",
    "protocol_retirement",
    "score",
    "stage_decision",
)


def upgrade(service_role: str) -> None:
    op.create_table(
        "clinic",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_clinic")),
    )
    op.create_table(
        "couple",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("archived_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_couple")),
        sa.UniqueConstraint("clinic_id", "external_id", name=op.f("uq_couple_clinic_id_external_id")),
    )
    op.create_table(
        "integration",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_integration")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("uq_integration_clinic_id_name")),
    )
    op.create_table(
        "ledger_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.String(length=16), nullable=True),
        sa.Column("credential_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=True),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("aim", sa.String(length=8), nullable=True),
        sa.Column("break_glass_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ledger_event")),
    )
    with op.batch_alter_table("ledger_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_event_clinic_id_actor_id_id"), ["clinic_id", "actor_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_event_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_event_clinic_id_position_id"), ["clinic_id", "position", "id"], unique=False
        )

    op.create_table(
        "member",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("competence", sa.String(length=2), nullable=False),
        sa.Column("competence_attested_by", sa.Uuid(), nullable=True),
        sa.Column("competence_attested_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "competence_attested_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_member_clinic_id_competence_attested_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("clinic_id", "login", name=op.f("uq_member_clinic_id_login")),
    )
    op.create_table(
        "norm_set",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sd", sa.Double(), nullable=False),
        sa.Column("clinical_mean", sa.Double(), nullable=True),
        sa.Column("functional_mean", sa.Double(), nullable=True),
        sa.Column("functional_sd", sa.Double(), nullable=True),
        sa.Column("reliability", sa.Double(), nullable=False),
        sa.Column("reliability_kind", sa.String(length=16), nullable=False),
        sa.Column("post_sd", sa.Double(), nullable=True),
        sa.Column("post_reliability", sa.Double(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_kind", sa.String(length=16), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("retired_by_kind", sa.String(length=16), nullable=True),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.Column("retired_because", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_norm_set")),
    )
    with op.batch_alter_table("norm_set", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_norm_set_clinic_id_measure_code_id"), ["clinic_id", "measure_code", "id"], unique=False
        )

    op.create_table(
        "protocol_document",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=64), nullable=False),
        sa.Column("protocol_version", sa.String(length=20), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_kind", sa.String(length=16), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol_document")),
        sa.UniqueConstraint(
            "clinic_id", "protocol", "protocol_version", name=op.f("uq_protocol_document_clinic_id_protocol_protocol_version")
        ),
    )
    op.create_table(
        "protocol_retirement",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("retired_by_kind", sa.String(length=16), nullable=False),
        sa.Column("retired_by", sa.Uuid(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol_retirement")),
        sa.UniqueConstraint("clinic_id", "protocol", name=op.f("uq_protocol_retirement_clinic_id_protocol")),
    )
    op.create_table(
        "protocol_threshold",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=64), nullable=False),
        sa.Column("protocol_version", sa.String(length=20), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("set_by_kind", sa.String(length=16), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol_threshold")),
        sa.UniqueConstraint(
            "clinic_id", "protocol", "protocol_version", name=op.f("uq_protocol_threshold_clinic_id_protocol_protocol_version")
        ),
    )
    op.create_table(
        "signing_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_signing_key")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_clinic_id_purpose_id"), ["clinic_id", "purpose", "id"], unique=False)

    op.create_table(
        "stored_answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_stored_answer")),
        sa.UniqueConstraint(
            "clinic_id", "credential_id", "key_hash", name=op.f("uq_stored_answer_clinic_id_credential_id_key_hash")
        ),
    )
    with op.batch_alter_table("stored_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_answer_clinic_id_expires_at"), ["clinic_id", "expires_at"], unique=False)

    op.create_table(
        "care_team_member",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_care_team_member_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_care_team_member_clinic_id_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "granted_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_care_team_member_clinic_id_granted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ended_by"], ["member.clinic_id", "member.id"], name=op.f("fk_care_team_member_clinic_id_ended_by")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_care_team_member")),
    )
    with op.batch_alter_table("care_team_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_care_team_member_clinic_id_couple_id_member_id"),
            ["clinic_id", "couple_id", "member_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_care_team_member_clinic_id_member_id_couple_id"),
            ["clinic_id", "member_id", "couple_id"],
            unique=False,
        )

    op.create_table(
        "clearance",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("interviewed_a_on", sa.Date(), nullable=True),
        sa.Column("interviewed_b_on", sa.Date(), nullable=True),
        sa.Column("blockers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_clearance_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decided_by"], ["member.clinic_id", "member.id"], name=op.f("fk_clearance_clinic_id_decided_by")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_clearance")),
    )
    with op.batch_alter_table("clearance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clearance_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("integration_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.CheckConstraint("(member_id IS NULL) <> (integration_id IS NULL)", name=op.f("ck_credential_one_holder")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "integration_id"],
            ["integration.clinic_id", "integration.id"],
            name=op.f("fk_credential_clinic_id_integration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_credential_clinic_id_member_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_credential")),
    )
    op.create_table(
        "episode",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_episode_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_episode")),
    )
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.create_index(
            "one_open_episode",
            ["clinic_id", "couple_id"],
            unique=True,
            postgresql_where=sa.text("closed_on IS NULL"),
            sqlite_where=sa.text("closed_on IS NULL"),
        )

    op.create_table(
        "licence_attestation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("attested_by", sa.Uuid(), nullable=False),
        sa.Column("attested_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "attested_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_licence_attestation_clinic_id_attested_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_licence_attestation")),
    )
    with op.batch_alter_table("licence_attestation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_licence_attestation_clinic_id_measure_code_id"), ["clinic_id", "measure_code", "id"], unique=False
        )

    op.create_table(
        "menu",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("menu_version", sa.String(length=16), nullable=False),
        sa.Column("own_items", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_menu_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_menu")),
    )
    with op.batch_alter_table("menu", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_menu_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False)

    op.create_table(
        "menu_seed",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_menu_seed_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_menu_seed")),
        sa.UniqueConstraint("clinic_id", "couple_id", name=op.f("uq_menu_seed_clinic_id_couple_id")),
    )
    op.create_table(
        "partner",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.String(length=1), nullable=False),
        sa.Column("record_number", sa.String(length=128), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_partner_clinic_id_couple_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_partner")),
        sa.UniqueConstraint("clinic_id", "couple_id", "slot", name=op.f("uq_partner_clinic_id_couple_id_slot")),
        sa.UniqueConstraint("clinic_id", "record_number", name=op.f("uq_partner_clinic_id_record_number")),
    )
    op.create_table(
        "administration",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("measure_version", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=16), nullable=False),
        sa.Column("recall_starts_on", sa.Date(), nullable=True),
        sa.Column("recall_ends_on", sa.Date(), nullable=False),
        sa.Column("scored_elsewhere", sa.Boolean(), nullable=False),
        sa.Column("validity", sa.String(length=32), nullable=False),
        sa.Column("prorated", sa.Boolean(), nullable=False),
        sa.Column("scoring_version", sa.String(length=16), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_administration_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "episode_id"],
            ["episode.clinic_id", "episode.id"],
            name=op.f("fk_administration_clinic_id_episode_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_administration_clinic_id_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "supersedes_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_administration_clinic_id_supersedes_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_administration")),
        sa.UniqueConstraint("clinic_id", "external_id", name=op.f("uq_administration_clinic_id_external_id")),
        sa.UniqueConstraint("clinic_id", "supersedes_id", name=op.f("uq_administration_clinic_id_supersedes_id")),
    )
    with op.batch_alter_table("administration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_administration_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "concern",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("bearer", sa.String(length=16), nullable=False),
        sa.Column("contributing_factors", sa.JSON(), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("added_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_concern_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "episode_id"], ["episode.clinic_id", "episode.id"], name=op.f("fk_concern_clinic_id_episode_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_concern")),
    )
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_concern_clinic_id_couple_id_episode_id"), ["clinic_id", "couple_id", "episode_id"], unique=False
        )

    op.create_table(
        "consent",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("protocol", sa.String(length=64), nullable=True),
        sa.Column("protocol_version", sa.String(length=20), nullable=True),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.Column("text_version", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_consent_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_consent_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "diagnosis",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("concern", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("onset", sa.String(length=16), nullable=True),
        sa.Column("context", sa.String(length=16), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=True),
        sa.Column("contributing_factors", sa.JSON(), nullable=False),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_diagnosis_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_diagnosis_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_diagnosis")),
    )
    with op.batch_alter_table("diagnosis", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_diagnosis_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "licence_revocation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attestation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "attestation_id"],
            ["licence_attestation.clinic_id", "licence_attestation.id"],
            name=op.f("fk_licence_revocation_clinic_id_attestation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "revoked_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_licence_revocation_clinic_id_revoked_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_licence_revocation")),
        sa.UniqueConstraint("clinic_id", "attestation_id", name=op.f("uq_licence_revocation_clinic_id_attestation_id")),
    )
    op.create_table(
        "measure_form",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("measure_version", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("wording", sa.LargeBinary(), nullable=False),
        sa.Column("attestation_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by_member", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by_integration", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "attestation_id"],
            ["licence_attestation.clinic_id", "licence_attestation.id"],
            name=op.f("fk_measure_form_clinic_id_attestation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "uploaded_by_integration"],
            ["integration.clinic_id", "integration.id"],
            name=op.f("fk_measure_form_clinic_id_uploaded_by_integration"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "uploaded_by_member"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_measure_form_clinic_id_uploaded_by_member"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_measure_form")),
        sa.UniqueConstraint(
            "clinic_id",
            "measure_code",
            "language",
            "edition",
            name=op.f("uq_measure_form_clinic_id_measure_code_language_edition"),
        ),
    )
    with op.batch_alter_table("measure_form", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_measure_form_clinic_id_measure_code_id"), ["clinic_id", "measure_code", "id"], unique=False
        )

    op.create_table(
        "menu_reveal",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("menu_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("items", sa.LargeBinary(), nullable=False),
        sa.Column("revealed_at", Moment(), nullable=False),
        sa.Column("shown_until", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_menu_reveal_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "menu_id"], ["menu.clinic_id", "menu.id"], name=op.f("fk_menu_reveal_clinic_id_menu_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_menu_reveal")),
        sa.UniqueConstraint("clinic_id", "couple_id", "number", name=op.f("uq_menu_reveal_clinic_id_couple_id_number")),
    )
    op.create_table(
        "menu_sheet",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("menu_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("agreed_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_menu_sheet_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "menu_id"], ["menu.clinic_id", "menu.id"], name=op.f("fk_menu_sheet_clinic_id_menu_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_menu_sheet_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_menu_sheet")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "menu_id", "partner_id", name=op.f("uq_menu_sheet_clinic_id_couple_id_menu_id_partner_id")
        ),
    )
    op.create_table(
        "precondition_record",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_precondition_record_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_precondition_record_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_precondition_record")),
    )
    with op.batch_alter_table("precondition_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_precondition_record_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "red_flag",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("cleared_at", Moment(), nullable=True),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("clearing_reason", sa.LargeBinary(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_red_flag_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_red_flag_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_red_flag")),
    )
    with op.batch_alter_table("red_flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_red_flag_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False)

    op.create_table(
        "safety_screen",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("measure_version", sa.String(length=16), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_safety_screen_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_safety_screen_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_safety_screen")),
    )
    with op.batch_alter_table("safety_screen", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_safety_screen_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "safety_signal",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("response", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("review_note", sa.LargeBinary(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_safety_signal_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_safety_signal_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_safety_signal")),
    )
    with op.batch_alter_table("safety_signal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_safety_signal_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_safety_signal_clinic_id_couple_id_source_id"), ["clinic_id", "couple_id", "source_id"], unique=False
        )

    op.create_table(
        "session_note",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("minutes_by_topic", sa.JSON(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("drafts", sa.Integer(), nullable=False),
        sa.Column("addenda", sa.Integer(), nullable=False),
        sa.Column("late_entry", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_as", sa.String(length=200), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("signing_key_id", sa.Uuid(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("co_signature_wanted", sa.Boolean(), nullable=False),
        sa.Column("locks_at", Moment(), nullable=True),
        sa.Column("co_signed_at", Moment(), nullable=True),
        sa.Column("co_signed_by", sa.Uuid(), nullable=True),
        sa.Column("co_signed_as", sa.String(length=200), nullable=True),
        sa.Column("co_signing_key_id", sa.Uuid(), nullable=True),
        sa.Column("co_signature", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "author_id"], ["member.clinic_id", "member.id"], name=op.f("fk_session_note_clinic_id_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_session_note_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_session_note_clinic_id_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "signed_by"], ["member.clinic_id", "member.id"], name=op.f("fk_session_note_clinic_id_signed_by")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "co_signed_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_session_note_clinic_id_co_signed_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_session_note")),
    )
    with op.batch_alter_table("session_note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_note_clinic_id_couple_id_held_on"), ["clinic_id", "couple_id", "held_on"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_session_note_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "addendum",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("signing_key_id", sa.Uuid(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "author_id"], ["member.clinic_id", "member.id"], name=op.f("fk_addendum_clinic_id_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_addendum_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "note_id"], ["session_note.clinic_id", "session_note.id"], name=op.f("fk_addendum_clinic_id_note_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_addendum_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_addendum")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "note_id", "number", name=op.f("uq_addendum_clinic_id_couple_id_note_id_number")
        ),
    )

    op.create_table(
        "concern_framing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "concern_id"],
            ["concern.clinic_id", "concern.id"],
            name=op.f("fk_concern_framing_clinic_id_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_concern_framing_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_concern_framing_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_concern_framing")),
    )
    with op.batch_alter_table("concern_framing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_concern_framing_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "concern_rating",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("distressed", sa.Boolean(), nullable=False),
        sa.Column("rated_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "concern_id"],
            ["concern.clinic_id", "concern.id"],
            name=op.f("fk_concern_rating_clinic_id_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_concern_rating_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_concern_rating")),
    )
    with op.batch_alter_table("concern_rating", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_concern_rating_clinic_id_couple_id_concern_id_rated_at"),
            ["clinic_id", "couple_id", "concern_id", "rated_at"],
            unique=False,
        )

    op.create_table(
        "diagnosis_status",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_diagnosis_status_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "diagnosis_id"],
            ["diagnosis.clinic_id", "diagnosis.id"],
            name=op.f("fk_diagnosis_status_clinic_id_diagnosis_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_diagnosis_status")),
    )
    with op.batch_alter_table("diagnosis_status", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_diagnosis_status_clinic_id_couple_id_diagnosis_id"),
            ["clinic_id", "couple_id", "diagnosis_id"],
            unique=False,
        )

    op.create_table(
        "exclusion_override",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_id", sa.Uuid(), nullable=False),
        sa.Column("other_diagnosis_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_exclusion_override_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "diagnosis_id"],
            ["diagnosis.clinic_id", "diagnosis.id"],
            name=op.f("fk_exclusion_override_clinic_id_diagnosis_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "other_diagnosis_id"],
            ["diagnosis.clinic_id", "diagnosis.id"],
            name=op.f("fk_exclusion_override_clinic_id_other_diagnosis_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_exclusion_override_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exclusion_override")),
    )
    with op.batch_alter_table("exclusion_override", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exclusion_override_clinic_id_couple_id_partner_id"),
            ["clinic_id", "couple_id", "partner_id"],
            unique=False,
        )

    op.create_table(
        "homework_plan",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("practising_partner_id", sa.Uuid(), nullable=True),
        sa.Column("protocol", sa.String(length=64), nullable=False),
        sa.Column("protocol_version", sa.String(length=20), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("opened_by_kind", sa.String(length=16), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "concern_id"], ["concern.clinic_id", "concern.id"], name=op.f("fk_homework_plan_clinic_id_concern_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_homework_plan_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "episode_id"], ["episode.clinic_id", "episode.id"], name=op.f("fk_homework_plan_clinic_id_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "practising_partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_homework_plan_clinic_id_practising_partner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_homework_plan_clinic_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_homework_plan")),
    )
    with op.batch_alter_table("homework_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_homework_plan_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )

    op.create_table(
        "score",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("administration_id", sa.Uuid(), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("prorated", sa.Boolean(), nullable=False),
        sa.Column("standard_error", sa.Double(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administration_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_score_clinic_id_administration_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_score")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_score_clinic_id_couple_id_administration_id"),
            ["clinic_id", "couple_id", "administration_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_score_series",
            [
                "clinic_id",
                "couple_id",
                "partner_id",
                "measure_code",
                "scale",
                "answered_at",
                "id",
                "compartment",
                "administration_id",
                "value",
                "reason",
                "prorated",
                "standard_error",
            ],
            unique=False,
        )

    op.create_table(
        "assignment",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("plissit", sa.String(length=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("occasions", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("shown_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_assignment_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_assignment_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignment_clinic_id_couple_id_plan_id_id"),
            ["clinic_id", "couple_id", "plan_id", "id"],
            unique=False,
        )

    op.create_table(
        "plan_transition",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("stopped_by", sa.Uuid(), nullable=True),
        sa.Column("shown_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_plan_transition_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_plan_transition_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_transition")),
        sa.UniqueConstraint(
            "clinic_id",
            "couple_id",
            "plan_id",
            "compartment",
            "number",
            name=op.f("uq_plan_transition_clinic_id_couple_id_plan_id_compartment_number"),
        ),
    )
    op.create_table(
        "stage_decision",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("next_stage", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("override_reason", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_stage_decision_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decided_by"], ["member.clinic_id", "member.id"], name=op.f("fk_stage_decision_clinic_id_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_stage_decision_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_stage_decision")),
    )
    with op.batch_alter_table("stage_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stage_decision_clinic_id_couple_id_plan_id_id"),
            ["clinic_id", "couple_id", "plan_id", "id"],
            unique=False,
        )

    op.create_table(
        "check_in",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("done", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "assignment_id"],
            ["assignment.clinic_id", "assignment.id"],
            name=op.f("fk_check_in_clinic_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_check_in_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_check_in_clinic_id_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_check_in_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "clinic_id",
            "couple_id",
            "assignment_id",
            "partner_id",
            "occurred_at",
            name=op.f("uq_check_in_clinic_id_couple_id_assignment_id_partner_id_occurred_at"),
        ),
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_in_clinic_id_couple_id_plan_id_occurred_at"),
            ["clinic_id", "couple_id", "plan_id", "occurred_at"],
            unique=False,
        )

    op.create_table(
        "partner_link",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("measure_code", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("consent_kind", sa.String(length=16), nullable=True),
        sa.Column("protocol", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.Column("text_version", sa.String(length=200), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by_kind", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "assignment_id"],
            ["assignment.clinic_id", "assignment.id"],
            name=op.f("fk_partner_link_clinic_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_partner_link_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_partner_link_clinic_id_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_partner_link_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_partner_link")),
    )
    with op.batch_alter_table("partner_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partner_link_clinic_id_couple_id_partner_id_id"),
            ["clinic_id", "couple_id", "partner_id", "id"],
            unique=False,
        )

    op.create_table(
        "partner_link_use",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_partner_link_use_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "link_id"],
            ["partner_link.clinic_id", "partner_link.id"],
            name=op.f("fk_partner_link_use_clinic_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_partner_link_use_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_partner_link_use")),
        sa.UniqueConstraint("clinic_id", "couple_id", "link_id", name=op.f("uq_partner_link_use_clinic_id_couple_id_link_id")),
    )
    op.create_table(
        "private_answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "check_in_id"],
            ["check_in.clinic_id", "check_in.id"],
            name=op.f("fk_private_answer_clinic_id_check_in_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_private_answer_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"],
            ["partner.clinic_id", "partner.id"],
            name=op.f("fk_private_answer_clinic_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_private_answer")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "check_in_id", name=op.f("uq_private_answer_clinic_id_couple_id_check_in_id")
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE ledger_event ALTER position SET DEFAULT {THIS_TRANSACTION}")
    for table in RECORD:
        protect(table, service_role)
    for table in APPEND_ONLY:
        protect(table, service_role, append_only=True)
    let_read_revision(service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.drop_table("private_answer")
    op.drop_table("partner_link_use")
    with op.batch_alter_table("partner_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_link_clinic_id_couple_id_partner_id_id"))

    op.drop_table("partner_link")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_in_clinic_id_couple_id_plan_id_occurred_at"))

    op.drop_table("check_in")
    with op.batch_alter_table("stage_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_decision_clinic_id_couple_id_plan_id_id"))

    op.drop_table("stage_decision")
    op.drop_table("plan_transition")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_clinic_id_couple_id_plan_id_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index("ix_score_series")
        batch_op.drop_index(batch_op.f("ix_score_clinic_id_couple_id_administration_id"))

    op.drop_table("score")
    with op.batch_alter_table("homework_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_homework_plan_clinic_id_couple_id_id"))

    op.drop_table("homework_plan")
    with op.batch_alter_table("exclusion_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_override_clinic_id_couple_id_partner_id"))

    op.drop_table("exclusion_override")
    with op.batch_alter_table("diagnosis_status", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diagnosis_status_clinic_id_couple_id_diagnosis_id"))

    op.drop_table("diagnosis_status")
    with op.batch_alter_table("concern_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_concern_rating_clinic_id_couple_id_concern_id_rated_at"))

    op.drop_table("concern_rating")
    with op.batch_alter_table("concern_framing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_concern_framing_clinic_id_couple_id_partner_id_id"))

    op.drop_table("concern_framing")
    op.drop_table("addendum")
    with op.batch_alter_table("session_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_note_clinic_id_couple_id_id"))
        batch_op.drop_index(batch_op.f("ix_session_note_clinic_id_couple_id_held_on"))

    op.drop_table("session_note")
    with op.batch_alter_table("safety_signal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_safety_signal_clinic_id_couple_id_source_id"))
        batch_op.drop_index(batch_op.f("ix_safety_signal_clinic_id_couple_id_id"))

    op.drop_table("safety_signal")
    with op.batch_alter_table("safety_screen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_safety_screen_clinic_id_couple_id_partner_id_id"))

    op.drop_table("safety_screen")
    with op.batch_alter_table("red_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_red_flag_clinic_id_couple_id_id"))

    op.drop_table("red_flag")
    with op.batch_alter_table("precondition_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_precondition_record_clinic_id_couple_id_id"))

    op.drop_table("precondition_record")
    op.drop_table("menu_sheet")
    op.drop_table("menu_reveal")
    with op.batch_alter_table("measure_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measure_form_clinic_id_measure_code_id"))

    op.drop_table("measure_form")
    op.drop_table("licence_revocation")
    with op.batch_alter_table("diagnosis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diagnosis_clinic_id_couple_id_partner_id_id"))

    op.drop_table("diagnosis")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_clinic_id_couple_id_partner_id_id"))

    op.drop_table("consent")
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_concern_clinic_id_couple_id_episode_id"))

    op.drop_table("concern")
    with op.batch_alter_table("administration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_administration_clinic_id_couple_id_partner_id_id"))

    op.drop_table("administration")
    op.drop_table("partner")
    op.drop_table("menu_seed")
    with op.batch_alter_table("menu", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_menu_clinic_id_couple_id_id"))

    op.drop_table("menu")
    with op.batch_alter_table("licence_attestation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_attestation_clinic_id_measure_code_id"))

    op.drop_table("licence_attestation")
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_episode", postgresql_where=sa.text("closed_on IS NULL"), sqlite_where=sa.text("closed_on IS NULL")
        )

    op.drop_table("episode")
    op.drop_table("credential")
    with op.batch_alter_table("clearance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clearance_clinic_id_couple_id_id"))

    op.drop_table("clearance")
    with op.batch_alter_table("care_team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_team_member_clinic_id_member_id_couple_id"))
        batch_op.drop_index(batch_op.f("ix_care_team_member_clinic_id_couple_id_member_id"))

    op.drop_table("care_team_member")
    with op.batch_alter_table("stored_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_answer_clinic_id_expires_at"))

    op.drop_table("stored_answer")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_key_clinic_id_purpose_id"))

    op.drop_table("signing_key")
    op.drop_table("protocol_threshold")
    op.drop_table("protocol_retirement")
    op.drop_table("protocol_document")
    with op.batch_alter_table("norm_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_norm_set_clinic_id_measure_code_id"))

    op.drop_table("norm_set")
    op.drop_table("member")
    with op.batch_alter_table("ledger_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_event_clinic_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_event_clinic_id_couple_id_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_event_clinic_id_actor_id_id"))

    op.drop_table("ledger_event")
    op.drop_table("integration")
    op.drop_table("couple")
    op.drop_table("clinic")
