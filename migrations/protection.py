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
  rows_of regclass := format('public.%I', target)::regclass;
  own text := '';
  referring name;
  parent name;
  gone bigint;
BEGIN
  SELECT * INTO running FROM erasure WHERE clinic_id = clinic AND id = erasure_id AND deleting IS NOT NULL;
  IF NOT FOUND OR target IN ('erasure', 'ledger_event', 'ledger_salt', 'alarm', 'alarm_acknowledgement') THEN
    RAISE insufficient_privilege USING MESSAGE = 'no erasure deletes this now';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = rows_of AND attname = 'couple_id') THEN
    SELECT a.attname, p.relname INTO STRICT referring, parent
      FROM pg_constraint c
      JOIN pg_class p ON p.oid = c.confrelid
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)]
      JOIN pg_attribute couple ON couple.attrelid = c.confrelid AND couple.attname = 'couple_id'
      WHERE c.conrelid = rows_of AND c.contype = 'f' AND running.partner_id IS NULL;
    EXECUTE format('DELETE FROM %s WHERE clinic_id = $1 AND %I IN'
      ' (SELECT id FROM public.%I WHERE clinic_id = $1 AND couple_id = $2)', rows_of, referring, parent)
      USING clinic, running.couple_id;
  ELSE
    IF running.partner_id IS NOT NULL THEN
      SELECT string_agg(CASE attname WHEN 'partner_id' THEN 'partner_id = $3' ELSE 'compartment = $4' END, ' OR ') INTO own
        FROM pg_attribute WHERE attrelid = rows_of AND attname IN ('partner_id', 'compartment');
      own := format(' AND (%s)', own);
    END IF;
    EXECUTE format('DELETE FROM %s WHERE clinic_id = $1 AND couple_id = $2', rows_of) || own
      USING clinic, running.couple_id, running.partner_id, running.compartment;
  END IF;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$
"""
KEPT = "('ledger_event', 'alarm', 'alarm_acknowledgement')"


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
    if op.get_bind().dialect.name == "postgresql":
        return
    holds_couple = sa.text("SELECT count(*) FROM pragma_table_info(:name) WHERE name = 'couple_id'")
    if op.get_bind().execute(holds_couple, {"name": table}).scalar_one():
        is_its_couples = "e.couple_id = OLD.couple_id"
    else:
        parent, referring = _parent_of(table)
        its = f"p.clinic_id = OLD.clinic_id AND p.id = OLD.{referring}"
        is_its_couples = f"e.couple_id = (SELECT p.couple_id FROM {parent} p WHERE {its})"  # noqa: S608 - names of our own
    running = f"SELECT 1 FROM erasure e WHERE e.clinic_id = OLD.clinic_id AND {is_its_couples} AND e.deleting IS NOT NULL"  # noqa: S608 - the same
    _guard(table, f" WHEN NOT EXISTS ({running})")


def keep_erasures_from_deleting() -> None:
    """Takes it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION erase_rows(text, uuid)")
        return
    for table in _append_only_of_couples():
        _guard(table, "")


REFERRED = (
    'SELECT f."table", f."from" FROM pragma_foreign_key_list({name}) f'
    " WHERE f.\"from\" <> 'clinic_id' AND EXISTS (SELECT 1 FROM pragma_table_info(f.\"table\") c WHERE c.name = 'couple_id')"
)


def _parent_of(table: str) -> tuple[str, str]:
    """The table of couples that a table without a couple of its own refers to, and the column that does."""
    parent, referring = op.get_bind().execute(sa.text(REFERRED.format(name=":name")), {"name": table}).one()
    return parent, referring


def _append_only_of_couples() -> list[str]:
    found = sa.text(
        "SELECT t.tbl_name FROM sqlite_master t"  # noqa: S608 - constants of this module
        " WHERE t.type = 'trigger' AND t.name = t.tbl_name || '_no_delete'"
        f" AND t.tbl_name NOT IN {KEPT}"
        " AND (EXISTS (SELECT 1 FROM pragma_table_info(t.tbl_name) c WHERE c.name = 'couple_id')"
        f" OR EXISTS ({REFERRED.format(name='t.tbl_name')}))"
    )
    return sorted(op.get_bind().execute(found).scalars())


def _guard(table: str, when: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_delete")
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
