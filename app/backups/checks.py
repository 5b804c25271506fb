"""Whether a record is whole and readable: the schema, every sealed field, and what the database itself guarantees."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

import app.main
from app.access.models import Clinic
from app.core.crypto import KeyCache, KeyName, Owner, SealBrokenError, Vault, key_name, sealed_columns
from app.core.database import Base, Database, IdentifiedRow, Reach, RecordSession
from app.core.key_models import DestroyedKey
from app.core.kms import KeyUnavailableError
from app.core.migrate import HEAD
from app.ledger.verification import verify_ledger

PAGE: Final = 500
UNREADABLE: Final = (SealBrokenError, KeyUnavailableError)


@dataclass
class Findings:
    """What a check saw: fields opened, fields whose key was destroyed, sealed events, and a sentence for each thing wrong."""

    opened: int = 0
    destroyed: int = 0
    events: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def sealed_tables() -> Iterator[tuple[type[Any], frozenset[str]]]:
    """Every table that holds sealed values, and in which columns."""
    for mapper in sorted(Base.registry.mappers, key=lambda one: str(one.local_table)):
        columns = sealed_columns(str(mapper.local_table))
        if columns and issubclass(mapper.class_, IdentifiedRow):  # sealing binds the row's id
            yield mapper.class_, columns


def check(
    database: Database, keys: KeyCache, clinic_id: UUID, sample: int | None = None, against: Sequence[str] = ()
) -> Findings:
    """Looks at one clinic's record; with `sample`, at no more than so many rows of each table.

    `against` are checkpoints of the ledger that were kept elsewhere; the ledger must still hold what they say.

    Each page of rows is a transaction of its own, so that a record in use can be checked without anyone waiting long.
    """
    found = Findings(faults=database.refusals())
    if (stands := database.schema_revision()) != HEAD:
        found.faults.append(f"the schema is at {stands or 'nothing of ours'}, and this version needs {HEAD}")
        return found
    found.faults.extend(database.broken())
    with database.transaction(Reach(clinic_id), durable=False) as session:
        if session.get(Clinic, clinic_id) is None:
            found.faults.append("there is no such clinic in this record")
        gone = {(Owner(row.owner), row.owner_id) for row in session.scalars(select(DestroyedKey))}
    _check_fields(database, keys, clinic_id, sample, gone, found)
    _check_trail(database, keys, clinic_id, against, found)
    return found


def _check_fields(  # noqa: PLR0913, PLR0917 - whose fields, how many of them, and what is known of their keys
    database: Database, keys: KeyCache, clinic_id: UUID, sample: int | None, gone: set[KeyName], found: Findings
) -> None:
    for table, columns in sealed_tables():
        broken = 0
        for rows, vault in _pages(database, keys, clinic_id, table, sample):
            for row in rows:
                opened, unreadable = _open(vault, row, columns)
                destroyed = {key_name(row), (Owner.CLINIC, clinic_id)} & gone
                found.opened += opened
                found.destroyed += unreadable if destroyed else 0
                broken += opened if destroyed else unreadable  # what was destroyed and opens is as wrong
        if broken:
            found.faults.append(f"{broken} sealed fields of {table.__tablename__} do not open, or open though destroyed")


def _check_trail(database: Database, keys: KeyCache, clinic_id: UUID, against: Sequence[str], found: Findings) -> None:
    """The ledger, and everything that was signed."""

    @contextmanager
    def record() -> Iterator[tuple[RecordSession, Vault]]:
        with database.transaction(Reach.whole(clinic_id), durable=False) as session:
            yield session, Vault(session, keys)

    ledger = verify_ledger(record, clinic_id, against)
    found.events = ledger.size
    if ledger.finding is not None:
        found.faults.append(f"the ledger is not whole from leaf {ledger.finding.number} on: {ledger.finding.sentence}")
    for name, verify_signed in app.main.SIGNED.items():
        with record() as (session, vault):
            found.faults.extend(f"{name}: {one} is not what was signed" for one in verify_signed(session, vault).altered)


def _pages(
    database: Database, keys: KeyCache, clinic_id: UUID, table: Any, sample: int | None
) -> Iterator[tuple[list[Any], Vault]]:
    """The rows of a table in pages, each within the transaction that read it."""
    after, left = None, sample
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        with database.transaction(Reach.whole(clinic_id), durable=False) as session:
            query = select(table).order_by(table.id).limit(size)
            rows = list(session.scalars(query if after is None else query.where(table.id > after)))
            vault = Vault(session, keys)
            with suppress(*UNREADABLE):  # a page's keys at once; one that is broken is met again with the field it protects
                vault.load_keys({key_name(row) for row in rows})
            yield rows, vault
        if len(rows) < size:
            return
        after, left = rows[-1].id, None if left is None else left - len(rows)


def _open(vault: Vault, row: Any, columns: Iterable[str]) -> tuple[int, int]:
    """How many sealed fields of a row open, and how many do not."""
    good = bad = 0
    for column in columns:
        if (sealed := getattr(row, column)) is None:
            continue
        try:
            vault.open(row, column, sealed)
        except UNREADABLE:
            bad += 1
        else:
            good += 1
    return good, bad
