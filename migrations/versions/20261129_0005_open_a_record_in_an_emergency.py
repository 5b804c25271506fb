"""open a record in an emergency."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade(service_role: str) -> None:
    op.create_table(
        "break_glass",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"], ["couple.clinic_id", "couple.id"], name=op.f("fk_break_glass_clinic_id_couple_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_break_glass_clinic_id_member_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_break_glass")),
    )
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_break_glass_clinic_id_couple_id_id"), ["clinic_id", "couple_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_break_glass_clinic_id_member_id_opened_at"), ["clinic_id", "member_id", "opened_at"], unique=False
        )

    op.create_table(
        "break_glass_review",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("break_glass_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "break_glass_id"],
            ["break_glass.clinic_id", "break_glass.id"],
            name=op.f("fk_break_glass_review_clinic_id_break_glass_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reviewed_by"],
            ["member.clinic_id", "member.id"],
            name=op.f("fk_break_glass_review_clinic_id_reviewed_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_break_glass_review")),
        sa.UniqueConstraint("clinic_id", "break_glass_id", name=op.f("uq_break_glass_review_clinic_id_break_glass_id")),
    )
    for table in ("break_glass", "break_glass_review"):
        protect(table, service_role, append_only=True)


def downgrade() -> None:
    op.drop_table("break_glass_review")
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_break_glass_clinic_id_member_id_opened_at"))
        batch_op.drop_index(batch_op.f("ix_break_glass_clinic_id_couple_id_id"))

    op.drop_table("break_glass")
