"""Check that the record is whole and readable, whichever database it lies in."""

from contextlib import closing
from typing import Annotated

import typer

from app.backups.checks import check
from app.backups.restoring import NotSoundError
from app.backups.telling import backups_told
from app.core.crypto import KeyCache
from app.core.database import Database
from app.core.kms import LocalKeyFile
from app.desk import ClinicOption, clinic_named, settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def verify(
    clinic: ClinicOption = None,
    sample: Annotated[int | None, typer.Option(help="Open the fields of so many rows of each table only.", min=1)] = None,
) -> None:
    """Check one clinic's record: schema, pages and references, row-level security, and that every sealed field opens.

    Exit codes: 0 sound, 5 not sound.
    """
    settings = settings_from_environment()
    with told(), backups_told(), closing(Database(settings)) as database:
        found = check(database, KeyCache(LocalKeyFile(settings.key_file)), clinic_named(settings, clinic), sample)
        if not found.sound:
            raise NotSoundError("\n".join(found.faults))
    typer.echo(f"The record is sound: {found.opened} sealed fields opened.")
