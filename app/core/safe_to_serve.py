"""Why a database may not be served from: what would expose the record, and what would lose what was acknowledged."""

from collections.abc import Collection

from sqlalchemy import Connection, Engine, text

ROLE = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
OWNED = text(
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname = :schema AND pg_get_userbyid(c.relowner) = current_user"
)
OPEN = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'"
    " WHERE c.relkind = 'r' AND n.nspname = :schema AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname"
)
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def exposures(engine: Engine, schema: str = "public", open_by_design: Collection[str] = ()) -> list[str]:
    """What would let a clinic's rows be seen by another; on SQLite nothing can, because one file holds one clinic."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        found = []
        if connection.execute(ROLE).scalar_one():
            found.append("the service's database role may not be a superuser nor bypass row-level security")
        if connection.execute(OWNED, {"schema": schema}).scalar_one():
            found.append("the service's database role may not own tables: give the owner to REKINDLE_OWNER_DATABASE_URL")
        unguarded = connection.execute(OPEN, {"schema": schema}).scalars()
        return found + [f"table {name} has no forced row-level security" for name in unguarded if name not in open_by_design]


def losses(engine: Engine) -> list[str]:
    """What would let a cut of power take back what was acknowledged."""
    with engine.connect() as connection:
        return _on_postgresql(connection) if engine.dialect.name == "postgresql" else _on_sqlite(connection)


def _on_postgresql(connection: Connection) -> list[str]:
    off = [name for name in DURABLE if connection.execute(text(f"SHOW {name}")).scalar_one() == "off"]
    return [f"{name} is off: a cut of power would take back what was acknowledged" for name in off]


def _on_sqlite(connection: Connection) -> list[str]:
    found = []
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() != "wal":
        found.append("SQLite cannot keep its write-ahead log here: put the database on a local disk")
    if connection.exec_driver_sql("PRAGMA synchronous").scalar_one() < 2:
        found.append("synchronous is below FULL: a cut of power would take back what was acknowledged")
    return found
