"""The command line: `rekindle`, also `python -m app`."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.core.crypto import open_keys
from app.core.database import Database
from app.core.kms import LocalKeyFile
from app.core.lasting import keep_for_good
from app.core.logs import set_up_logs
from app.core.migrate import migrate as bring_to_head
from app.core.settings import Settings
from app.core.shredding import replay_shred_ledger
from app.desk import settings_from_environment, told
from app.main import bare_app, check_safe, create_app
from app.registry import collect
from app.releases.replay import replay_erasures

cli = typer.Typer(name="rekindle", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for noun, commands in collect("app.commands", "COMMANDS", typer.Typer).items():
    noun = noun.removesuffix("_")  # noqa: PLW2901 - a module cannot be called `import`
    alone = commands.registered_callback
    if alone is not None and alone.callback is not None and not commands.registered_commands:
        cli.command(noun)(alone.callback)  # a noun with one thing to do is that command
    else:
        cli.add_typer(commands, name=noun)

OPENAPI_FILE = Path("openapi/openapi.json")


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema; makes the key file if there is none."""
    settings = settings_from_environment()
    with told():
        if settings.key_service == "file":
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
        with closing(Database(settings)) as database, closing(open_keys(settings)) as keys:
            check_safe(database, keys, production=settings.environment == "production")
        replay_shred_ledger(settings)
        replay_erasures(settings)
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
    made = create_app(settings_from_environment())
    keep_for_good()
    return made


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Walk one couple's story over HTTP, print outcomes, end.")] = False,
    port: Annotated[int, typer.Option(help="Port to listen on; a taken one gives way to a free one.")] = 8000,
    folder: Annotated[
        Path | None, typer.Option(help="Where the demo keeps its record and keys; var/demo or var/demo-clinic if not told.")
    ] = None,
    clinic: Annotated[bool, typer.Option("--clinic", help="A year of 200 couples, with known truths planted in it.")] = False,
) -> None:
    """Serve a synthetic clinic on this machine only."""
    if clinic:
        from app.demo.clinic.command import run_clinic  # noqa: PLC0415 - needed by this command alone

        run_clinic(folder or Path("var/demo-clinic"), port, once=once)
    else:
        from app.demo.run import run  # noqa: PLC0415 - needed by this command alone

        run(folder or Path("var/demo"), port, once=once)


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
