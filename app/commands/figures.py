"""The figures kept of couples, which caseload and clinic are read from."""

from contextlib import closing
from typing import Annotated

import typer

from app.caseload.following import rebuild_figures
from app.core.ids import decode
from app.core.logs import set_up_logs
from app.desk import settings_from_environment, told
from app.main import check_safe, create_runtime

COMMANDS = typer.Typer(help=__doc__, no_args_is_help=True)


@COMMANDS.callback()
def _figures() -> None:
    """The figures kept of couples, which caseload and clinic are read from."""


@COMMANDS.command()
def rebuild(clinic: Annotated[str | None, typer.Option("--clinic", help="Only this clinic, `cln_...`.")] = None) -> None:
    """Reckon the figures of every couple anew, after a change of settings or of a rule; the service may go on running."""
    with told():
        runtime = create_runtime(settings_from_environment())
        check_safe(runtime.database, runtime.cache, production=runtime.settings.environment == "production")
        chosen = runtime.database.clinic_ids() if clinic is None else [decode("cln", clinic)]
    set_up_logs()
    with closing(runtime.database), closing(runtime.cache), told():
        couples = sum(rebuild_figures(runtime, clinic_id) for clinic_id in chosen)
    typer.echo(f"The figures of {couples} couples are reckoned.")
