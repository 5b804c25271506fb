"""Machine accounts of clinic software."""

from typing import Annotated

import typer

from app.access import service as access
from app.access.permissions import GRANTABLE
from app.core.clock import now
from app.core.ids import encode
from app.desk import ClinicOption, at_desk, clinic_named, key_environment, settings_from_environment, told

COMMANDS = typer.Typer(no_args_is_help=True, help=__doc__)


@COMMANDS.command("add")
def add_integration(
    name: Annotated[str, typer.Argument(help="Which software this is.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", help="What it may do; repeat. One of: " + ", ".join(sorted(GRANTABLE)))
    ],
    clinic: ClinicOption = None,
) -> None:
    """Add a machine account and print its id and a key that lives 90 days; the key is shown this once."""
    settings = settings_from_environment()
    with told(), at_desk(settings, clinic_named(settings, clinic), "add_integration") as (session, _vault):
        integration = access.add_integration(session, name, set(scopes), now())
        key = access.issue_key(session, integration, key_environment(settings), now())
    typer.echo(f"{encode('int', integration.id)}\n{key}")
