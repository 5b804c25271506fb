"""An empty record for a measurement: SQLite in a throwaway folder, or the PostgreSQL that the command line names."""

import tempfile
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from app.access import service as access
from app.access.work import Runtime
from app.core.clock import now
from app.core.database import Reach
from app.core.ids import encode, new_id
from app.core.kms import LocalKeyFile
from app.core.lasting import keep_for_good
from app.core.migrate import migrate
from app.core.settings import Settings
from app.ledger.service import Occasion, begin


def command(told: str | None) -> ArgumentParser:
    """A command that takes the addresses of a PostgreSQL."""
    parser = ArgumentParser(description=told, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--database-url")
    parser.add_argument("--owner-database-url")
    return parser


@contextmanager
def record(given: Namespace, **other: Any) -> Iterator[Settings]:
    """Settings of a migrated record while the block runs; nothing is limited, and what is loaded stays, as in a server."""
    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "keys" / "bench.key"
        LocalKeyFile.create(key_file)
        (Path(folder) / "record").mkdir()
        settings = Settings(
            **{
                "environment": "demo",
                "database_url": given.database_url or f"sqlite:///{folder}/record/bench.db",
                "owner_database_url": given.owner_database_url,
                "key_file": key_file,
                "exports_directory": Path(folder) / "exports",
                "database_without_tls": True,
                "requests_per_minute": 0,
                "alarm_couples_an_hour": 0,
                "statement_seconds": 600,
                **other,
            }
        )
        migrate(settings)
        keep_for_good()
        yield settings


def software(runtime: Runtime, clinic_id: UUID, scopes: set[str]) -> tuple[UUID, str]:
    """The id of software that has these scopes, and its key."""
    with runtime.database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "bench", encode("req", new_id()), now()))
        made = access.add_integration(session, "bench", scopes, now())
        return made.id, access.issue_key(session, made, "demo", now())
