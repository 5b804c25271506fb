"""erase what refers to what is erased."""

from alembic import op

from migrations.protection import ERASE_ROWS

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWN = "      own := format(' AND (%s)', own);\n"
# What refers to a row of the partner's own goes with it, though it lies in no compartment of theirs: a step that the care team
# took on an authorisation.
WITH_WHAT_REFERS = """      SELECT own || coalesce(string_agg(format(' OR %I IN (SELECT id FROM public.%I WHERE clinic_id = $1'
          ' AND couple_id = $2 AND partner_id = $3)', a.attname, p.relname), ''), '') INTO own
        FROM pg_constraint c
        JOIN pg_class p ON p.oid = c.confrelid AND p.relname NOT IN ('couple', 'partner')
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)]
        JOIN pg_attribute couple ON couple.attrelid = c.confrelid AND couple.attname = 'couple_id'
        JOIN pg_attribute partner ON partner.attrelid = c.confrelid AND partner.attname = 'partner_id'
        WHERE c.conrelid = rows_of AND c.contype = 'f';
"""
BEFORE = ERASE_ROWS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
AFTER = BEFORE.replace(OWN, WITH_WHAT_REFERS + OWN)


def upgrade(service_role: str) -> None:  # noqa: ARG001 - every step is handed the role
    if op.get_bind().dialect.name == "postgresql":
        op.execute(AFTER)


def downgrade(service_role: str) -> None:  # noqa: ARG001 - the same
    if op.get_bind().dialect.name == "postgresql":
        op.execute(BEFORE)
