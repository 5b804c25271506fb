"""A backup from before an erasure, restored with the key store of that day: nothing can be read, and no row is left."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.core.crypto import SealBrokenError, Vault, open_keys
from app.core.database import Base, Compartment, Database, Reach
from app.core.ids import decode
from app.core.settings import Settings
from app.core.shredding import replay_shred_ledger
from app.couples.models import Partner
from app.notes.models import SessionNote
from app.releases.deletion import KEPT
from app.releases.models import Erasure
from app.releases.replay import replay_erasures
from tests.contract.world import World
from tests.releases.records import ask_to_erase, lived, shred
from tests.safety.records import Pair

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def copied(settings: Settings, folder: Path) -> Settings:
    """A backup of the record and of its key store, as SQLite itself makes one; the shred ledger stays where it is."""
    folder.mkdir()
    (folder / "store").mkdir(mode=0o700)
    copies = {"record.db": settings.sqlite_file, "store/keys.db": Path(settings.key_store_address().partition(":///")[2])}
    for name, source in copies.items():
        with closing(sqlite3.connect(str(source))) as before, closing(sqlite3.connect(folder / name)) as after:
            before.backup(after)
    addresses = {"database_url": "record.db", "key_store_url": "store/keys.db"}
    return settings.model_copy(
        update={name: SecretStr(f"sqlite:///{folder / file}") for name, file in addresses.items()}
        | {"shred_ledger": settings.shred_ledger_file}
    )


def opened(settings: Settings, world: World, pair: Pair) -> tuple[int, int]:
    """How many rows of the couple there are, and how many sealed values of it open."""
    couple_id = decode("cpl", pair.path.rpartition("/")[2])
    reach = Reach(world.clinic.id, frozenset(Compartment))
    with closing(Database(settings)) as database, closing(open_keys(settings)) as keys, database.transaction(reach) as session:
        vault, rows, readable = Vault(session, keys), 0, 0
        sealed: list[tuple[Any, str]] = []
        for table in Base.metadata.sorted_tables:
            if "couple_id" in table.c and table.name not in KEPT:
                query = select(table.c.clinic_id).where(table.c.couple_id == couple_id)
                rows += len(session.connection().execute(query).all())
        sealed += [(note, "said") for note in session.scalars(select(SessionNote).where(SessionNote.couple_id == couple_id))]
        sealed += [(one, "person") for one in session.scalars(select(Partner).where(Partner.couple_id == couple_id))]
        for row, column in sealed:
            try:
                readable += vault.open(row, column, getattr(row, column)) is not None
            except SealBrokenError:
                continue
    return rows, readable


@pytest.mark.parametrize("whose", [None, "a"])
def test_a_backup_from_before_an_erasure_reads_nothing_of_it_once_it_was_replayed(
    world: World, tmp_path: Path, whose: str | None
) -> None:
    pair = lived(world)
    backup = copied(world.clinic.settings, tmp_path / "backup")
    before = opened(backup, world, pair)
    shred(world.clinic, pair, ask_to_erase(pair, whose))
    now = opened(world.clinic.settings, world, pair)
    assert opened(backup, world, pair) == before  # the control: a restored backup brings all of it back
    assert min(before) > 0
    replay_shred_ledger(backup)
    assert opened(backup, world, pair) == (before[0], now[1])  # the keys are gone, and scores would still be there
    assert replay_erasures(backup) == 1
    assert opened(backup, world, pair) == now
    assert now == ((0, 0) if whose is None else (now[0], before[1] - 1))
    assert replay_erasures(backup) == 0
    with closing(Database(backup)) as database, database.transaction(Reach(world.clinic.id)) as session:
        assert [one.ground for one in session.scalars(select(Erasure)) if one.shredded_at] == ["restored_backup"]
