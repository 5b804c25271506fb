"""Brings the key store to this version's schema, as the role that owns its tables."""

from alembic import context

from app.core.key_store import SCHEMA, STORE, KeyStore
from app.core.settings import Settings


def run() -> None:
    """All steps in one transaction; on PostgreSQL in a schema of their own, which is made if there is none."""
    settings: Settings = context.config.attributes["settings"]
    store = KeyStore(settings, owner=True)
    with store.engine.connect() as connection:
        if store.is_postgresql:
            made = connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')").scalar_one()
            if made is None:
                connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {settings.service_role}")
            connection.exec_driver_sql(f"SET search_path = {SCHEMA}")
            connection.commit()
        context.configure(connection=connection, target_metadata=STORE, render_as_batch=not store.is_postgresql)
        with context.begin_transaction():
            context.run_migrations(service_role=settings.service_role)
        connection.commit()
    store.close()


run()
