"""Runs the migrations on either database, as the role that owns the tables."""

from importlib import import_module
from pkgutil import walk_packages

from alembic import context

import app as house
from app.core.database import Base, Database
from app.core.settings import Settings

for module in walk_packages(house.__path__, "app."):
    if module.name.rpartition(".")[2] in {"models", "idempotency", "key_models", "signing", "chores"}:
        import_module(module.name)


def run() -> None:
    """All steps in one transaction, so that a failed migration leaves the schema as it was."""
    settings: Settings = context.config.attributes["settings"]
    database = Database(settings, owner=True)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=not database.is_postgresql,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations(service_role=settings.service_role)
        connection.commit()
    database.close()


run()
