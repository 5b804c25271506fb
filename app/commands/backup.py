"""Back the record up, encrypted, while the service works."""

from pathlib import Path
from typing import Annotated

import typer

from app.backups.taking import back_up_keys, back_up_record
from app.backups.telling import backups_told
from app.core.clock import now
from app.core.kms import key_service_of
from app.desk import settings_from_environment, told

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})


@COMMANDS.callback(invoke_without_command=True)
def backup(
    out: Annotated[Path, typer.Option("--out", help="The new file; one that is there already is never overwritten.")],
    key_store: Annotated[
        bool, typer.Option("--key-store", help="Back up the wrapped keys instead; keep them apart, and not as long.")
    ] = False,
) -> None:
    """Back the SQLite record up into one encrypted file, while the service works; PostgreSQL has its own tools.

    Exit codes: 0 backed up, 3 refused.
    """
    settings = settings_from_environment()
    with told(), backups_told():
        take = back_up_keys if key_store else back_up_record
        made = take(settings, out, key_service_of(settings), now())
    until = f" Destroy it on {made.keep_until}." if made.keep_until else ""
    typer.echo(f"{out}: {sum(made.counts.values())} rows at schema {made.schema_revision}, made {made.made_at}.{until}")
