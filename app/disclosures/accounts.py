"""Use cases of disclosures: what left by other ways, what left at all, and each partner's account of it."""

from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.models import Slot
from app.couples.rules import DayInFutureError
from app.couples.service import get_couple, get_partner, partners_of
from app.disclosures.models import Disclosure
from app.disclosures.rules import ACCOUNTED_FOR, OUTSIDE_THE_DUTY, Days, Ground, check_kinds
from app.disclosures.schemas import Account, AccountEntry, DisclosureCreate, DisclosureRead
from app.disclosures.service import Recipient, Release, disclose
from app.errors import Fault


def record(work: Work, couple_id: UUID, body: DisclosureCreate) -> Page[DisclosureRead]:
    """Keeps what left by other ways, under the same rules as a file. Raises what `check_release` raises, KindUnknownError."""
    get_couple(work, couple_id)
    for number, place in enumerate(body.left):
        check_kinds(place.kinds, f"/left/{number}/kinds")
    if body.disclosed_at is not None and body.disclosed_at > work.now + FUTURE_LEEWAY:
        raise DayInFutureError(faults=(Fault("/disclosed_at", "moment_in_future", "This moment has not come yet."),))
    left: dict[str, dict[str, int]] = {place.place: place.kinds for place in body.left}
    release = Release(
        couple_id,
        Ground(body.ground),
        Recipient(body.recipient_kind, body.recipient),
        body.purpose,
        {place: frozenset(kinds) for place, kinds in left.items()},
        Days(body.from_on, body.to_on),
        tuple(body.authorisations),
        reference=body.reference,
    )
    release_id = disclose(work, release, left, disclosed_at=body.disclosed_at)
    query = select(Disclosure).where(Disclosure.couple_id == couple_id, Disclosure.release_id == release_id)
    return Page(items=shown(work, couple_id, list(work.session.scalars(query.order_by(Disclosure.id)))), next_cursor=None)


def list_disclosures(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[DisclosureRead]:
    """A page of what left, as far as the caller reaches, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "disclosures", couple_id)
    query = select(Disclosure).where(Disclosure.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Disclosure.id))))
    return Page(items=shown(work, couple_id, rows), next_cursor=next_cursor)


def account(work: Work, couple_id: UUID, partner_id: UUID) -> Account:
    """All that left in six years of what is the couple's or this partner's own, and nothing of what is the other's alone.

    Only kinds are told, no counts and no hash: the same file may have held rows of the other.
    """
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    since = work.now - ACCOUNTED_FOR
    own = work.session.reach.compartments & {Compartment.CONJOINT, Compartment(partner.compartment)}
    query = select(Disclosure).where(Disclosure.couple_id == couple_id, Disclosure.disclosed_at >= since)
    with work.session.reaching(frozenset(own)):
        rows = list(work.session.scalars(query.order_by(Disclosure.disclosed_at, Disclosure.id)))
    return Account(partner_id=partner.id, from_on=since.date(), entries=[_entry(work, row) for row in rows])


def _entry(work: Work, row: Disclosure) -> AccountEntry:
    words = work.vault.open(row, "words", row.words)
    return AccountEntry(
        disclosed_at=row.disclosed_at,
        about="couple" if row.partner_id is None else "you",
        ground=row.ground,
        recipient_kind=row.recipient_kind,
        recipient=words["recipient"],
        purpose=words["purpose"],
        kinds=sorted(row.counts),
        owed=Ground(row.ground) not in OUTSIDE_THE_DUTY,
    )


def shown(work: Work, couple_id: UUID, rows: list[Disclosure]) -> list[DisclosureRead]:
    """Disclosures as the care team reads them."""
    slots = {partner.id: str(Slot(partner.slot)) for partner in partners_of(work, couple_id)}
    return [
        DisclosureRead(
            id=row.id,
            release_id=row.release_id,
            place=_place(row, slots),
            ground=row.ground,
            authorisations=[UUID(one) for one in row.authorisations],
            recipient_kind=row.recipient_kind,
            kinds=row.counts,
            from_on=row.from_on,
            to_on=row.to_on,
            file_sha256=row.file_sha256,
            disclosed_at=row.disclosed_at,
            **work.vault.open(row, "words", row.words),
        )
        for row in rows
    ]


def _place(row: Disclosure, slots: dict[UUID, str]) -> str:
    if row.partner_id is None or row.compartment != Compartment.SAFETY:
        return str(row.compartment)
    return f"safety_{slots[row.partner_id]}"
