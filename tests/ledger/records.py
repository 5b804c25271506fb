"""A clinic whose trail has some events, sealed in parts, and ways to look at it as its verifier and its forger do."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from app.core.commit_order import rows_in_commit_order
from app.core.crypto import Owner, Vault, open_keys
from app.core.database import Base, Compartment, Database, Reach, RecordSession
from app.core.shredding import destroy_keys
from app.ledger.checkpoints import newest_checkpoint
from app.ledger.models import LedgerEvent, LedgerLeaf
from app.ledger.sealing import seal
from app.ledger.service import Occasion, begin, chore_at_work
from app.ledger.verification import Open, Verified, verify_ledger
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

TABLES: Final = Base.metadata.tables
EVENTS, LEAVES, CHECKPOINTS = TABLES["ledger_event"], TABLES["ledger_leaf"], TABLES["checkpoint"]
SALTS = TABLES["ledger_salt"]


def live(caller: Caller, number: int) -> str:
    """Opens a couple and works with it a little."""
    couple = caller.post("/v1/couples", json=new_couple(str(number))).json()
    path = f"/v1/couples/{couple['id']}"
    caller.get(path)
    caller.get(f"{path}/partners/{couple['partners'][0]['id']}")
    caller.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"1"'})
    return str(couple["id"])


def opened(clinic: Clinic) -> Open:
    """Transactions as `rekindle audit verify` opens them."""
    return lambda: _without_time(clinic)


@contextmanager
def _without_time(clinic: Clinic) -> Iterator[tuple[RecordSession, Vault]]:
    with chore_at_work(clinic.app.state.runtime, clinic.id, "verify") as (session, vault, _now):
        yield session, vault


def sealed(clinic: Clinic) -> int:
    """Seals as the chore does; gives how many events that were."""
    before = len(leaves(clinic))
    seal(clinic.app.state.runtime, clinic.id)
    return len(leaves(clinic)) - before


def verified(clinic: Clinic, *against: str, page: int = 7) -> Verified:
    """What the verifier says, with pages small enough that there are many."""
    return verify_ledger(opened(clinic), clinic.id, against, page)


def newest(clinic: Clinic) -> str:
    """The newest checkpoint, to be kept elsewhere."""
    with clinic.at_desk() as (session, _vault):
        checkpoint = newest_checkpoint(session)
        assert checkpoint is not None
        return checkpoint.note


def leaves(clinic: Clinic) -> list[UUID]:
    """The events in the tree, in its order."""
    with clinic.at_desk() as (session, _vault):
        return list(session.scalars(select(LedgerLeaf.event_id).order_by(LedgerLeaf.number)))


@dataclass
class Forger:
    """Whoever owns the database: changes any row, and lets the verifier look at it before it is undone."""

    session: RecordSession
    vault: Vault
    clinic: Clinic

    def verify(self, *against: str) -> Verified:
        """What the verifier says of the rows as they stand now."""
        self.session.expunge_all()
        return verify_ledger(lambda: nullcontext((self.session, self.vault)), self.clinic.id, against)

    def do(self, statement: Any, **values: Any) -> Any:
        """A statement past every guard of the service."""
        return self.session.connection().execute(text(statement) if isinstance(statement, str) else statement, values)

    def destroy_key(self, couple_id: UUID) -> None:
        """What an erasure ends in, and nothing else of it."""
        destroy_keys(self.session, self.vault, [(Owner.COUPLE, couple_id)], "erasure", self.clinic.clock())
        self.session.flush()

    def order(self) -> list[UUID]:
        """The events as they stand now, whoever put them there."""
        return [row[1] for row in rows_in_commit_order(self.session, LedgerEvent, (LedgerEvent.id,), None, 100_000)]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is forged here never was."""
        with self.session.connection().begin_nested() as nested:
            yield
            nested.rollback()


@contextmanager
def forging(clinic: Clinic) -> Iterator[Forger]:
    """One transaction of the tables' owner, undone at the end."""
    database, keys = Database(clinic.settings, owner=True), open_keys(clinic.settings)
    try:
        with RecordSession(database.engine, expire_on_commit=False) as session:
            session.info.update(reach=Reach(clinic.id, frozenset(Compartment)))
            begin(session, Occasion("operator", None, None, "test", "req_test", clinic.clock()))
            forger = Forger(session, Vault(session, keys), clinic)
            if not database.is_postgresql:
                for table in ("ledger_event", "ledger_leaf", "checkpoint"):
                    for verb in ("update", "delete"):
                        forger.do(f"DROP TRIGGER {table}_no_{verb}")
            yield forger
            session.rollback()
    finally:
        database.close()
        keys.close()
