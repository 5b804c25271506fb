"""Bring a record back from a backup, proven before it gets its name."""

from pathlib import Path
from typing import Annotated

import typer

from app.backups.restoring import KEYS, RECORD, Wanted, restore_keys, restore_record
from app.backups.telling import backups_told
from app.desk import AgainstOption, settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def restore(  # noqa: PLR0913, PLR0917 - each is one option of the command
    backup: Annotated[Path, typer.Argument(help="The backup.")],
    to: Annotated[Path, typer.Option("--to", help="The new folder; nothing is restored over what is there.")],
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Also open every sealed field, and check the ledger.")
    ] = True,
    sample: Annotated[int | None, typer.Option(help="Open the fields of so many rows of each table only.", min=1)] = None,
    key_store: Annotated[bool, typer.Option("--key-store", help="It is a backup of the wrapped keys.")] = False,
    against: AgainstOption = [],  # noqa: B006 - typer copies it
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring a backup of an older schema to this version's.")] = False,
) -> None:
    """Restore a backup into a new folder; it appears whole and checked, or not at all.

    Exit codes: 0 restored, 3 the backup is refused, 4 it is of another schema, 5 what it holds is not sound.
    """
    settings = settings_from_environment()
    with told(), backups_told():
        if key_store:
            kept, clinics = restore_keys(backup, to, settings)
            typer.echo(f"{to / KEYS}: the wrapped keys as of {kept.made_at}; clinics whose key unwraps: {clinics}.")
            return
        kept_elsewhere = tuple(file.read_text(encoding="utf-8") for file in against)
        made, found = restore_record(backup, to, settings, Wanted(migrate, verify, sample, kept_elsewhere))
    fields = f"{found.opened} sealed fields opened, {found.destroyed} stay destroyed, {found.events} sealed events verified"
    typer.echo(f"{to / RECORD}: {sum(made.counts.values())} rows as of {made.made_at}; {fields}.")
