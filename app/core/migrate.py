"""The schema of the database: which revision this code needs, and how to bring a database there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

from app.core.settings import Settings

MIGRATIONS: Final = Path(__file__).parent.parent.parent / "migrations"
HEAD: Final = "0007"


def config(settings: Settings) -> Config:
    """Alembic's configuration, without a file of its own."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["settings"] = settings
    return made


def migrate(settings: Settings) -> None:
    """Brings the database to this version's schema, and grants the service's role what it needs, no more."""
    command.upgrade(config(settings), "head")
