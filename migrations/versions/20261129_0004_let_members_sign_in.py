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
    "used_proof",
    "member_identity",
    "member_password",
    "oauth_client",
    "sign_in",
    "access_token",
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
        "used_proof",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_used_proof")),
        sa.UniqueConstraint("clinic_id", "digest", name=op.f("uq_used_proof_clinic_id_digest")),
    )
    with op.batch_alter_table("used_proof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_proof_clinic_id_expires_at"), ["clinic_id", "expires_at"], unique=False)

    op.create_table(
        "member_identity",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("bound_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "member_id"], ["member.clinic_id", "member.id"], name=op.f("fk_member_identity_clinic_id_member_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_member_identity")),
        sa.UniqueConstraint("clinic_id", "issuer", "subject", name=op.f("uq_member_identity_clinic_id_issuer_subject")),
    )
    with op.batch_alter_table("member_identity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_identity_clinic_id_member_id_id"), ["clinic_id", "member_id", "id"], unique=False
        )

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
        "oauth_client",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=True),
        sa.Column("jwks_url", sa.String(length=2000), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.CheckConstraint("(jwks IS NULL) <> (jwks_url IS NULL)", name=op.f("ck_oauth_client_one_source_of_keys")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "integration_id"],
            ["integration.clinic_id", "integration.id"],
            name=op.f("fk_oauth_client_clinic_id_integration_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_oauth_client")),
    )
    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth_client_clinic_id_integration_id_id"), ["clinic_id", "integration_id", "id"], unique=False
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

    op.create_table(
        "access_token",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["oauth_client.clinic_id", "oauth_client.id"],
            name=op.f("fk_access_token_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_access_token")),
    )
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_token_clinic_id_expires_at"), ["clinic_id", "expires_at"], unique=False)

    for table in TABLES:
        protect(table, service_role)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_token_clinic_id_expires_at"))

    op.drop_table("access_token")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_clinic_id_member_id_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_client_clinic_id_integration_id_id"))

    op.drop_table("oauth_client")
    op.drop_table("member_password")
    with op.batch_alter_table("member_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_identity_clinic_id_member_id_id"))

    op.drop_table("member_identity")
    with op.batch_alter_table("used_proof", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_proof_clinic_id_expires_at"))

    op.drop_table("used_proof")
    with op.batch_alter_table("password_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_try_clinic_id_tried_at"))
        batch_op.drop_index(batch_op.f("ix_password_try_clinic_id_login_tag_tried_at"))

    op.drop_table("password_try")
