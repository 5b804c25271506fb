"""Takes a backup: one consistent copy while the service works, checked, and sealed."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from app.backups.archive import BackupRefusedError, Holds, Manifest, digest, pack
from app.core.health import VERSION
from app.core.kms import KeyService
from app.core.settings import Settings
from app.core.sqlite_file import CopyFailedError, copy_consistently, counts, faults, newest_checkpoint, revision

KEYS_LIVE: Final = timedelta(days=14)  # our proposal: a destroyed key is gone from the last backup that soon


def back_up_record(settings: Settings, out: Path, key_service: KeyService, now: datetime) -> Manifest:
    """Backs up the SQLite record into `out`; raises BackupRefusedError, and then leaves nothing behind."""
    if settings.sqlite_file is None:
        raise BackupRefusedError("PostgreSQL is backed up with its own tools: see docs/how-to/back-up-and-restore.md")
    return _back_up(settings.sqlite_file, Holds.RECORD, out, key_service, now, None)


def back_up_keys(settings: Settings, out: Path, key_service: KeyService, now: datetime) -> Manifest:
    """Backs up the SQLite key store into `out`, to be destroyed after `KEYS_LIVE`; raises BackupRefusedError."""
    scheme, _, path = settings.key_store_address().partition(":///")
    if scheme != "sqlite":
        raise BackupRefusedError("PostgreSQL is backed up with its own tools: see docs/how-to/back-up-and-restore.md")
    return _back_up(Path(path), Holds.KEYS, out, key_service, now, now + KEYS_LIVE)


def _back_up(  # noqa: PLR0913, PLR0917 - what is copied, how it is called, where to and under whose key
    file: Path, holds: Holds, out: Path, key_service: KeyService, now: datetime, keep_until: datetime | None
) -> Manifest:
    if out.exists():
        raise BackupRefusedError(f"{out} is there already, and a backup is never overwritten")
    with _beside(file) as copy:
        try:
            copy_consistently(file, copy)
        except CopyFailedError as error:
            raise BackupRefusedError(str(error)) from None
        if found := faults(copy):
            raise BackupRefusedError("what was to be backed up is broken: " + "; ".join(found))
        manifest = Manifest(
            holds=holds,
            schema_revision=revision(copy) or "",
            made_at=now.isoformat(timespec="seconds"),
            made_by=VERSION,
            keep_until=None if keep_until is None else keep_until.date().isoformat(),
            bytes=copy.stat().st_size,
            sha256=digest(copy),
            counts=counts(copy),
            checkpoint=newest_checkpoint(copy),
        )
        pack(copy, manifest, out, key_service)
    return manifest


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A passing place on the disk that the file lies on already, so that nothing readable comes to lie anywhere else."""
    copy = file.with_name(f".{file.name}.{secrets.token_hex(4)}.copy")
    copy.touch(mode=0o600)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)
        for suffix in ("-journal", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
