"""let members sign in and software prove itself."""

import sqlalchemy as sa
from alembic import op

from app.core.database import Moment
from migrations.protection import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "password_try",
    "member_password",
    "sign_in",
)


def upgrade(service_role: str) -> None:
    op.create_table(
        "password_try",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_tag", sa.String(length=64), nullable=False),
        sa.Column("tried_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_password_try")),
    )
    with op.batch_alter_table("password_try", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_password_try_clinic_id_login_tag_tried_at"), ["clinic_id", "login_tag", "tried_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_password_try_clinic_id_tried_at"), ["clinic_id", "tried_at"], unique=False)

    op.create_table(
        "member_password",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_member_password_clinic_id_member_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_member_password")),
        sa.UniqueConstraint("clinic_id", "member_id", name=op.f("uq_member_password_clinic_id_member_id")),
    )
    op.create_table(
        "sign_in",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("proven_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_sign_in_clinic_id_member_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_clinic_id_member_id_id"), ["clinic_id", "member_id", "id"], unique=False)

    for table in TABLES:
        protect(table, service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_clinic_id_member_id_id"))

    op.drop_table("sign_in")
    op.drop_table("member_password")
    with op.batch_alter_table("password_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_try_clinic_id_tried_at"))
        batch_op.drop_index(batch_op.f("ix_password_try_clinic_id_login_tag_tried_at"))

    op.drop_table("password_try")
