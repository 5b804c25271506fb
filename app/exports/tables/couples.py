"""Couples."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.permissions import Permission
from app.couples.models import Couple
from app.exports.columns import Column, Missing, Type
from app.exports.reading import Reading
from app.exports.table import Row, Table


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """A row a couple, archived ones too."""
    for page in reading.couples():
        leaves = [couple_id for couple_id in page if reading.covers("concerns", "conjoint", couple_id)]
        query = select(Couple.id, Couple.external_id, Couple.time_zone, Couple.created_at, Couple.archived_at)
        for rows in reading.pages_of(query.where(Couple.id.in_(leaves)).order_by(Couple.id)):
            yield [
                (
                    couple_id,
                    _number(reading, couple_id, external_id),
                    time_zone,
                    created_at,
                    archived_at or Missing.NOT_APPLICABLE,
                )
                for couple_id, external_id, time_zone, created_at, archived_at in rows
            ]


def _number(reading: Reading, couple_id: UUID, external_id: str | None) -> str | Missing:
    """It tells who they are to whoever knows the other software, so it leaves only with what identifies both."""
    if not reading.covers("contact", "conjoint", couple_id):
        return Missing.WITHHELD_BY_CONSENT
    return external_id or Missing.NOT_APPLICABLE


TABLE: Final = Table(
    name="couples",
    title="Couples",
    description="One row a couple, archived couples too.",
    permission=Permission.COUPLES_READ,
    kind="concerns",
    columns=(
        Column("couple_id", Type.ID, "Couple.", prefix="cpl"),
        Column(
            "external_id",
            Type.TEXT,
            "The couple's id in the software that created it.",
            missing=(Missing.NOT_APPLICABLE, Missing.WITHHELD_BY_CONSENT),
        ),
        Column("time_zone", Type.CODE, "IANA time zone the couple lives in: their days are days there."),
        Column("created_at", Type.MOMENT, "When the couple was created."),
        Column(
            "archived_at", Type.MOMENT, "When the couple was archived; none while in care.", missing=(Missing.NOT_APPLICABLE,)
        ),
    ),
    key=("couple_id",),
    read=read,
)
