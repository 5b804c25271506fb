"""The command line: `rekindle`, also `python -m app`."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from app.access import service as access
from app.access.permissions import GRANTABLE, Role
from app.core.clock import now
from app.core.crypto import KeyCache, Vault
from app.core.database import Database, Reach, RecordSession
from app.core.ids import decode, encode, new_id
from app.core.kms import KeyUnavailableError, LocalKeyFile
from app.core.logs import set_up_logs
from app.core.migrate import migrate as bring_to_head
from app.core.settings import Settings
from app.errors import RekindleError
from app.ledger.service import Occasion, begin
from app.main import UnsafeError, bare_app, check_safe, create_app

cli = typer.Typer(name="rekindle", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
clinics = typer.Typer(no_args_is_help=True, help="Clinics.")
members = typer.Typer(no_args_is_help=True, help="Members of a clinic.")
integrations = typer.Typer(no_args_is_help=True, help="Machine accounts of clinic software.")
cli.add_typer(clinics, name="clinic")
cli.add_typer(members, name="member")
cli.add_typer(integrations, name="integration")

ClinicOption = Annotated[str | None, typer.Option("--clinic", help="Clinic id, `cln_...`; not needed on SQLite.")]
OPENAPI_FILE = Path("openapi/openapi.json")


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
    except (RekindleError, KeyUnavailableError, UnsafeError, ValueError, OSError) as error:
        typer.echo(error.sentence if isinstance(error, RekindleError) else str(error), err=True)
        raise typer.Exit(1) from None


@contextmanager
def at_desk(settings: Settings, clinic_id: UUID, operation: str) -> Iterator[tuple[RecordSession, Vault]]:
    """One transaction of the person at the command line, in one clinic."""
    cache = KeyCache(LocalKeyFile(settings.key_file))
    with closing(Database(settings)) as database, database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, operation, encode("req", new_id()), now()))
        yield session, Vault(session, cache)


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


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema; makes the key file if there is none."""
    settings = settings_from_environment()
    with told():
        LocalKeyFile.create(settings.key_file)
        bring_to_head(settings)
    typer.echo("The database is at this version's schema.")


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
) -> None:
    """Serve the API."""
    import uvicorn  # noqa: PLC0415 - the server is needed by this command alone

    given = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    with told():
        settings = settings_from_environment().model_copy(update=given)
        settings = Settings.model_validate(settings.model_dump())
        LocalKeyFile(settings.key_file)
        with closing(Database(settings)) as database:
            check_safe(database)
    set_up_logs()
    uvicorn.run(
        "app.cli:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=65_536,
    )


def application() -> object:
    """The application of a worker process, from its environment."""
    set_up_logs()
    return create_app(settings_from_environment())


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Walk one couple's story over HTTP, print outcomes, end.")] = False,
    port: Annotated[int, typer.Option(help="Port to listen on; a taken one gives way to a free one.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its record and keys.")] = Path("var/demo"),
) -> None:
    """Serve a synthetic clinic on this machine only."""
    from app.demo.run import run  # noqa: PLC0415 - needed by this command alone

    run(folder, port, once=once)


@cli.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 when the file is out of date.")] = False,
    file: Annotated[Path, typer.Option(help="Where the document is kept.")] = OPENAPI_FILE,
) -> None:
    """Write the OpenAPI document, or check that the committed one is up to date."""
    made = rendered_openapi()
    if check:
        if not file.exists() or file.read_text(encoding="utf-8") != made:
            typer.echo(f"{file} is out of date: run `rekindle openapi`", err=True)
            raise typer.Exit(1)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made, encoding="utf-8")


@cli.command()
def docs(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 when a page is out of date.")] = False,
) -> None:
    """Write the reference pages in docs/reference, or check that the committed ones are up to date."""
    from app.reference import markdown, pages  # noqa: PLC0415 - needed by this command alone

    if not check:
        pages.write(pages.FOLDER)
        return
    stale = pages.differences(pages.FOLDER)
    for path in stale:
        typer.echo(f"{pages.FOLDER / path} is out of date: run `{markdown.COMMAND}`", err=True)
    if stale:
        raise typer.Exit(1)


def rendered_openapi() -> str:
    """The document as it is committed: sorted, indented, ending in a newline."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@clinics.command("create")
def create_clinic(name: Annotated[str, typer.Argument(help="Name of the clinic.")]) -> None:
    """Create a clinic with a key of its own; prints its id."""
    settings = settings_from_environment()
    with told(), at_desk(settings, access.new_clinic_id(), "create_clinic") as (session, vault):
        clinic = access.create_clinic(session, vault, name, now())
    typer.echo(encode("cln", clinic.clinic_id))


@members.command("add")
def add_member(
    login: Annotated[str, typer.Argument(help="How the clinic knows the member.")],
    role: Annotated[Role, typer.Option(help="What the member is.")],
    competence: Annotated[str, typer.Option(help="PLISSIT level attested for the member: P, LI, SS or IT.")] = "P",
    clinic: ClinicOption = None,
) -> None:
    """Add a member and print their id and a key that lives 90 days; the key is shown this once."""
    settings = settings_from_environment()
    with told():
        if competence not in access.PLISSIT:
            raise ValueError("competence is one of " + ", ".join(access.PLISSIT))
        with at_desk(settings, clinic_named(settings, clinic), "add_member") as (session, _vault):
            member = access.add_member(session, login, role, competence, now())
            key = access.issue_key(session, member, key_environment(settings), now())
    typer.echo(f"{encode('mem', member.id)}\n{key}")


@integrations.command("add")
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


def key_environment(settings: Settings) -> str:
    """What stands in a key after `rk_`."""
    return "demo" if settings.environment == "demo" else "live"
