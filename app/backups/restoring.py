"""Brings record or key store back from a backup: into a folder of its own, proven before it gets its name, or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from app.access.service import the_only_clinic
from app.backups.archive import BackupRefusedError, Holds, Manifest, unpack
from app.backups.checks import Findings, check
from app.core.crypto import KeyCache, Owner, key_context, open_keys
from app.core.database import Database
from app.core.disk import settle_names
from app.core.kms import KeyService, KeyUnavailableError, key_service_of
from app.core.migrate import HEAD, KEY_STORE_HEAD, known_revisions, migrate
from app.core.settings import Settings
from app.core.shredding import replay_shred_ledger
from app.core.sqlite_file import counts, faults, revision
from app.releases.replay import replay_erasures

RECORD: Final = "rekindle.db"
KEYS: Final = "wrapped-keys.db"


class OtherSchemaError(RuntimeError):
    """The backup is of another schema than this version's."""


class NotSoundError(RuntimeError):
    """What came out of the backup is not something that may be served."""


@dataclass(frozen=True)
class Wanted:
    """How a record is to be restored."""

    migrates: bool = False
    verifies: bool = True
    sample: int | None = None
    against: tuple[str, ...] = ()


def restore_record(backup: Path, to: Path, settings: Settings, wanted: Wanted) -> tuple[Manifest, Findings]:
    """Restores into the new folder `to`, which appears whole and checked or not at all.

    The keys of these settings are those it is read with. What was ever destroyed stays so: the shred ledger is replayed before
    anything is looked at. Raises BackupRefusedError, OtherSchemaError, NotSoundError and what replaying raises.
    """
    with appearing_checked(to) as folder:
        file = folder / RECORD
        manifest = _unpacked(backup, file, Holds.RECORD, key_service_of(settings))
        restored = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{file}")})
        _bring_to_this_schema(file, restored, migrates=wanted.migrates)
        replay_shred_ledger(restored)
        replay_erasures(restored)
        found = _check_record(restored, wanted, manifest.checkpoint) if wanted.verifies else Findings()
    return manifest, found


def restore_keys(backup: Path, to: Path, settings: Settings) -> tuple[Manifest, int]:
    """Restores a key store into the new folder `to`; gives how many clinics' keys the key service unwrapped.

    Where these settings' record is there already, the shred ledger is replayed at once, else by the next start.
    Raises BackupRefusedError, OtherSchemaError, NotSoundError and what replaying raises.
    """
    with appearing_checked(to) as folder:
        file = folder / KEYS
        manifest = _unpacked(backup, file, Holds.KEYS, key_service_of(settings))
        if revision(file) != KEY_STORE_HEAD:
            raise OtherSchemaError(f"this key store is of schema {revision(file)} and this version needs {KEY_STORE_HEAD}")
        restored = settings.model_copy(update={"key_store_url": SecretStr(f"sqlite:///{file}")})
        if settings.sqlite_file is not None and settings.sqlite_file.exists():
            replay_shred_ledger(restored)
        with closing(open_keys(restored)) as keys:
            unwrapped = sum(_unwraps(keys, clinic_id) for clinic_id in keys.store.clinics())
    return manifest, unwrapped


@contextmanager
def appearing_checked(to: Path) -> Iterator[Path]:
    """A new folder of mode 0700 that bears its name only once everything in it was found good and is on the disk."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BackupRefusedError(f"{to} is there already, and nothing is restored over it")
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = to.with_name(f".{to.name}.{secrets.token_hex(4)}.unfinished")
    unfinished.mkdir(mode=0o700)
    try:
        yield unfinished
        settle_names(unfinished)
        unfinished.rename(to)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    settle_names(to.parent)


def _unpacked(backup: Path, file: Path, holds: Holds, key_service: KeyService) -> Manifest:
    """The database itself: sound, at the schema it says, with as many rows as were backed up."""
    manifest = unpack(backup, file, key_service)
    if manifest.holds is not holds:
        raise BackupRefusedError(f"this backup holds {manifest.holds}, not {holds}: --key-store tells them apart")
    if found := faults(file):
        raise NotSoundError("; ".join(found))
    if (revision(file) or "", counts(file)) != (manifest.schema_revision, manifest.counts):
        raise NotSoundError("it does not hold what its manifest says")
    return manifest


def _bring_to_this_schema(file: Path, restored: Settings, *, migrates: bool) -> None:
    stands = revision(file)
    if stands == HEAD:
        return
    if stands not in known_revisions():
        raise OtherSchemaError(
            "this backup was made by a newer version of Rekindle, or is no record: restore it with that version"
        )
    if not migrates:
        raise OtherSchemaError(f"this backup is of schema {stands} and this version needs {HEAD}: restore it with --migrate")
    migrate(restored)


def _check_record(restored: Settings, wanted: Wanted, sealed_with_it: str | None) -> Findings:
    with closing(Database(restored)) as database, closing(open_keys(restored)) as keys:
        clinic_id = the_only_clinic(database)
        if clinic_id is None:
            return Findings()  # an empty record, from before its clinic was created
        against = (*wanted.against, *([sealed_with_it] if sealed_with_it else []))
        found = check(database, keys, clinic_id, wanted.sample, against)
    if not found.sound:
        raise NotSoundError("; ".join(found.faults))
    return found


def _unwraps(keys: KeyCache, clinic_id: UUID) -> bool:
    """Whether a clinic has a key here, every generation of which the key service unwraps; one that was destroyed has none."""
    mine = [key for key in keys.store.all(clinic_id) if key.owner is Owner.CLINIC]
    for key in mine:
        try:
            keys.key_service.unwrap(key.wrapped, key_context(clinic_id, (key.owner, key.owner_id), key.generation))
        except KeyUnavailableError:
            raise NotSoundError("a clinic's key in this store was not wrapped by the key service at hand") from None
    return bool(mine)
