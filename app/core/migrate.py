"""The schemas of record and key store: which revisions this code needs, and how to bring a database there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.core.settings import Settings

MIGRATIONS: Final = Path(__file__).parent.parent.parent / "migrations"
HEAD: Final = "0018"
KEY_STORE: Final = MIGRATIONS / "key_store"
KEY_STORE_HEAD: Final = "k0001"


def config(settings: Settings, scripts: Path = MIGRATIONS) -> Config:
    """Alembic's configuration, without a file of its own."""
    made = Config()
    made.set_main_option("script_location", str(scripts))
    made.attributes["settings"] = settings
    return made


def migrate(settings: Settings) -> None:
    """Brings record and key store to this version's schemas, and grants the service's role what it needs, no more."""
    command.upgrade(config(settings, KEY_STORE), "head")
    command.upgrade(config(settings), "head")


def known_revisions() -> list[str]:
    """Every revision this version can bring to its own, the newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()]
