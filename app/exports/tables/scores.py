"""Scores of measures, in long form: one row a scale of an administration."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.exports.columns import Column, Missing, Type
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.measures.models import Score
from app.measures.series import STANDS

# Why a score is not there or not to be read, as one of the codes all tables share; `reason` says it in full.
WHY: Final = {
    "no_activity": Missing.NO_ACTIVITY,
    "declined": Missing.DECLINED,
    "not_asked": Missing.NOT_ASKED,
    "skipped": Missing.SKIPPED,
}


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """A row a score, by couple and then as they follow in their series."""
    columns = (
        Score.id,
        Score.couple_id,
        Score.partner_id,
        Score.administration_id,
        Score.answered_at,
        Score.measure_code,
        Score.scale,
        Score.value,
        Score.reason,
        Score.prorated,
        Score.standard_error,
    )
    series = (Score.couple_id, Score.partner_id, Score.measure_code, Score.scale, Score.answered_at, Score.id)
    for page in reading.couples():
        query = select(*columns).where(STANDS, reading.may_leave("measures", Score.couple_id, Score.compartment, page))
        for rows in reading.pages_of(query.order_by(*series)):
            yield [_row(*row) for row in rows]


def _row(*row: Any) -> Row:
    value, reason, prorated, standard_error = row[7:]
    return (
        *row[:7],
        value if reason is None and value is not None else WHY.get(reason, Missing.UNKNOWN),
        reason or Missing.NOT_APPLICABLE,
        prorated,
        Missing.NOT_APPLICABLE if standard_error is None else standard_error,
    )


TABLE: Final = Table(
    name="scores",
    title="Scores",
    description="One row a scale of an administration that no other corrects, with its gaps.",
    permission=Permission.ADMINISTRATIONS_READ,
    kind="measures",
    columns=(
        Column("score_id", Type.ID, "Score.", prefix="sco"),
        Column("couple_id", Type.ID, "Couple.", prefix="cpl", refers=("couples", "couple_id")),
        Column("partner_id", Type.ID, "Partner who answered.", prefix="prt", refers=("partners", "partner_id")),
        Column(
            "administration_id",
            Type.ID,
            "Administration it is a score of.",
            prefix="adm",
            refers=("administrations", "administration_id"),
        ),
        Column("answered_at", Type.MOMENT, "When it was answered."),
        Column("measure", Type.CODE, "Measure, by its code in the catalogue."),
        Column("scale", Type.CODE, "Scale of the measure; `total` is the whole."),
        Column("value", Type.NUMBER, "Score.", missing=(*WHY.values(), Missing.UNKNOWN)),
        Column(
            "reason",
            Type.CODE,
            "Why the score was withheld, or is not to be read though it stands; none for a score as all others.",
            missing=(Missing.NOT_APPLICABLE,),
        ),
        Column("prorated", Type.BOOLEAN, "Whether unanswered items were filled with the partner's own mean."),
        Column(
            "standard_error",
            Type.NUMBER,
            "Standard error that came with a score computed elsewhere.",
            missing=(Missing.NOT_APPLICABLE,),
        ),
    ),
    key=("score_id",),
    read=read,
)
