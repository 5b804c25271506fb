"""Renewing keys: of the key service by wrapping the clinics' keys anew, of a couple or a clinic by sealing its rows anew.

A renewal goes on where it was interrupted. Its keys are stored first; then one short transaction, which waits for those that
are sealing, lets every process know of them; from there on nothing is sealed under an old key, and one walk through every
table with sealed columns leaves nothing under one. Old and new generations open all the while.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import load_only

from app.core.clock import now
from app.core.crypto import KeyCache, KeyName, Owner, Vault, generation_of, key_context, key_name, sealed_columns
from app.core.database import AppendOnlyRow, Base, RecordSession
from app.core.key_epochs import wait_for_sealing
from app.core.key_models import DestroyedKey, KeyRotation, renew_epoch
from app.core.key_store import WrappedKey
from app.core.kms import KeyService, KeyUnavailableError
from app.core.rewriting import rewrite

PAGE: Final = 200
FILES: Final = "psychotherapy_file"
NAMING: Final = ("id", "clinic_id", "couple_id", "partner_id", "psychotherapy_file_id")

Begin = Callable[[], AbstractContextManager[RecordSession]]


@dataclass(frozen=True)
class Renewed:
    """What a renewal did."""

    keys: int
    rows: int


def move_clinic_keys(cache: KeyCache, before: KeyService | None = None, clinics: Iterable[UUID] | None = None) -> int:
    """Wraps every clinic's key under the key service's newest key; gives how many were not. Reads no row of the record.

    `before` is the key service they are wrapped by so far, when another one has been chosen since. An interrupted run is
    simply repeated.
    """
    newest, moved = cache.key_service.current_key_id(), 0
    for clinic_id in cache.store.clinics() if clinics is None else clinics:
        for key in cache.store.all(clinic_id):
            if key.owner is Owner.CLINIC and key.wrapped_by != newest:
                context = key_context(clinic_id, (key.owner, key.owner_id), key.generation)
                if before is None:
                    wrapped = cache.key_service.rewrap(key.wrapped, context)
                else:
                    wrapped = cache.key_service.wrap(before.unwrap(key.wrapped, context), context)
                cache.store.rewrap(clinic_id, key, wrapped, newest)
                moved += 1
    return moved


def sealed_tables() -> list[type[Any]]:
    """Every mapped table with sealed columns, in one order."""
    classes = [mapper.class_ for mapper in Base.registry.mappers if sealed_columns(str(mapper.local_table))]
    return sorted(classes, key=lambda kind: str(kind.__tablename__))


class Renewal:
    """Renews the data keys of a couple and its partners, or all of a clinic when no couple is named."""

    def __init__(self, begin: Begin, cache: KeyCache, couple_id: UUID | None, page: int = PAGE) -> None:
        """`begin` opens a transaction in the clinic, in all compartments, as a role that may rewrite append-only tables."""
        self._begin, self._couple_id, self._page = begin, couple_id, page
        self._cache = KeyCache(cache.key_service, cache.store)  # of its own: what it reads must not be older than the renewal

    def run(self, *, drop_old: bool = False) -> Renewed:
        """Goes from wherever the last run came to the end; `drop_old` also removes the old keys, and with them old backups."""
        run_id, self._couple_id, is_renewed = self._open()
        if not is_renewed:
            self._make_keys(run_id)
            self._let_know(run_id)
        self._rewrap()
        for table in sealed_tables():
            last = self._last_id(table)
            while last is not None and self._sweep_page(run_id, table, last):
                pass
        return self._close(run_id, drop_old=drop_old)

    def _open(self) -> tuple[UUID, UUID | None, bool]:
        """The clinic's unfinished renewal, whichever it is, or a new one."""
        with self._begin() as session:
            if (Owner.CLINIC, session.reach.clinic_id) in destroyed_keys(session):
                raise KeyUnavailableError("the clinic's key is destroyed, and everything with it: there is nothing to renew")
            run = session.scalars(select(KeyRotation).where(KeyRotation.finished_at.is_(None))).first()
            if run is None:
                run = KeyRotation(couple_id=self._couple_id, started_at=now(), rows_done=0)
                session.add(run)
                session.flush()
            return run.id, run.couple_id, run.renewed_at is not None

    def _make_keys(self, run_id: UUID) -> None:
        """A new generation of each key that has none of this renewal yet; the clinic's first, to wrap the others."""
        with self._begin() as session:
            clinic_id = session.reach.clinic_id
            for owner_first in (True, False):
                vault = Vault(session, KeyCache(self._cache.key_service, self._cache.store))
                names = self._names(session) if self._couple_id else None
                newest = self._newest(clinic_id, names)
                old = [key for key in newest if key.renewal_id != run_id and (key.owner is Owner.CLINIC) == owner_first]
                self._cache.store.add(
                    clinic_id, [vault.new_key((key.owner, key.owner_id), key.generation + 1, run_id) for key in old]
                )

    def _newest(self, clinic_id: UUID, names: set[KeyName] | None) -> list[WrappedKey]:
        """The newest generation of each key in question; fingerprints stay, because links and cursors are made of them."""
        found = {(key.owner, key.owner_id): key for key in self._cache.store.all(clinic_id)}
        return [key for name, key in found.items() if key.owner is not Owner.FINGERPRINT and (names is None or name in names)]

    def _names(self, session: RecordSession) -> set[KeyName]:
        """Whatever keys rows of the couple are sealed under, or will be: a private file may be empty yet."""
        found = {key_name(row) for table in sealed_tables() for row in session.scalars(self._rows(table))}
        if self._couple_id is not None:
            found.add((Owner.COUPLE, self._couple_id))
            if (files := Base.metadata.tables.get(FILES)) is not None:
                mine = files.c.clinic_id == session.reach.clinic_id, files.c.couple_id == self._couple_id
                found |= {(Owner.PSYCHOTHERAPY, id_) for id_ in session.connection().scalars(select(files.c.id).where(*mine))}
        return found

    def _let_know(self, run_id: UUID) -> None:
        """From this commit on every transaction seals under the new keys: those that seal now are waited for."""
        with self._begin() as session:
            wait_for_sealing(session.connection(), session.reach.clinic_id)
            renew_epoch(session)
            renewed = update(KeyRotation).where(KeyRotation.id == run_id)
            session.execute(renewed.values(renewed_at=now()))

    def _rewrap(self) -> None:
        """Wraps the clinic's data keys under its newest key, all generations."""
        with self._begin() as session:
            clinic_id, vault = session.reach.clinic_id, Vault(session, self._cache)
            keys = self._cache.store.all(clinic_id)
            newest = str(max(key.generation for key in keys if key.owner is Owner.CLINIC))
            for key in keys:
                if key.owner is not Owner.CLINIC and key.wrapped_by != newest:
                    wrapped, wrapped_by = vault.wrap((key.owner, key.owner_id), key.generation, vault.unwrap(key))
                    self._cache.store.rewrap(clinic_id, key, wrapped, wrapped_by)

    def _last_id(self, table: type[Any]) -> UUID | None:
        """Where the walk may stop: what is added from now on is under the new keys already."""
        with self._begin() as session:
            found: UUID | None = session.scalar(select(table.id).order_by(table.id.desc()).limit(1))
            return found

    def _sweep_page(self, run_id: UUID, table: type[Any], until: UUID) -> bool:
        """Seals one page of a table anew and notes how far that is, in one transaction; False at the table's end."""
        name = str(table.__tablename__)
        with self._begin() as session:
            run = session.scalars(select(KeyRotation).where(KeyRotation.id == run_id)).one()
            if run.at_table is not None and run.at_table > name:
                return False
            after = run.after_id if run.at_table == name else None
            query = self._rows(table, *sealed_columns(name)).where(table.id <= until).order_by(table.id).limit(self._page)
            rows = list(session.scalars(query if after is None else query.where(table.id > after)))
            vault = Vault(session, self._cache)
            vault.load_keys({key_name(row) for row in rows})
            gone = destroyed_keys(session)
            changes = [change for row in rows if key_name(row) not in gone for change in self._changes(vault, row)]
            rewrite(session, table.__table__, changes, append_only=issubclass(table, AppendOnlyRow))
            last = rows[-1].id if rows else run.after_id if run.at_table == name else None
            done = run.rows_done + len({id_ for id_, *_change in changes})
            session.execute(
                update(KeyRotation).where(KeyRotation.id == run_id).values(at_table=name, after_id=last, rows_done=done)
            )
            return len(rows) == self._page

    def _changes(self, vault: Vault, row: Any) -> Iterator[tuple[UUID, str, bytes, bytes]]:
        for column in sorted(sealed_columns(str(row.__tablename__))):
            sealed = getattr(row, column)
            renewed = None if sealed is None else vault.renewed(row, column, sealed)
            if renewed is not None:
                yield row.id, column, sealed, renewed

    def _rows(self, table: type[Any], *columns: str) -> Any:
        """Rows of the couple, or all; only what names their key, and the columns asked for."""
        held = inspect(table).columns.keys()
        query = select(table).options(load_only(*(getattr(table, name) for name in (*NAMING, *columns) if name in held)))
        if self._couple_id is None:
            return query
        return query.where((table.couple_id if "couple_id" in held else table.id) == self._couple_id)

    def _close(self, run_id: UUID, *, drop_old: bool) -> Renewed:
        with self._begin() as session:
            clinic_id = session.reach.clinic_id
            newest = self._newest(clinic_id, self._names(session) if self._couple_id else None)
            generations = {(key.owner, key.owner_id): key.generation for key in newest}
            run = session.scalars(select(KeyRotation).where(KeyRotation.id == run_id)).one()
            run.finished_at = now()
            rows = run.rows_done
        if drop_old:
            every = self._cache.store.all(clinic_id)
            self._cache.store.drop(
                clinic_id, [key for key in every if key.generation < generations.get((key.owner, key.owner_id), 0)]
            )
        return Renewed(sum(key.renewal_id == run_id for key in newest), rows)


def destroyed_keys(session: RecordSession) -> set[KeyName]:
    """The keys that are gone: what they sealed stays as it is, for nobody."""
    return {(Owner(owner), owner_id) for owner, owner_id in session.execute(select(DestroyedKey.owner, DestroyedKey.owner_id))}


def under_old_keys(session: RecordSession, cache: KeyCache) -> dict[str, int]:
    """How many sealed values of each table are not under the newest generation of their key; walks every row."""
    newest = {(key.owner, key.owner_id): key.generation for key in cache.store.all(session.reach.clinic_id)}
    found, gone = dict[str, int](), destroyed_keys(session)
    for table in sealed_tables():
        name = str(table.__tablename__)
        for row in session.scalars(select(table).execution_options(yield_per=PAGE)):
            values = [] if key_name(row) in gone else [getattr(row, column) for column in sealed_columns(name)]
            old = sum(value is not None and generation_of(value) != newest.get(key_name(row)) for value in values)
            found[name] = found.get(name, 0) + old
    return found
