"""Brings a record back from a backup: into a folder of its own, proven before it gets its name, or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.access.service import the_only_clinic
from app.backups.archive import BackupRefusedError, Holds, Manifest, on_disk, unpack
from app.backups.checks import Findings, check
from app.core.crypto import KeyCache
from app.core.database import Database
from app.core.kms import KeyService
from app.core.migrate import HEAD, known_revisions, migrate
from app.core.settings import Settings
from app.core.sqlite_file import counts, faults, revision

RECORD: Final = "rekindle.db"


class OtherSchemaError(RuntimeError):
    """The backup is of another schema than this version's."""


class NotSoundError(RuntimeError):
    """What came out of the backup is not a record that may be served."""


@dataclass(frozen=True)
class Wanted:
    """How a backup is to be restored."""

    migrates: bool = False
    verifies: bool = True
    sample: int | None = None


def restore_record(
    backup: Path, to: Path, settings: Settings, key_service: KeyService, wanted: Wanted
) -> tuple[Manifest, Findings]:
    """Restores into the new folder `to`, which appears whole and checked or not at all.

    Raises BackupRefusedError, OtherSchemaError, NotSoundError.
    """
    with appearing_checked(to) as folder:
        file = folder / RECORD
        manifest = unpack(backup, file, key_service)
        if manifest.holds is not Holds.RECORD:
            raise BackupRefusedError("this backup holds keys, not a record: restore it with --key-store")
        _check_file(file, manifest)
        restored = settings.model_copy(update={"database_url": type(settings.database_url)(f"sqlite:///{file}")})
        _bring_to_this_schema(file, restored, migrates=wanted.migrates)
        found = _check_record(restored, key_service, wanted) if wanted.verifies else Findings()
    return manifest, found


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
        on_disk(unfinished)
        unfinished.rename(to)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    on_disk(to.parent)


def _check_file(file: Path, manifest: Manifest) -> None:
    """The database itself: sound, at the schema it says, with as many rows as were backed up."""
    found = faults(file)
    if found:
        raise NotSoundError("; ".join(found))
    if (revision(file) or "", counts(file)) != (manifest.schema_revision, manifest.counts):
        raise NotSoundError("the record does not hold what its manifest says")


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


def _check_record(restored: Settings, key_service: KeyService, wanted: Wanted) -> Findings:
    with closing(Database(restored)) as database:
        clinic_id = the_only_clinic(database)
        if clinic_id is None:
            return Findings()  # an empty record, from before its clinic was created
        found = check(database, KeyCache(key_service), clinic_id, wanted.sample)
    if not found.sound:
        raise NotSoundError("; ".join(found.faults))
    return found
