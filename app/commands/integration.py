"""Machine accounts of clinic software."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.access import clients, keys
from app.access import service as access
from app.access.permissions import GRANTABLE
from app.core.clock import now
from app.core.database import RecordSession
from app.core.ids import encode
from app.core.outbound import Outbound
from app.core.settings import Settings
from app.desk import ClinicOption, at_desk, clinic_named, key_environment, settings_from_environment, told

COMMANDS = typer.Typer(no_args_is_help=True, help=__doc__)


@COMMANDS.command("add")
def add_integration(  # noqa: PLR0913, PLR0917 - each is one option of the command
    name: Annotated[str, typer.Argument(help="Which software this is.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="What it may do; repeat. One of: "
            + ", ".join(sorted(GRANTABLE))
            + "; over FHIR system/*.rs, system/<Type>.rs, "
            "system/<Type>.rs?category=<system>|<code>, system/QuestionnaireResponse.cu.",
        ),
    ] = None,
    scopes_at_once: Annotated[
        str, typer.Option("--scopes", help="The same, all in one, separated by spaces, as SMART writes them.")
    ] = "",
    jwks: Annotated[Path | None, typer.Option(help="File with the public keys it proves itself with, as a JWKS.")] = None,
    jwks_url: Annotated[str | None, typer.Option(help="Where it publishes those keys: https://...")] = None,
    clinic: ClinicOption = None,
) -> None:
    """Add a machine account; print its id, and its client id if it has keys of its own, else a key that lives 90 days."""
    settings = settings_from_environment()
    with told():
        if jwks is not None and jwks_url is not None:
            raise ValueError("give --jwks or --jwks-url, not both")
        with at_desk(settings, clinic_named(settings, clinic), "add_integration") as (session, _vault):
            every = {*(scopes or ()), *scopes_at_once.split()}
            integration = access.add_integration(session, name, every, now())
            if jwks is None and jwks_url is None:
                way_in = access.issue_key(session, integration, key_environment(settings), now())
            else:
                way_in = _client(session, integration.id, jwks, jwks_url, settings)
    typer.echo(f"{encode('int', integration.id)}\n{way_in}")


def _client(session: RecordSession, integration_id: UUID, jwks: Path | None, jwks_url: str | None, settings: Settings) -> str:
    """The client id of an integration that proves itself with these keys."""
    published = None if jwks is None else json.loads(jwks.read_text(encoding="utf-8"))
    outbound = Outbound(settings.private_hosts)
    made = clients.register_client(session, integration_id, jwks=published, jwks_url=jwks_url, outbound=outbound, now=now())
    return keys.client_id(made.clinic_id, made.id)
