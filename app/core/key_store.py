"""Where wrapped data keys live: a store apart from the record, so that the two are backed up, kept and lost apart.

On SQLite a file of its own, on PostgreSQL a schema of its own, in the record's database or in another one. A key is stored
before the record's transaction commits: a key without rows harms nothing, rows without a key are lost.
"""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    and_,
    delete,
    insert,
    or_,
    select,
    text,
    true,
    update,
)

from app.core.database import CommitUnknownError, Moment
from app.core.engines import engine_for
from app.core.ids import new_id_at
from app.core.key_names import KeyName, Owner, Tombstone
from app.core.settings import Settings
from app.core.shred_ledger import ShredLedger

SCHEMA: Final = "rekindle_keys"
CONNECTIONS: Final = 4


STORE: Final = MetaData()
DATA_KEY: Final = Table(
    "data_key",
    STORE,
    Column("clinic_id", Uuid(), primary_key=True),
    Column("owner", String(16), primary_key=True),
    Column("owner_id", Uuid(), primary_key=True),
    Column("generation", Integer(), primary_key=True),
    Column("wrapped", LargeBinary(), nullable=False),
    Column("wrapped_by", String(300), nullable=False),
    Column("made_at", Moment(), nullable=False),
    Column("renewal_id", Uuid(), nullable=True),
)
TOMBSTONE: Final = Table(
    "tombstone",
    STORE,
    Column("clinic_id", Uuid(), primary_key=True),
    Column("owner", String(16), primary_key=True),
    Column("owner_id", Uuid(), primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("destroyed_at", Moment(), nullable=False),
    Column("signed_by", Uuid(), nullable=False),
    Column("signature", LargeBinary(), nullable=False),
)
# These two hold ids alone and have no row-level security, because start-up and rotation go through all clinics.
KNOWN_CLINIC: Final = Table("known_clinic", STORE, Column("clinic_id", Uuid(), primary_key=True))
BURIAL: Final = Table("burial", STORE, Column("clinic_id", Uuid(), primary_key=True), Column("id", Uuid(), primary_key=True))
IDS_ALONE: Final = frozenset({KNOWN_CLINIC.name, BURIAL.name})


@dataclass(frozen=True)
class WrappedKey:
    """One generation of a data key; without it everything it protects is noise."""

    owner: Owner
    owner_id: UUID
    generation: int
    wrapped: bytes
    wrapped_by: str
    made_at: datetime
    renewal_id: UUID | None = None


class KeyStore:
    """Wrapped data keys of all clinics; on PostgreSQL behind row-level security, as the record is."""

    def __init__(self, settings: Settings, *, owner: bool = False) -> None:
        """`owner` connects as the role that owns the tables, which only `migrate` does."""
        few = settings.model_copy(update={"threads": min(CONNECTIONS, settings.threads)})
        self.engine = engine_for(settings.key_store_address(owner=owner), few)
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        self.shred_ledger = ShredLedger(settings.shred_ledger_file)

    @contextmanager
    def within(self, clinic_id: UUID | None) -> Iterator[Connection]:
        """One transaction in a clinic; raises CommitUnknownError when it is not certain that it was committed."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            if self.is_postgresql:
                named = clinic_id or ""
                connection.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}; SET LOCAL app.clinic_id = '{named}'")
            warnings = connection.info["warnings"] = []
            yield connection
            transaction.commit()
            if warnings:
                raise CommitUnknownError

    def read(self, clinic_id: UUID, names: Collection[KeyName]) -> list[WrappedKey]:
        """Every generation of some keys."""
        with self.within(clinic_id) as connection:
            return _found(connection, clinic_id, _named(names)) if names else []

    def add(self, clinic_id: UUID, keys: Collection[WrappedKey]) -> None:
        """Stores new keys, all or none."""
        if not keys:
            return
        with self.within(clinic_id) as connection:
            known = select(KNOWN_CLINIC.c.clinic_id).where(KNOWN_CLINIC.c.clinic_id == clinic_id)
            if any(key.owner is Owner.CLINIC for key in keys) and connection.execute(known).first() is None:
                connection.execute(insert(KNOWN_CLINIC), [{"clinic_id": clinic_id}])
            connection.execute(insert(DATA_KEY), [{"clinic_id": clinic_id, **vars(key)} for key in keys])

    def all(self, clinic_id: UUID) -> list[WrappedKey]:
        """Every generation of every key of a clinic, the clinic's own first."""
        with self.within(clinic_id) as connection:
            found = _found(connection, clinic_id, true())
        return sorted(found, key=lambda key: (key.owner is not Owner.CLINIC, key.owner, key.owner_id.int, key.generation))

    def rewrap(self, clinic_id: UUID, before: WrappedKey, wrapped: bytes, wrapped_by: str) -> None:
        """The same key in another wrapping, unless somebody was faster."""
        same = [DATA_KEY.c[name] == getattr(before, name) for name in ("owner", "owner_id", "generation", "wrapped")]
        with self.within(clinic_id) as connection:
            changed = update(DATA_KEY).where(DATA_KEY.c.clinic_id == clinic_id, *same)
            connection.execute(changed.values(wrapped=wrapped, wrapped_by=wrapped_by))

    def drop(self, clinic_id: UUID, keys: Collection[WrappedKey]) -> None:
        """Removes generations of keys under which nothing is sealed any more."""
        with self.within(clinic_id) as connection:
            for key in keys:
                same = [DATA_KEY.c[name] == getattr(key, name) for name in ("owner", "owner_id", "generation")]
                connection.execute(delete(DATA_KEY).where(DATA_KEY.c.clinic_id == clinic_id, *same))
        self._wipe()

    def expect_burial(self, clinic_id: UUID, burial_id: UUID) -> None:
        """Notes that keys of the clinic are about to be destroyed, so that a start after a crash looks there."""
        with self.within(clinic_id) as connection:
            connection.execute(insert(BURIAL), [{"clinic_id": clinic_id, "id": burial_id}])

    def end_burials(self, clinic_id: UUID, *, only: UUID | None = None, before: datetime | None = None) -> None:
        """Forgets a burial that is done, or those begun before a moment."""
        done = BURIAL.c.id == only if before is None else BURIAL.c.id < new_id_at(before)
        with self.within(clinic_id) as connection:
            connection.execute(delete(BURIAL).where(BURIAL.c.clinic_id == clinic_id, done))

    def bury(self, clinic_id: UUID, tombstones: Collection[Tombstone]) -> int:
        """Removes the wrapped keys of these tombstones and keeps the tombstones; gives the number of keys removed."""
        with self.within(clinic_id) as connection:
            names = [tombstone.name for tombstone in tombstones]
            buried = {one.name for one in _buried(connection, clinic_id)}
            new = [vars(one) for one in tombstones if one.name not in buried]
            if new:
                connection.execute(insert(TOMBSTONE), new)
            mine = DATA_KEY.c.clinic_id == clinic_id
            removed = connection.execute(delete(DATA_KEY).where(mine, _named(names))).rowcount if names else 0
        self._wipe()
        return removed

    def _wipe(self) -> None:
        """SQLite's log still holds the pages of what was deleted."""
        if not self.is_postgresql:
            with closing(self.engine.raw_connection()) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def tombstones(self, clinic_id: UUID) -> list[Tombstone]:
        """Every tombstone of a clinic that this store knows."""
        with self.within(clinic_id) as connection:
            return _buried(connection, clinic_id)

    def clinics(self, *, unsettled: bool = False) -> list[UUID]:
        """Every clinic that ever had a key here, or those in which a destruction may not be complete."""
        table = BURIAL if unsettled else KNOWN_CLINIC
        with self.within(None) as connection:
            return list(connection.execute(select(table.c.clinic_id).distinct().order_by(table.c.clinic_id)).scalars())

    def is_reachable(self) -> bool:
        """Whether the store answers."""
        with self.within(None) as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())

    def schema_revision(self) -> str | None:
        """The migration the store stands at, or None when it was never migrated."""
        with self.within(None) as connection:
            if not connection.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def _named(names: Collection[KeyName]) -> Any:
    """A condition that finds the keys of these names."""
    by_owner: dict[Owner, list[UUID]] = {}
    for owner, owner_id in names:
        by_owner.setdefault(owner, []).append(owner_id)
    return or_(*(and_(DATA_KEY.c.owner == owner, DATA_KEY.c.owner_id.in_(ids)) for owner, ids in by_owner.items()))


def _found(connection: Connection, clinic_id: UUID, condition: Any) -> list[WrappedKey]:
    columns = [DATA_KEY.c[name] for name in WrappedKey.__dataclass_fields__]
    query = select(*columns).where(DATA_KEY.c.clinic_id == clinic_id, condition).order_by(DATA_KEY.c.generation)
    return [WrappedKey(Owner(row.owner), *row[1:]) for row in connection.execute(query)]


def _buried(connection: Connection, clinic_id: UUID) -> list[Tombstone]:
    columns = [TOMBSTONE.c[name] for name in Tombstone.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(TOMBSTONE.c.clinic_id == clinic_id))
    return [Tombstone(row.clinic_id, Owner(row.owner), *row[2:]) for row in rows]
