"""What every new table of the record needs: row-level security, rights of the service's role, and no second thoughts."""

import sqlalchemy as sa
from alembic import op

POLICY = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def protect(table: str, service_role: str, *, append_only: bool = False) -> None:
    """Forces row-level security by clinic on PostgreSQL, and on both engines keeps an append-only table from being changed."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql(table, service_role, append_only=append_only)
    elif append_only:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _on_postgresql(table: str, service_role: str, *, append_only: bool) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY clinic ON {table} USING ({POLICY}) WITH CHECK ({POLICY})")
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    op.execute(f"GRANT {rights} ON {table} TO {service_role}")


def let_read_revision(service_role: str) -> None:
    """Lets the service see which revision the database stands at."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT ON alembic_version TO {service_role}")


ERASE_ROWS = """
CREATE FUNCTION erase_rows(target text, erasure_id uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  clinic uuid := nullif(current_setting('app.clinic_id', true), '')::uuid;
  running erasure%ROWTYPE;
  own text := '';
  gone bigint;
BEGIN
  SELECT * INTO running FROM erasure WHERE clinic_id = clinic AND id = erasure_id AND deleting IS NOT NULL;
  IF NOT FOUND OR target IN ('erasure', 'ledger_event', 'ledger_salt', 'alarm') THEN
    RAISE insufficient_privilege USING MESSAGE = 'no erasure deletes this now';
  END IF;
  IF running.partner_id IS NOT NULL THEN
    SELECT string_agg(CASE attname WHEN 'partner_id' THEN 'partner_id = $3' ELSE 'compartment = $4' END, ' OR ') INTO own
      FROM pg_attribute WHERE attrelid = format('public.%I', target)::regclass AND attname IN ('partner_id', 'compartment');
    own := format(' AND (%s)', own);
  END IF;
  EXECUTE format('DELETE FROM public.%I WHERE clinic_id = $1 AND couple_id = $2', target) || own
    USING clinic, running.couple_id, running.partner_id, running.compartment;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$
"""
IS_DELETING = (
    "SELECT 1 FROM erasure e WHERE e.clinic_id = OLD.clinic_id AND e.couple_id = OLD.couple_id AND e.deleting IS NOT NULL"
)


def let_erasures_delete(service_role: str) -> None:
    """Lets append-only rows of a couple go while an erasure of that couple is deleting, and at no other moment.

    The service gets no right to delete them: on PostgreSQL it asks a function of the owner, which reads from the erasure
    whose rows; on SQLite the triggers look for the erasure. Any later table of couples that is append-only calls
    `let_erasures_delete_from`.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ERASE_ROWS)
        op.execute("REVOKE ALL ON FUNCTION erase_rows(text, uuid) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION erase_rows(text, uuid) TO {service_role}")
        return
    for table in _append_only_of_couples():
        let_erasures_delete_from(table)


def let_erasures_delete_from(table: str) -> None:
    """On SQLite, where every append-only table has a trigger of its own."""
    if op.get_bind().dialect.name != "postgresql":
        _guard(table, f" WHEN NOT EXISTS ({IS_DELETING})")


def keep_erasures_from_deleting() -> None:
    """Takes it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION erase_rows(text, uuid)")
        return
    for table in _append_only_of_couples():
        _guard(table, "")


def _append_only_of_couples() -> list[str]:
    found = sa.text(
        "SELECT t.tbl_name FROM sqlite_master t WHERE t.type = 'trigger' AND t.name = t.tbl_name || '_no_delete'"
        " AND t.tbl_name NOT IN ('ledger_event', 'alarm')"
        " AND EXISTS (SELECT 1 FROM pragma_table_info(t.tbl_name) c WHERE c.name = 'couple_id')"
    )
    return sorted(op.get_bind().execute(found).scalars())


def _guard(table: str, when: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_delete")
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
