"""What an erasure destroys: keys, and every row with the plain columns that no key protects.

Scores, dates, codes and states are not encrypted and are as personal as what is: destroying keys alone would leave them. Rows
are found by their table's columns, so that a table nobody thought of here is deleted too.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from app.access.work import Work
from app.core.crypto import KeyName, Owner
from app.core.database import Base, TenantRow, erase_rows
from app.core.ids import encode
from app.core.shredding import destroy_keys
from app.couples.models import Couple, Partner
from app.disclosures.service import EVERYTHING
from app.homework.models import CheckIn, MenuSheet
from app.ledger.service import by_the_service
from app.partner_pages.models import LinkUse, PartnerLink
from app.releases.models import Erasure

# They say that and when something was done, and nothing of whom: the proof, the trail, and which keys are gone for good.
KEPT: Final = frozenset({"erasure", "ledger_event"})


def tables_of_couples() -> list[type[TenantRow]]:
    """Every table whose rows are of one couple, children before what they refer to; the couple's own comes last."""
    by_table = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    ordered = [by_table[table] for table in reversed(Base.metadata.sorted_tables) if table in by_table]
    return [model for model in ordered if "couple_id" in model.__table__.c and model.__tablename__ not in KEPT]


def destroy(work: Work, erasure: Erasure) -> dict[str, Any]:
    """Deletes the rows and destroys the keys, in the caller's transaction; what was destroyed, for the tombstone."""
    with work.session.reaching(EVERYTHING), by_the_service(work.session):
        names = list(_keys_of(work, erasure))
        erasure.deleting = "all"
        work.session.flush()
        rows = sum(erase_rows(work.session, model, erasure.id, where) for model, where in _rows_of(erasure))
        _end_of(work, erasure)
        erasure.deleting = None
        work.session.flush()
        reason = f"erasure {encode('ers', erasure.id)}"
        destroy_keys(work.session, work.vault, names, reason, work.now)
    return {"keys": sorted(f"{owner} {owner_id}" for owner, owner_id in names), "rows": rows}


def _keys_of(work: Work, erasure: Erasure) -> Iterator[KeyName]:
    if erasure.partner_id is not None:
        yield Owner.PARTNER, erasure.partner_id
        return
    yield Owner.COUPLE, erasure.couple_id
    for partner_id in work.session.scalars(select(Partner.id).where(Partner.couple_id == erasure.couple_id)):
        yield Owner.PARTNER, partner_id
    yield from _psychotherapy_keys(work, erasure)


def _psychotherapy_keys(work: Work, erasure: Erasure) -> Iterator[KeyName]:
    """The keys of the files that therapists keep apart about this couple."""
    for model in tables_of_couples():
        column = model.__table__.c.get("psychotherapy_file_id")
        if column is not None:
            found: Any = model
            query = select(found.psychotherapy_file_id).where(found.couple_id == erasure.couple_id).distinct()
            for file_id in work.session.scalars(query):
                yield Owner["PSYCHOTHERAPY"], file_id


def _rows_of(erasure: Erasure) -> Iterator[tuple[type[TenantRow], ColumnElement[bool]]]:
    for model in tables_of_couples():
        if erasure.partner_id is None:
            found: Any = model
            yield model, found.couple_id == erasure.couple_id
        elif model is not Partner and (where := _of_partner(model, erasure)) is not None:
            yield model, where


def _of_partner(model: Any, erasure: Erasure) -> ColumnElement[bool] | None:
    """The rows of one partner: those that name them, and those in their compartment. None where a table has no such rows."""
    own: list[ColumnElement[bool]] = []
    if "partner_id" in model.__table__.c:
        own.append(model.partner_id == erasure.partner_id)
    if "compartment" in model.__table__.c:
        own.append(model.compartment == erasure.compartment)
    if not own:
        return None
    condition = own[0] if len(own) == 1 else own[0] | own[1]
    return (model.couple_id == erasure.couple_id) & condition


def _end_of(work: Work, erasure: Erasure) -> None:
    """The couple's row goes last, through the session, so that the trail has the end of it; a partner's stays, emptied.

    The other partner's record needs to know that there were two: a number drawn anew stands where the record number stood.
    """
    if erasure.partner_id is None:
        work.session.delete(work.session.scalars(select(Couple).where(Couple.id == erasure.couple_id)).one())
        return
    partner = work.session.scalars(select(Partner).where(Partner.id == erasure.partner_id)).one()
    partner.record_number, partner.person, partner.erased_at = f"erased-{erasure.id.hex}", b"", work.now


def delete_optional(work: Work, erasure: Erasure) -> None:
    """Deletes what is kept by consent alone: what partners wrote beside a check-in, answers to menus, links."""
    with work.session.reaching(EVERYTHING), by_the_service(work.session):
        for check_in in work.session.scalars(_theirs(CheckIn, erasure)):
            answers = work.vault.open(check_in, "answers", check_in.answers)
            if answers["note"] is not None:
                check_in.answers = work.vault.seal(check_in, "answers", answers | {"note": None})
        for sheet in work.session.scalars(_theirs(MenuSheet, erasure)):
            sheet.answers = sheet.answered_at = sheet.agreed_at = None
        erasure.deleting = "optional"
        work.session.flush()
        for model in (LinkUse, PartnerLink):
            of_couple: Any = model.couple_id == erasure.couple_id
            own = of_couple if erasure.partner_id is None else of_couple & (model.partner_id == erasure.partner_id)
            erase_rows(work.session, model, erasure.id, own)
        erasure.deleting = None
        work.session.flush()


def _theirs(model: Any, erasure: Erasure) -> Any:
    query = select(model).where(model.couple_id == erasure.couple_id)
    return query if erasure.partner_id is None else query.where(model.partner_id == erasure.partner_id)
