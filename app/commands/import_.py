"""Bring records in from files in the export's own shape."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError

from app.core.database import CommitUnknownError
from app.core.ids import decode
from app.core.kms import KeyServiceUnavailableError, KeyUnavailableError
from app.core.problems import StorageFullError, UnavailableError, understood
from app.desk import settings_from_environment, told
from app.errors import RekindleError
from app.imports.progress import FILE_NAME
from app.imports.progress import Progress as Done
from app.imports.reading import read_manifest
from app.imports.report import Report, Weight
from app.imports.service import BATCH_ROWS, Order, bring_in
from app.main import check_safe, create_runtime

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})
PARTIAL: Final = 2
REFUSED: Final = 3
KEY_VARIABLE: Final = "REKINDLE_KEY"


@COMMANDS.callback(invoke_without_command=True)
def bring_records_in(  # noqa: PLR0913, PLR0917 - each is one option of the command
    sources: Annotated[list[Path], typer.Argument(metavar="DIR|FILE...", help="An export, or files of its tables.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row by every rule, and store nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the same import was cut off.")] = False,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="New CSV file: what is wrong with which row.")] = None,
    care_team: Annotated[
        list[str], typer.Option("--care-team", help="Member, `mem_...`, who gets a seat on each new couple; repeat.")
    ] = [],  # noqa: B006 - typer copies it
    key_file: Annotated[
        Path | None, typer.Option(dir_okay=False, help=f"File with the integration's key; else ${KEY_VARIABLE}.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(dir_okay=False, help=f"How far it came; {FILE_NAME} beside the files if not told.")
    ] = None,
    batch_rows: Annotated[int, typer.Option(min=1, help="Rows that come in together, in one transaction.")] = BATCH_ROWS,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress; only what went wrong, and the sums.")] = False,
) -> None:
    """Bring couples, partners, episodes, concerns, ratings and administrations in, in the name of an integration.

    A file that is broken, or a row that is not one of its table, refuses all; a couple that a rule of the record refuses
    stays out as a whole, and the others come in. What is there already is recognised by its external id.

    Exit codes: 0 all is in, 2 some couples were refused or it was cut off (`--resume`), 3 refused, nothing was stored.
    """
    settings = settings_from_environment()
    state = state or (sources[0] if sources[0].is_dir() else sources[0].parent) / FILE_NAME
    with _explained():
        if absent := [str(path) for path in sources if not path.exists()]:
            raise ValueError(f"there is no {absent[0]}")
        team = tuple(decode("mem", one) for one in care_team)
        manifest = read_manifest(sources[0]) if sources[0].is_dir() else {}
        order = Order(_key(key_file), sources, manifest, team, dry_run, resume, batch_rows)
    with told():
        runtime = create_runtime(settings)
        check_safe(runtime.database, runtime.cache, production=settings.environment == "production")
    shown = Shown(quiet=quiet)
    with (
        closing(runtime.database),
        closing(runtime.cache),
        _explained(shown),
        shown,
        Report(report, goes_on=resume) as findings,
    ):
        done = bring_in(runtime, order, findings, state, shown.tell)
    _sum_up(done, findings, dry_run=dry_run)


def _key(file: Path | None) -> str:
    key = os.environ.get(KEY_VARIABLE, "") if file is None else file.read_text(encoding="ascii")
    if not key.strip():
        raise ValueError(f"give the key of an integration as {KEY_VARIABLE}, or in a file: --key-file")
    return key.strip()


class Shown:
    """How far it came: a bar on a terminal, a line of JSON a batch elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self.began = False
        self._is_terminal = sys.stderr.isatty()
        columns = (TextColumn("couples"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=quiet or not self._is_terminal)
        self._task = self._bar.add_task("couples", total=None)

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def tell(self, done: Done, couples: int) -> None:
        """A batch is done."""
        self.began = True
        self._bar.update(self._task, total=couples, completed=done.couples)
        if not self._quiet and not self._is_terminal:
            told = {"event": "batch", "couples": done.couples, "of": couples, "refused_couples": done.refused}
            typer.echo(json.dumps(told))


@contextmanager
def _explained(shown: Shown | None = None) -> Iterator[None]:
    """One sentence for what ends an import, and its exit code: 2 when something is in, or nothing of the files was at fault."""
    try:
        yield
    except KeyboardInterrupt:
        _end("Cut off.", PARTIAL)
    except (
        DBAPIError,
        CommitUnknownError,
        UnavailableError,
        KeyServiceUnavailableError,
        KeyUnavailableError,
        OSError,
    ) as error:
        known = understood(error) if isinstance(error, DBAPIError) else error
        _end(_sentence(known), REFUSED if shown is None else PARTIAL)
    except (RekindleError, ValueError) as error:
        _end(_sentence(error), PARTIAL if shown is not None and shown.began else REFUSED)


def _sentence(error: Exception) -> str:
    if isinstance(error, UnavailableError):  # what it says is for who sends a request
        return (
            "There is no room left for the record."
            if isinstance(error, StorageFullError)
            else "The database cannot take this now."
        )
    return error.sentence if isinstance(error, RekindleError) else str(error)


def _end(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    if code == PARTIAL:
        typer.echo("What came in before is there; go on with --resume.", err=True)
    raise typer.Exit(code)


def _sum_up(done: Done, findings: Report, *, dry_run: bool) -> None:
    for finding in findings.first:
        place = ":".join(str(part) for part in (finding.file, finding.row or "", finding.column) if part)
        typer.echo(f"{finding.weight}: {place}: {finding.code}: {finding.detail}", err=True)
    unshown = sum(findings.counts.values()) - len(findings.first)
    if unshown:
        typer.echo(f"... and {unshown} more: --report FILE keeps them all.", err=True)
    rows: dict[str, dict[str, int]] = {}
    for (table, what), count in sorted(done.rows.items()):
        rows.setdefault(table, {})[what] = count
    told = {str(weight): findings.counts[weight] for weight in Weight}
    summed = {
        "event": "done",
        "dry_run": dry_run,
        "couples": done.couples,
        "refused_couples": done.refused,
        "rows": rows,
        "findings": told,
    }
    typer.echo(json.dumps(summed))
    if done.refused and done.refused < done.couples and not dry_run:
        raise typer.Exit(PARTIAL)
    if findings.refuses or done.refused:
        raise typer.Exit(REFUSED)
