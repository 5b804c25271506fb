"""Clinics."""

from typing import Annotated

import typer

from app.access import service as access
from app.core.clock import now
from app.core.ids import encode
from app.desk import at_desk, settings_from_environment, told

COMMANDS = typer.Typer(no_args_is_help=True, help=__doc__)


@COMMANDS.command("create")
def create_clinic(name: Annotated[str, typer.Argument(help="Name of the clinic.")]) -> None:
    """Create a clinic with a key of its own; prints its id."""
    settings = settings_from_environment()
    with told(), at_desk(settings, access.new_clinic_id(), "create_clinic") as (session, vault):
        clinic = access.create_clinic(session, vault, name, now())
    typer.echo(encode("cln", clinic.clinic_id))
