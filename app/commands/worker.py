"""Do the chores of every clinic: what falls due by itself."""

import threading
from contextlib import closing
from signal import SIGINT, SIGTERM, signal
from typing import Annotated, Final

import typer

from app.core.chores import Round, work_until
from app.core.logs import set_up_logs
from app.desk import settings_from_environment, told
from app.exports.job import wait_until_made
from app.main import CHORES, check_safe, create_runtime
from app.webhooks.couriers import COURIERS

UNDER_WAY: Final = 35.0  # seconds for webhooks that are being sent; what is cut off is sent again
COMMANDS = typer.Typer(invoke_without_command=True, help=__doc__)


@COMMANDS.callback()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end; exit code 1 if any failed.")] = False,
) -> None:
    """Do the chores of every clinic until told to stop; `serve` does them as well, and none is done twice."""
    with told():
        runtime = create_runtime(settings_from_environment())
        check_safe(runtime.database, runtime.cache, production=runtime.settings.environment == "production")
    set_up_logs()
    with closing(runtime.database), closing(runtime.cache):
        if once:
            failed = Round(runtime, CHORES).walk()
            COURIERS.wait(UNDER_WAY)
            wait_until_made()
            raise typer.Exit(1 if failed else 0)
        stopped = threading.Event()
        for number in (SIGINT, SIGTERM):
            signal(number, lambda *_: stopped.set())
        work_until(stopped, runtime, CHORES)
