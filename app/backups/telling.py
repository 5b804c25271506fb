"""What the commands about backups say when something is refused, and the exit code each refusal has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from app.backups.archive import BackupRefusedError
from app.backups.restoring import NotSoundError, OtherSchemaError

EXIT_CODES: Final[dict[type[Exception], int]] = {
    BackupRefusedError: 3,  # not whole, not ours, not for these keys, or not over what is there
    OtherSchemaError: 4,
    NotSoundError: 5,  # opened, and not a record that may be served
}


@contextmanager
def backups_told() -> Iterator[None]:
    """Turns a refusal into one sentence and its exit code."""
    try:
        yield
    except tuple(EXIT_CODES) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CODES[type(error)]) from None
