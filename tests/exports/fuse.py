"""Processes that work on exports and end as a power cut ends them, at a moment that was drawn: no handler runs."""

import os
import signal
import sys
import threading
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.served import CONTEXT

MAKING = "exports"  # the thread in which a process makes them
TOUCHES = frozenset({"open", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"})


def light(fuse: Path) -> None:
    """Lets this process take up soon what another left, and end where the number in the file says; with none it goes on.

    Counted is what the thread that makes exports does: every file that it opens, makes or removes below the folder of exports,
    and every commit, just before it and just after.
    """
    from app.core import chores  # noqa: PLC0415 - imported beforehand in the process this one was forked from
    from app.core.database import RecordSession  # noqa: PLC0415 - the same
    from app.exports import job, keeping  # noqa: PLC0415 - the same

    job.LEASE, job.RENEW_EVERY = timedelta(seconds=1), 0.1  # type: ignore[misc]  # in a process of its own
    chores.work_until.__defaults__ = (0.05,)
    for chore in (job.EXPORTING, keeping.ENDING):
        object.__setattr__(chore, "every", timedelta(seconds=0.2))
    object.__setattr__(chores, "TOGETHER", timedelta(0))
    left = int(fuse.read_text()) if fuse.exists() else -1
    fuse.unlink(missing_ok=True)

    def touch(*_told: Any) -> None:
        nonlocal left
        if left < 0 or threading.current_thread().name != MAKING:
            return
        left -= 1
        if left < 0:
            fuse.with_suffix(".burnt").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def seen(what: str, told: tuple[Any, ...]) -> None:
        if what in TOUCHES and isinstance(told[0], str | os.PathLike) and "/exports" in str(told[0]):
            touch()

    sys.addaudithook(seen)
    event.listen(RecordSession, "before_commit", touch)
    event.listen(RecordSession, "after_commit", touch)


def at_work(command: list[str], environment: dict[str, str], log_file: Path, fuse: Path) -> BaseProcess:
    """A command of the service that does chores, started: `worker`, or `serve` on a port."""
    process = CONTEXT.Process(target=_run, args=(command, environment, str(log_file), fuse), daemon=True)
    process.start()
    return process


def _run(command: list[str], environment: dict[str, str], log_file: str, fuse: Path) -> None:
    from app.cli import cli  # noqa: PLC0415 - imported beforehand in the process this one was forked from

    output = os.open(log_file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
    light(fuse)
    cli(command)
