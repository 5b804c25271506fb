"""The file that remembers which keys were destroyed, whatever backup of the record or of the key store is restored.

Lines are only ever added. It lies with neither of the two, holds no key and no content, and nothing is ever restored over it.
"""

import base64
import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from app.core.disk import settle_names
from app.core.key_names import Owner, Tombstone


class ShredLedgerError(RuntimeError):
    """It is not certain which keys are to stay destroyed, so nothing may be served."""


class ShredLedgerDamagedError(ShredLedgerError):
    """A line in the middle of the file cannot be read."""


class ShredLedger:
    """Tombstones of all clinics in one file; several processes may add to it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def exists(self) -> bool:
        """Whether anything was ever written here."""
        return self.file.exists()

    def read(self) -> list[Tombstone]:
        """Every tombstone; raises ShredLedgerDamagedError. A last line that a crash cut short was not yet promised."""
        if not self.exists():
            return []
        *lines, _cut_short = self.file.read_bytes().split(b"\n")
        return [self._read(number, line) for number, line in enumerate(lines, start=1)]

    def add(self, tombstones: Collection[Tombstone]) -> None:
        """Adds those that are missing, durably."""
        of_new_names = [one.parent for one in (self.file, self.file.parent) if not one.exists()]
        with self._locked() as file:
            known = {(one.clinic_id, one.name) for one in self.read()}
            new = [one for one in tombstones if (one.clinic_id, one.name) not in known]
            file.write(b"".join(_line(one) for one in new))
            file.flush()
            os.fsync(file.fileno())
        for folder in of_new_names:
            settle_names(folder)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The file at its end, behind the last whole line, for one process at a time."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            yield file

    def _read(self, number: int, line: bytes) -> Tombstone:
        try:
            said = json.loads(line)
            return Tombstone(
                clinic_id=UUID(said["clinic_id"]),
                owner=Owner(said["owner"]),
                owner_id=UUID(said["owner_id"]),
                reason=said["reason"],
                destroyed_at=datetime.fromisoformat(said["destroyed_at"]),
                signed_by=UUID(said["signed_by"]),
                signature=base64.b64decode(said["signature"], validate=True),
            )
        except (ValueError, KeyError, TypeError):
            raise ShredLedgerDamagedError(
                f"line {number} of the shred ledger cannot be read: restore this file alone"
            ) from None


def _line(tombstone: Tombstone) -> bytes:
    said = {name: str(value) for name, value in vars(tombstone).items()}
    said["destroyed_at"] = tombstone.destroyed_at.isoformat()
    said["signature"] = base64.b64encode(tombstone.signature).decode()
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"
