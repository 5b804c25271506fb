"""keep note versions and psychotherapy notes."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "psychotherapy_file",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "author_id"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_psychotherapy_file_clinic_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_psychotherapy_file_clinic_id_couple_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_psychotherapy_file")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "author_id", name=op.f("uq_psychotherapy_file_clinic_id_couple_id_author_id")
        ),
    )
    op.create_table(
        "psychotherapy_grant",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("psychotherapy_file_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_psychotherapy_grant_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_psychotherapy_grant_clinic_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "psychotherapy_file_id"],
            ["psychotherapy_file.clinic_id", "psychotherapy_file.id"],
            name=op.f("fk_psychotherapy_grant_clinic_id_psychotherapy_file_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_psychotherapy_grant")),
    )
    with op.batch_alter_table("psychotherapy_grant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_psychotherapy_grant_clinic_id_member_id"), ["clinic_id", "member_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_psychotherapy_grant_clinic_id_psychotherapy_file_id_id"),
            ["clinic_id", "psychotherapy_file_id", "id"],
            unique=False,
        )

    op.create_table(
        "psychotherapy_note",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("psychotherapy_file_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_psychotherapy_note_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "psychotherapy_file_id"],
            ["psychotherapy_file.clinic_id", "psychotherapy_file.id"],
            name=op.f("fk_psychotherapy_note_clinic_id_psychotherapy_file_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_psychotherapy_note")),
    )
    with op.batch_alter_table("psychotherapy_note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_psychotherapy_note_clinic_id_psychotherapy_file_id_id"),
            ["clinic_id", "psychotherapy_file_id", "id"],
            unique=False,
        )

    op.create_table(
        "note_version",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("consents_reviewed", sa.JSON(), nullable=False),
        sa.Column("screens_reviewed", sa.JSON(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_note_version_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "note_id"],
            ["session_note.clinic_id", "session_note.id"],
            name=op.f("fk_note_version_clinic_id_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "partner_id"], ["partner.clinic_id", "partner.id"], name=op.f("fk_note_version_clinic_id_partner_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_note_version")),
        sa.UniqueConstraint(
            "clinic_id", "couple_id", "note_id", "number", name=op.f("uq_note_version_clinic_id_couple_id_note_id_number")
        ),
    )
    for table in ("psychotherapy_file", "psychotherapy_grant", "psychotherapy_note"):
        protect(table, service_role)
    protect("note_version", service_role, append_only=True)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    op.drop_table("note_version")
    with op.batch_alter_table("psychotherapy_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_psychotherapy_note_clinic_id_psychotherapy_file_id_id"))

    op.drop_table("psychotherapy_note")
    with op.batch_alter_table("psychotherapy_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_psychotherapy_grant_clinic_id_psychotherapy_file_id_id"))
        batch_op.drop_index(batch_op.f("ix_psychotherapy_grant_clinic_id_member_id"))

    op.drop_table("psychotherapy_grant")
    op.drop_table("psychotherapy_file")
