"""Keys: how they stand, and renewing them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import func, select

from app.core.clock import now
from app.core.crypto import open_keys
from app.core.database import Database, Reach, RecordSession
from app.core.ids import decode, encode, new_id
from app.core.key_cache import KeyCache
from app.core.key_models import DestroyedKey, KeyRotation
from app.core.key_names import Owner
from app.core.kms import KeyUnavailableError, LocalKeyFile, key_service_of
from app.core.rotation import Renewal, move_clinic_keys
from app.core.settings import Settings
from app.core.shredding import replay_shred_ledger
from app.desk import ClinicOption, clinic_named, settings_from_environment, told
from app.ledger.service import Occasion, begin
from app.releases.replay import replay_erasures

COMMANDS = typer.Typer(no_args_is_help=True, help="Keys: how they stand, renewing them, and keeping destroyed ones destroyed.")

CoupleOption = Annotated[str | None, typer.Option("--couple", help="Couple id, `cpl_...`; without it the whole clinic.")]
BeforeOption = Annotated[
    str | None,
    typer.Option("--from", help="The REKINDLE_KEY_SERVICE used so far, when another one has been set since."),
]


@COMMANDS.command()
def status(clinic: ClinicOption = None) -> None:
    """Tell which key service and key store are used, how many keys there are, and what is unfinished."""
    settings = settings_from_environment()
    with told(), closing(open_keys(settings)) as keys, closing(Database(settings)) as database:
        clinic_id = clinic_named(settings, clinic)
        for line in (*_of_the_service(settings, keys, clinic_id), *_of_the_record(database, clinic_id)):
            typer.echo(line)


@COMMANDS.command("rotate-kek")
def rotate_kek(
    before: BeforeOption = None,
    new_key: Annotated[bool, typer.Option(help="Key file: make a new key first. Vault and AWS make theirs themselves.")] = True,
) -> None:
    """Wrap every clinic's key under the key service's newest key; no row is read. Repeat it when it was interrupted."""
    settings = settings_from_environment()
    with told(), closing(open_keys(settings)) as keys:
        if before is not None:
            earlier = key_service_of(settings.model_copy(update={"key_service": before}))
            moved = move_clinic_keys(keys, earlier)
        else:
            if new_key and isinstance(keys.key_service, LocalKeyFile):
                keys.key_service.add_key()
            moved = move_clinic_keys(keys)
        typer.echo(f"{moved} clinic keys are now wrapped by {keys.key_service.current_key_id()}.")


@COMMANDS.command()
def rotate(
    clinic: ClinicOption = None,
    couple: CoupleOption = None,
    drop_old: Annotated[
        bool,
        typer.Option("--drop-old", help="Remove the old keys at the end: backups made before can then not be read any more."),
    ] = False,
) -> None:
    """Renew data keys and seal every row anew while the service runs; goes on where it was interrupted."""
    settings = settings_from_environment()
    with told(), closing(open_keys(settings)) as keys, closing(Database(settings, owner=True)) as database:
        if database.is_postgresql and settings.owner_database_url is None:
            raise KeyUnavailableError("only the role that owns the tables may do this: set REKINDLE_OWNER_DATABASE_URL")
        clinic_id = clinic_named(settings, clinic)
        couple_id = None if couple is None else decode("cpl", couple)
        done = Renewal(lambda: _at_desk(database, clinic_id), keys, couple_id).run(drop_old=drop_old)
        typer.echo(f"{done.keys} keys renewed, {done.rows} rows sealed anew.")


@COMMANDS.command()
def replay() -> None:
    """Make every key that was ever destroyed stay so; `serve` does this as it starts, a restore has to."""
    settings = settings_from_environment()
    with told():
        typer.echo(f"{replay_shred_ledger(settings)} wrapped keys removed.")
        typer.echo(f"{replay_erasures(settings)} couples and partners deleted again.")


def _at_desk(database: Database, clinic_id: UUID) -> AbstractContextManager[RecordSession]:
    """A transaction of the operator in every compartment, which reads no content."""

    @contextmanager
    def opened() -> Iterator[RecordSession]:
        with database.transaction(Reach.whole(clinic_id)) as session:
            begin(session, Occasion("operator", None, None, "rotate_keys", encode("req", new_id()), now()))
            yield session

    return opened()


def _of_the_service(settings: Settings, keys: KeyCache, clinic_id: UUID) -> Iterator[str]:
    newest = keys.key_service.current_key_id()
    yield f"key service: {settings.key_service.partition(':')[0]}, newest key {newest}"
    apart = settings.key_store_url is not None or settings.sqlite_file is not None
    place = "a store of its own" if apart else "a schema of the record's database, so that one physical backup holds both"
    yield f"key store: {place}"
    yield f"shred ledger: {settings.shred_ledger_file}, {len(keys.store.shred_ledger.read())} destroyed keys of all clinics"
    held = keys.store.all(clinic_id)
    names = {(key.owner, key.owner_id) for key in held}
    counts = Counter(str(owner) for owner, _id in names)
    yield "keys: " + ", ".join(f"{owner} {count}" for owner, count in sorted(counts.items()))
    yield f"earlier generations kept for older backups: {len(held) - len(names)}"
    stale = sum(key.owner is Owner.CLINIC and key.wrapped_by != newest for key in held)
    yield f"clinic keys not under the newest key of the key service: {stale}"


def _of_the_record(database: Database, clinic_id: UUID) -> Iterator[str]:
    with database.transaction(Reach(clinic_id)) as session:
        destroyed = session.scalar(select(func.count()).select_from(DestroyedKey))
        run = session.scalars(select(KeyRotation).where(KeyRotation.finished_at.is_(None))).first()
    yield f"destroyed keys of this clinic: {destroyed}"
    if run is None:
        yield "renewal: none under way"
    else:
        of = "the clinic" if run.couple_id is None else encode("cpl", run.couple_id)
        yield f"renewal: of {of}, unfinished at {run.at_table or 'its start'}, {run.rows_done} rows done: repeat `keys rotate`"
