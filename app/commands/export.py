"""Export the record as files: from a running service, or beside the record."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.core.kms import KeyUnavailableError
from app.core.settings import Settings
from app.desk import ClinicOption, clinic_named, settings_from_environment
from app.errors import RekindleError
from app.exports.client.asked import Asked, Recipient
from app.exports.client.beside import Record
from app.exports.client.calling import Patience, client_for
from app.exports.client.ends import ExportEndedError, RefusedError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run, Source
from app.exports.client.telling import telling
from app.main import UnsafeError, check_safe, create_runtime

COMMANDS = typer.Typer(help=__doc__, context_settings={"allow_interspersed_args": True})
KEY: Final = "REKINDLE_KEY"


@COMMANDS.callback(invoke_without_command=True)
def export(  # noqa: PLR0913, PLR0917 - each is one option of the command
    out: Annotated[Path, typer.Option("--out", help="Folder for the files; made if it is not there.")],
    url: Annotated[
        str | None, typer.Option("--url", help="A running service; without it, the record of this machine's settings.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", help=f"With --url: file with the key, 0600. Default: the variable {KEY}.")
    ] = None,
    formats: Annotated[str | None, typer.Option("--format", help="csv, jsonl, parquet; several with commas.")] = None,
    tables: Annotated[
        str | None, typer.Option("--tables", help="Only these, with commas. Default: all that you may read.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="`auto`: what changed since the last export here; or a token from a manifest.")
    ] = None,
    deidentified: Annotated[bool, typer.Option("--deidentified", help="So that nobody can be told apart.")] = False,
    recipient: Annotated[str | None, typer.Option("--recipient", help="Who outside the clinic gets it, as authorised.")] = None,
    recipient_kind: Annotated[str | None, typer.Option("--recipient-kind", help="What the recipient is.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What the recipient gets it for.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Check what is there, and go on where it was cut off.")] = False,
    patience: Annotated[float, typer.Option("--patience", help="Seconds to wait for a service that is away.", min=0)] = 60,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but what goes wrong.")] = False,
    database: Annotated[str | None, typer.Option("--database", help="Without --url: another record, `sqlite:///file`.")] = None,
    clinic: ClinicOption = None,
) -> None:
    """Export the record into a folder, which holds a whole export or the one before it.

    Exit codes: 0 done, 2 partial (repeat with --resume), 3 refused, 4 the tables changed since the last export.
    """
    with telling(sys.stdout, quiet=quiet) as teller:
        try:
            asked = _asked(formats, tables, since, deidentified, (recipient_kind, recipient, purpose))
            with _source(url, key_file, patience, database, clinic) as source:
                Run(source, Folder(out), teller, asked, resume)()
        except ExportEndedError as error:
            teller.ended(error)
            raise typer.Exit(error.exit_code) from None


def _asked(
    formats: str | None, tables: str | None, since: str | None, deidentified: bool, recipient: tuple[str | None, ...]
) -> Asked | None:
    """What the options ask for; None where they ask for nothing in particular."""
    if formats is tables is since is None and not deidentified and not any(recipient):
        return None
    told = [each for each in recipient if each]
    if told and len(told) < len(recipient):
        raise RefusedError("An export that leaves the clinic takes --recipient, --recipient-kind and --purpose.")
    return Asked(
        formats=_listed(formats) or Asked.formats,
        tables=_listed(tables),
        since=since,
        deidentified=deidentified,
        recipient=Recipient(*told) if told else None,
    )


def _listed(names: str | None) -> tuple[str, ...] | None:
    """What stands between commas, once each."""
    return None if names is None else tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))


@contextmanager
def _source(
    url: str | None, key_file: Path | None, patience: float, database: str | None, clinic: str | None
) -> Iterator[Source]:
    """A running service, or the record of this machine's settings."""
    if url is None:
        if key_file is not None:
            raise RefusedError("--key-file goes with --url: beside the record there is nobody to show a key to.")
        with _beside(database, clinic) as record:
            yield record
        return
    if database is not None or clinic is not None:
        raise RefusedError("A service's record and clinic follow from the key: leave --database and --clinic out.")
    with client_for(url, _key(key_file)) as client:
        yield Service(client, Patience(patience))


@contextmanager
def _beside(database: str | None, clinic: str | None) -> Iterator[Record]:
    with _refusals_told():
        settings = _settings(database)
        clinic_id, runtime = clinic_named(settings, clinic), create_runtime(settings)
    with closing(runtime):
        with _refusals_told():
            check_safe(runtime.database, runtime.cache, production=settings.environment == "production")
        yield Record(runtime, clinic_id)


def _settings(database: str | None) -> Settings:
    """Those of the environment, with another record if one is named."""
    settings = settings_from_environment()
    if database is not None:
        address = database if ":" in database else f"sqlite:///{database}"
        if make_url(address).password is not None:
            raise RefusedError("A password never stands on a command line: set REKINDLE_DATABASE_URL instead of --database.")
        settings = Settings.model_validate(settings.model_dump() | {"database_url": address})
    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        raise RefusedError(
            f"There is no record at {settings.sqlite_file}. Name a service with --url, or a record with --database."
        )
    return settings


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Turns what the record refuses before anything is read into one sentence."""
    try:
        yield
    except (RekindleError, KeyUnavailableError, UnsafeError, ValueError, OSError, SQLAlchemyError) as error:
        sentence = error.sentence if isinstance(error, RekindleError) else str(error)
        raise RefusedError(sentence) from None
    except typer.Exit:  # what is wrong with the settings was told
        raise typer.Exit(RefusedError.exit_code) from None


def _key(file: Path | None) -> str:
    """The key, which never stands on a command line, where every user of the machine reads it."""
    if file is None:
        key = os.environ.get(KEY, "")
    else:
        try:
            if file.stat().st_mode & 0o077:
                raise RefusedError(f"Others on this machine can read {file}: chmod 600 {file}")
            key = file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise RefusedError(f"{file} cannot be read as a key.") from None
    if not key.strip():
        raise RefusedError(f"A service wants a key: set {KEY}, or name a file with --key-file.")
    return key.strip()
