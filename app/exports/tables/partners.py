"""Partners: one row each, without name or contact."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.couples.models import Partner, Slot
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID, PARTNER_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table

KIND: Final = "contact"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Both partners of every couple, A first; who was erased is not there."""
    columns = (Partner.couple_id, Partner.id, Partner.slot, Partner.record_number, Partner.compartment)
    for of in reading.couples():
        query = select(*columns).where(Partner.couple_id.in_(of), Partner.erased_at.is_(None))
        for some in reading.pages_of(query.order_by(Partner.couple_id, Partner.slot)):
            yield [
                (
                    couple_id,
                    partner_id,
                    Slot(slot).value,
                    number if reading.covers(KIND, str(place), couple_id) else Missing.WITHHELD_BY_CONSENT,
                )
                for couple_id, partner_id, slot, number, place in some
            ]


TABLE: Final = Table(
    name="partners",
    title="Partners",
    description="One row a partner. Names, pronouns and contact data are in no export.",
    permission=Permission.COUPLES_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        PARTNER_ID,
        Column("slot", Type.CODE, "Which of the two: `a` or `b`; it says nothing of either.", categories=("a", "b")),
        Column("record_number", Type.TEXT, "The clinic's own number of this person.", (Missing.WITHHELD_BY_CONSENT,)),
    ),
    key=("partner_id",),
    read=read,
)
