"""Back the record up, encrypted, while the service works."""

from pathlib import Path
from typing import Annotated

import typer

from app.backups.taking import back_up_record
from app.backups.telling import backups_told
from app.core.clock import now
from app.core.kms import LocalKeyFile
from app.desk import settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def backup(
    out: Annotated[Path, typer.Option("--out", help="The new file; one that is there already is never overwritten.")],
) -> None:
    """Back the SQLite record up into one encrypted file, while the service works; PostgreSQL has its own tools."""
    settings = settings_from_environment()
    with told(), backups_told():
        made = back_up_record(settings, out, LocalKeyFile(settings.key_file), now())
    typer.echo(f"{out}: {sum(made.counts.values())} rows at schema {made.schema_revision}, made {made.made_at}.")
