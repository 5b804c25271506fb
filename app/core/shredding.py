"""Destroying data keys, so that what they seal can never be read again, not even from a restored backup.

The tombstone commits with whatever asks for it, and from then on no vault of any process opens what the key sealed. Right
after the commit the wrapped key leaves the key store and the shred ledger remembers it. What a crash leaves undone, and what
a restored backup brings back, the next start does over before it serves.
"""

from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.core.bulk import insert_rows
from app.core.chores import Chore, Holds
from app.core.clock import now as this_moment
from app.core.crypto import KeyCache, KeyName, Vault, open_keys
from app.core.database import Database, Reach, RecordSession
from app.core.ids import new_id
from app.core.key_models import DestroyedKey, KeyEpoch, renew_epoch
from app.core.key_names import Owner, Tombstone
from app.core.logs import log
from app.core.settings import Settings
from app.core.shred_ledger import ShredLedgerError
from app.core.signing import Purpose, Signature, is_signed, public_keys, sign

LONGEST_TRANSACTION: Final = timedelta(minutes=10)  # one that was to destroy keys has ended by then, either way


class ShredLedgerForgedError(ShredLedgerError):
    """A tombstone carries no signature of its clinic."""


def destroy_keys(session: RecordSession, vault: Vault, names: Iterable[KeyName], reason: str, now: datetime) -> None:
    """Destroys data keys with the commit of this transaction; `reason` is a code, never words about anybody.

    After the commit no vault of any process opens what those keys sealed. A key destroyed before is left as it is.
    """
    clinic_id, cache = session.reach.clinic_id, vault.cache
    gone = {_name(row) for row in session.scalars(select(DestroyedKey))}
    tombstones = [_signed(session, vault, name, reason, now) for name in dict.fromkeys(names) if name not in gone]
    if not tombstones:
        return
    for tombstone in tombstones:
        session.add(DestroyedKey(**_columns(tombstone)))
    renew_epoch(session)
    vault.forget(tombstone.name for tombstone in tombstones)
    burial_id = new_id()
    session.info.setdefault("before_commit", []).append(lambda: cache.store.expect_burial(clinic_id, burial_id))
    session.info.setdefault("after_commit", []).append(lambda: _bury_now(cache, clinic_id, tombstones, burial_id))


def replay_shred_ledger(settings: Settings) -> int:
    """Makes every key that was ever destroyed stay so, in the record, the key store and the ledger alike.

    Run before serving and after every restore. Gives the number of wrapped keys it removed. Raises ShredLedgerDamagedError
    and ShredLedgerForgedError.
    """
    with closing(Database(settings)) as database, closing(open_keys(settings)) as cache:
        ledger = cache.store.shred_ledger
        known: dict[UUID, list[Tombstone]] = {clinic_id: [] for clinic_id in _clinics_to_look_at(database, cache)}
        for tombstone in ledger.read():
            known.setdefault(tombstone.clinic_id, []).append(tombstone)
        removed = sum(_settle(database, cache, clinic_id, entries) for clinic_id, entries in known.items())
        ledger.add(())
    return removed


def finish_burials(running: Holds, clinic_id: UUID) -> None:
    """What could not be finished right after a commit, because the key store was away, is finished without a new start."""
    if clinic_id in running.cache.store.clinics(unsettled=True):
        entries = [one for one in running.cache.store.shred_ledger.read() if one.clinic_id == clinic_id]
        _settle(running.database, running.cache, clinic_id, entries)


BURYING: Final = Chore("finish_burials", timedelta(minutes=5), finish_burials)


def _clinics_to_look_at(database: Database, cache: KeyCache) -> list[UUID]:
    """Clinics in which something may be undone; all of them when there is no ledger yet, or none any more."""
    if not database.is_postgresql:
        only = database.only_value(KeyEpoch.clinic_id)
        return [] if only is None else [only]
    return cache.store.clinics(unsettled=cache.store.shred_ledger.exists())


def _settle(database: Database, cache: KeyCache, clinic_id: UUID, entries: Collection[Tombstone]) -> int:
    """Puts the clinic's tombstones wherever they are missing, and removes the keys they speak of."""
    with database.transaction(Reach(clinic_id)) as session:
        mine = {_name(row): _tombstone(row) for row in session.scalars(select(DestroyedKey))}
        every = mine | {one.name: one for one in (*entries, *cache.store.tombstones(clinic_id))}
        keys = public_keys(session, Purpose.TOMBSTONE)
        if keys:  # the record holds this clinic; another one's tombstones in a shared key store are none of its business
            _check(every.values(), keys)
            missing = [_columns(one) | {"id": new_id()} for name, one in every.items() if name not in mine]
            if missing:
                insert_rows(session, DestroyedKey, missing)
                renew_epoch(session)
    removed = _bury(cache, clinic_id, list(every.values()))
    cache.store.end_burials(clinic_id, before=this_moment() - LONGEST_TRANSACTION)
    return removed


def _check(tombstones: Iterable[Tombstone], keys: dict[UUID, bytes]) -> None:
    for one in tombstones:
        if not is_signed(keys, one.message, Signature(one.signed_by, one.signature)):
            raise ShredLedgerForgedError("the shred ledger names a key whose destruction the clinic did not sign")


def _bury_now(cache: KeyCache, clinic_id: UUID, tombstones: Collection[Tombstone], burial_id: UUID) -> None:
    """Right after the commit; what fails here is done at the next start, and until then the tombstones keep vaults shut."""
    try:
        _bury(cache, clinic_id, tombstones)
        cache.store.end_burials(clinic_id, only=burial_id)
    except Exception as error:  # noqa: BLE001 - the destruction is committed, and its caller must not be told otherwise
        log.error("shredding_unfinished", error=type(error).__name__)


def _bury(cache: KeyCache, clinic_id: UUID, tombstones: Collection[Tombstone]) -> int:
    if not tombstones:
        return 0
    cache.store.shred_ledger.add(tombstones)
    return cache.store.bury(clinic_id, tombstones)


def _signed(session: RecordSession, vault: Vault, name: KeyName, reason: str, now: datetime) -> Tombstone:
    blank = Tombstone(session.reach.clinic_id, *name, reason, now, UUID(int=0), b"")
    signature = sign(session, vault, Purpose.TOMBSTONE, blank.message)
    return Tombstone(session.reach.clinic_id, *name, reason, now, signature.key_id, signature.value)


def _name(row: DestroyedKey) -> KeyName:
    return Owner(row.owner), row.owner_id


def _tombstone(row: DestroyedKey) -> Tombstone:
    return Tombstone(row.clinic_id, *_name(row), row.reason, row.destroyed_at, row.signed_by, row.signature)


def _columns(tombstone: Tombstone) -> dict[str, Any]:
    """The tombstone as a row of the record."""
    return {name: value for name, value in vars(tombstone).items() if name != "clinic_id"}
