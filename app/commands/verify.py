"""Check that the record is whole and readable, whichever database it lies in."""

from contextlib import closing
from typing import Annotated

import typer

from app.backups.checks import check
from app.backups.restoring import NotSoundError
from app.backups.telling import backups_told
from app.core.crypto import open_keys
from app.core.database import Database
from app.core.ids import decode
from app.desk import settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def verify(
    clinic: Annotated[str | None, typer.Option("--clinic", help="Only this clinic, `cln_...`.")] = None,
    sample: Annotated[int | None, typer.Option(help="Open the fields of so many rows of each table only.", min=1)] = None,
) -> None:
    """Check the record: schema, pages and references, row-level security, and that every sealed field opens.

    Exit codes: 0 sound, 5 not sound.
    """
    settings = settings_from_environment()
    opened = destroyed = 0
    with told(), backups_told(), closing(Database(settings)) as database, closing(open_keys(settings)) as keys:
        for clinic_id in database.clinic_ids() if clinic is None else [decode("cln", clinic)]:
            found = check(database, keys, clinic_id, sample)
            if not found.sound:
                raise NotSoundError("\n".join(found.faults))
            opened, destroyed = opened + found.opened, destroyed + found.destroyed
    typer.echo(f"The record is sound: {opened} sealed fields opened, {destroyed} stay destroyed.")
