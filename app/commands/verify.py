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
from app.desk import AgainstOption, settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def verify(
    clinic: Annotated[str | None, typer.Option("--clinic", help="Only this clinic, `cln_...`.")] = None,
    sample: Annotated[int | None, typer.Option(help="Open the fields of so many rows of each table only.", min=1)] = None,
    against: AgainstOption = [],  # noqa: B006 - typer copies it
) -> None:
    """Check the record: schema, pages and references, row-level security, that every sealed field opens, and the ledger.

    Exit codes: 0 sound, 5 not sound.
    """
    settings = settings_from_environment()
    opened = destroyed = events = 0
    with told(), backups_told(), closing(Database(settings)) as database, closing(open_keys(settings)) as keys:
        kept_elsewhere = [file.read_text(encoding="utf-8") for file in against]
        for clinic_id in database.clinic_ids() if clinic is None else [decode("cln", clinic)]:
            found = check(database, keys, clinic_id, sample, kept_elsewhere)
            if not found.sound:
                raise NotSoundError("\n".join(found.faults))
            opened, destroyed = opened + found.opened, destroyed + found.destroyed
            events += found.events
    fields = f"{opened} sealed fields opened, {destroyed} stay destroyed, {events} sealed events verified"
    typer.echo(f"The record is sound: {fields}.")
