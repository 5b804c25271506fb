"""What every command shares: the settings, one sentence for what is refused, and a transaction at the desk of a clinic."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from app.access import service as access
from app.core.clock import now
from app.core.crypto import Vault, open_keys
from app.core.database import Database, Reach, RecordSession
from app.core.ids import decode, encode, new_id
from app.core.kms import KeyUnavailableError
from app.core.settings import Settings
from app.core.shred_ledger import ShredLedgerError
from app.errors import RekindleError
from app.ledger.service import Occasion, begin
from app.main import UnsafeError

ClinicOption = Annotated[str | None, typer.Option("--clinic", help="Clinic id, `cln_...`; not needed on SQLite.")]

AgainstOption = Annotated[
    list[Path], typer.Option("--against", exists=True, dir_okay=False, help="A checkpoint that was kept elsewhere; repeat.")
]


def settings_from_environment() -> Settings:
    """The settings, or an exit that names what is wrong and never a secret."""
    try:
        return Settings()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = "REKINDLE_" + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else "settings"
            typer.echo(f"{name}: {fault['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from None


@contextmanager
def told() -> Iterator[None]:
    """Turns what the service refuses into one sentence and exit code 1."""
    try:
        yield
    except (RekindleError, KeyUnavailableError, ShredLedgerError, UnsafeError, ValueError, OSError) as error:
        typer.echo(error.sentence if isinstance(error, RekindleError) else str(error), err=True)
        if isinstance(error, RekindleError):
            for fault in error.faults:
                typer.echo(f"- {fault.detail}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def at_desk(settings: Settings, clinic_id: UUID, operation: str) -> Iterator[tuple[RecordSession, Vault]]:
    """One transaction of the person at the command line, in one clinic."""
    with (
        closing(open_keys(settings)) as keys,
        closing(Database(settings)) as database,
        database.transaction(Reach(clinic_id)) as session,
    ):
        begin(session, Occasion("operator", None, None, operation, encode("req", new_id()), now()))
        yield session, Vault(session, keys)


def clinic_named(settings: Settings, clinic: str | None) -> UUID:
    """The clinic an option names, or the only one of a SQLite file."""
    if clinic is not None:
        return decode("cln", clinic)
    with closing(Database(settings)) as database:
        if database.is_postgresql:
            raise ValueError("name the clinic: --clinic cln_...")
        found = access.the_only_clinic(database)
    if found is None:
        raise ValueError("this file holds no clinic yet: run `rekindle clinic create`")
    return found


def key_environment(settings: Settings) -> str:
    """What stands in a key after `rk_`."""
    return settings.token_mark
