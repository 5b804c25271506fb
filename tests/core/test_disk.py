"""What keys depend on is on the disk together with its name before anybody relies on it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.core.key_names import Owner, Tombstone
from app.core.kms import LocalKeyFile
from app.core.shred_ledger import ShredLedger

CLINIC, ONE, OTHER, SIGNED_BY = (UUID(int=number) for number in range(4))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was brought to the disk, in its order."""
    found: list[Path] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        found.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    return found


def destroyed(key: UUID) -> Tombstone:
    """That a couple's key is destroyed."""
    return Tombstone(CLINIC, Owner.COUPLE, key, "erasure", datetime(2026, 11, 22, tzinfo=UTC), SIGNED_BY, b"signed")


def test_a_key_file_and_the_key_it_is_given_later_last_with_their_name(tmp_path: Path, settled: list[Path]) -> None:
    file = tmp_path / "rekindle.key"
    LocalKeyFile.create(file)
    assert settled == [file, tmp_path]
    LocalKeyFile(file).add_key()
    assert settled[2:] == [file.with_name("rekindle.key.new"), tmp_path]


def test_the_first_key_said_to_be_destroyed_lasts_with_the_name_of_the_file(tmp_path: Path, settled: list[Path]) -> None:
    file = tmp_path / "ledger" / "shredded.jsonl"
    ShredLedger(file).add([destroyed(ONE)])
    assert settled == [file, file.parent, tmp_path]
    ShredLedger(file).add([destroyed(OTHER)])
    assert settled[3:] == [file]
