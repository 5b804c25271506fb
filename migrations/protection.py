"""What every new table of the record needs: row-level security, rights of the service's role, and no second thoughts."""

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
