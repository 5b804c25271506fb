"""What is gone of what clients were shown: kept by the trail in the transaction in which it goes, and told as tombstones.

An erasure deletes rows of which no event says whether, and as what, they showed outside. So what shows of the couple is looked
at before and after, and of what shows no more the trail gets an event: its resource type, its id, whose it was. Nothing that
never showed to software leaves one: no draft, nothing hidden, nothing of the safety compartment. What goes although its rows
stay is found in them (`Resource.gone`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import literal_column, select

from app.access.actor import Actor
from app.access.permissions import MACHINE
from app.access.smart import EVERY_TYPE, READS, SmartScope, categories
from app.access.work import Work
from app.fhir.bulk.orders import OF_COUPLES, Order, couple_of, partners_of
from app.fhir.bulk.walking import pages, patients_in
from app.fhir.ids import LENGTH, LETTERS
from app.fhir.resource import Asked, Drawing
from app.fhir.resources import resources
from app.ledger.models import LedgerEvent
from app.ledger.service import log_gone
from app.releases.deletion import around_erasure
from app.releases.models import Erasure

EVERYTHING: Final = (SmartScope(EVERY_TYPE, frozenset(READS)),)
AT_ONCE: Final = 1_000
Shown = dict[tuple[str, str], UUID | None]


@around_erasure
def keep_what_goes(work: Work, erasure: Erasure) -> Callable[[], None]:
    """Leaves an event of every resource that goes with an erasure."""
    before = _shown(work, erasure.couple_id)

    def tell() -> None:
        gone = before.keys() - _shown(work, erasure.couple_id).keys()
        rows = [
            {
                "subject": type_,
                "subject_id": UUID(hex=fhir_id),
                "couple_id": erasure.couple_id,
                "partner_id": before[type_, fhir_id],
            }
            for type_, fhir_id in sorted(gone)
        ]
        log_gone(work.session, rows)

    return tell


def _shown(work: Work, couple_id: UUID) -> Shown:
    """What of a couple a client that may read everything is shown, and the one partner it is of, if it is one's."""
    found: Shown = {}
    machine = Actor(work.actor.clinic_id, work.actor.id, work.actor.credential_id, None, frozenset(), smart=EVERYTHING)
    with work.session.reaching(MACHINE):
        drawing = Drawing(replace(work, actor=machine), work.settings.address + "/fhir")
        for resource in resources().values():
            if not resource.of_patients:
                continue
            for page in pages(drawing, resource, Asked(couples=[couple_id])):
                for one in page:
                    fhir_id = one.resource["id"]
                    if one.couple_id == couple_id and len(fhir_id) == LENGTH and LETTERS.issuperset(fhir_id):
                        found[resource.type, fhir_id] = _partner(drawing, one.resource)
    return found


def _partner(drawing: Drawing, resource: dict[str, Any]) -> UUID | None:
    patients = patients_in(resource)
    return drawing.ids.row("Patient", next(iter(patients))) if len(patients) == 1 else None


@dataclass(frozen=True)
class Within:
    """Whose resources an export is of: of which couple alone, and of which partners alone; None is of all."""

    couple_id: UUID | None = None
    partner_ids: frozenset[UUID] | None = None

    @classmethod
    def of(cls, drawing: Drawing, order: Order) -> Self:
        """Whose an order asks for, as far as they are still there. Raises NotFoundError."""
        couple_id = None if order.group is None else couple_of(drawing, order.group)
        if order.patients is None:
            return cls(couple_id)
        return cls(couple_id, frozenset(one for one, _couple in partners_of(drawing, order.patients).values()))

    def holds(self, couple_id: UUID | None, partner_id: UUID | None) -> bool:
        """Whether what was of this couple, and of this partner if it was one's alone, is within."""
        is_of_them = self.partner_ids is None or partner_id in self.partner_ids
        return self.couple_id in {None, couple_id} and is_of_them


def tombstones(drawing: Drawing, order: Order, within: Within, since: datetime) -> Iterator[dict[str, Any]]:
    """A Bundle for each resource that is gone since a moment, and that this client could have seen.

    Of a type that its scopes open by category alone it is told nothing: of what is gone nobody knows the category any more.
    Each stands alone, in the order of ids that mean nothing: what went together is not shown to have belonged together. So who
    may not know couples is told what went since that day began, and cannot ask nearer and nearer for the moment.
    """
    if not drawing.knows_couples:
        since = since.replace(hour=0, minute=0, second=0, microsecond=0)
    types = sorted(one for one in order.types if _opens(drawing, one))
    last = None
    for type_, fhir_id in merge(_by_erasure(drawing, types, within, since), _otherwise(drawing, types, within, since)):
        if (type_, fhir_id) != last:
            last = type_, fhir_id
            entry = {"request": {"method": "DELETE", "url": f"{type_}/{fhir_id}"}}
            yield {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


def _opens(drawing: Drawing, type_: str) -> bool:
    whole = all(categories(drawing.scopes, type_, letter) is None for letter in READS)
    return whole and (type_ not in OF_COUPLES or drawing.knows_couples)


def _by_erasure(drawing: Drawing, types: Sequence[str], within: Within, since: datetime) -> Iterator[tuple[str, str]]:
    columns = (LedgerEvent.subject, LedgerEvent.subject_id, LedgerEvent.couple_id, LedgerEvent.partner_id)
    for type_ in types:
        query = select(*columns).where(
            LedgerEvent.kind == literal_column("'delete'"),  # in so many words: its index holds nothing else
            LedgerEvent.subject == type_,
            LedgerEvent.at >= since,
            LedgerEvent.subject_id.is_not(None),
        )
        if within.couple_id is not None:
            query = query.where(LedgerEvent.couple_id == within.couple_id)
        rows = drawing.work.session.execute(query.order_by(LedgerEvent.subject_id).execution_options(yield_per=AT_ONCE))
        for row in rows:
            if within.holds(row.couple_id, row.partner_id):
                yield type_, row.subject_id.hex


def _otherwise(drawing: Drawing, types: Sequence[str], within: Within, since: datetime) -> Iterator[tuple[str, str]]:
    for type_ in types:
        gone = resources()[type_].gone
        if gone is not None:
            found = (one.id for one in gone(drawing, since) if within.holds(one.couple_id, one.partner_id))
            yield from ((type_, fhir_id) for fhir_id in sorted(found))
