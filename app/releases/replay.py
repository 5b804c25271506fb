"""After a backup was restored: what was erased since it was taken is deleted again, before anything is served.

The shred ledger sees to it that destroyed keys stay destroyed; what no key protects, this deletes.
"""

from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

from sqlalchemy import select

from app.core.clock import now
from app.core.database import Compartment, Database, Reach, RecordSession
from app.core.ids import encode, new_id
from app.core.key_models import DestroyedKey
from app.core.key_names import Owner
from app.core.settings import Settings
from app.couples.models import Couple, Partner
from app.ledger.service import SERVICE, Occasion, begin
from app.releases.deletion import delete_rows
from app.releases.models import Erasure

REPLAYED = "restored_backup"


def replay_erasures(settings: Settings) -> int:
    """Deletes every row of couples and partners whose key is destroyed, in all clinics; how many couples and partners.

    To be run after `replay_shred_ledger`, which puts the tombstones back that a restored record lacks.
    """
    with closing(Database(settings)) as database:
        return sum(_replay(database, clinic_id) for clinic_id in database.clinic_ids())


def _replay(database: Database, clinic_id: UUID) -> int:
    with database.transaction(Reach(clinic_id, frozenset(Compartment))) as session:
        begin(session, Occasion(SERVICE, None, None, "replay_erasures", encode("req", new_id()), now()))
        undone = [*_couples(session), *_partners(session)]
        for erasure in undone:
            session.add(erasure)
            delete_rows(session, erasure, now())
    return len(undone)


def _couples(session: RecordSession) -> Iterator[Erasure]:
    gone = select(DestroyedKey.owner_id).where(DestroyedKey.owner == Owner.COUPLE)
    for couple_id in session.scalars(select(Couple.id).where(Couple.id.in_(gone))).all():
        yield _erasure(couple_id)


def _partners(session: RecordSession) -> Iterator[Erasure]:
    """Partners whose couple is not gone as well."""
    couples = select(DestroyedKey.owner_id).where(DestroyedKey.owner == Owner.COUPLE)
    partners = select(DestroyedKey.owner_id).where(DestroyedKey.owner == Owner.PARTNER)
    found = select(Partner.id, Partner.couple_id, Partner.compartment).where(
        Partner.id.in_(partners), Partner.couple_id.not_in(couples), Partner.erased_at.is_(None)
    )
    for partner_id, couple_id, compartment in session.execute(found).all():
        yield _erasure(couple_id, partner_id, compartment)


def _erasure(couple_id: UUID, partner_id: UUID | None = None, compartment: str | None = None) -> Erasure:
    """Again the erasure that the restored record does not know of any more."""
    return Erasure(
        couple_id=couple_id,
        partner_id=partner_id,
        compartment=compartment,
        ground=REPLAYED,
        asked_by=SERVICE,
        requested_at=now(),
        requested_by=UUID(int=0),
        shredded_at=now(),
    )
