"""tell what shows."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from app.core.clock import now
from app.core.database import Moment
from migrations.protection import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAMES = ("clinic_id", "id", "couple_id", "plan_id")


def upgrade(service_role: str) -> None:
    op.create_table(
        "awaited_showing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("is_assignment", sa.Boolean(), nullable=False),
        sa.Column("shows_at", Moment(), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "couple_id"],
            ["couple.clinic_id", "couple.id"],
            name=op.f("fk_awaited_showing_clinic_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["homework_plan.clinic_id", "homework_plan.id"],
            name=op.f("fk_awaited_showing_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_awaited_showing")),
    )
    with op.batch_alter_table("awaited_showing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_awaited_showing_clinic_id_shows_at"), ["clinic_id", "shows_at"], unique=False)
    protect("awaited_showing", service_role)
    for clinic_id in op.get_bind().execute(sa.select(sa.table("clinic", sa.column("clinic_id", sa.Uuid())))).scalars().all():
        _await_what_is_hidden_now(clinic_id)


def _await_what_is_hidden_now(clinic_id: UUID) -> None:
    """What was hidden before there was this table; on PostgreSQL the owner, too, sees one clinic at a time."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SET LOCAL app.clinic_id = '{clinic_id}'")
    awaited = _table("awaited_showing", "is_assignment", "shows_at")
    steps, given = _table("plan_transition", "shown_at"), _table("assignment", "shown_at")
    for hidden in (steps, given):
        found = sa.select(
            *(hidden.c[name] for name in NAMES), sa.literal("safety"), sa.literal(hidden is given), hidden.c.shown_at
        ).where(hidden.c.clinic_id == clinic_id, hidden.c.compartment == "conjoint", hidden.c.shown_at > now())
        op.execute(awaited.insert().from_select([*NAMES, "compartment", "is_assignment", "shows_at"], found))


def _table(name: str, *more: str) -> sa.TableClause:
    types: dict[str, Any] = {"is_assignment": sa.Boolean(), "shown_at": Moment(), "shows_at": Moment()}
    columns = [sa.column(one, sa.Uuid()) for one in NAMES] + [sa.column("compartment", sa.String())]
    return sa.table(name, *columns, *(sa.column(one, types[one]) for one in more))


def downgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    with op.batch_alter_table("awaited_showing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_awaited_showing_clinic_id_shows_at"))
    op.drop_table("awaited_showing")
