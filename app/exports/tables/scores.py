"""Scores of measures, in long form: one row a scale of an administration."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, literal, select

from app.access.permissions import Permission
from app.core.snapshots import NumberText
from app.exports.columns import Column, Missing, Type
from app.exports.reading import Reading
from app.exports.straight import Spelled, Straight
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
KEYS: Final = (Score.id, Score.couple_id, Score.partner_id, Score.administration_id, Score.answered_at)
SERIES: Final = (Score.partner_id, Score.measure_code, Score.scale, Score.answered_at, Score.id)


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """A row a score, by couple and then as they follow in their series."""
    columns = (*KEYS, Score.measure_code, Score.scale, Score.value, Score.reason, Score.prorated, Score.standard_error)
    for of in reading.couples():
        for rows in reading.pages_of(select(*columns).where(_leaves(reading, of)).order_by(Score.couple_id, *SERIES)):
            yield [_row(*row) for row in rows]


def _leaves(reading: Reading, of: Sequence[UUID]) -> ColumnElement[bool]:
    """Which scores of a page of couples may leave; none that was corrected."""
    return STANDS & reading.may_leave("measures", Score.couple_id, Score.compartment, of)


def _row(*row: Any) -> Row:
    value, reason, prorated, standard_error = row[7:]
    return (
        *row[:7],
        value if reason is None and value is not None else WHY.get(reason, Missing.UNKNOWN),
        reason or Missing.NOT_APPLICABLE,
        prorated,
        Missing.NOT_APPLICABLE if standard_error is None else standard_error,
    )


def _text(value: Any) -> ColumnElement[Any]:
    return cast(value, Text)


# The same rows as `_row` makes them, spelled by the database.
STRAIGHT: Final = Straight(
    same_as=read,
    couple_id=Score.couple_id,
    ids=KEYS[:4],
    moment=Score.answered_at,
    rest=(
        Spelled(_text(Score.measure_code)),
        Spelled(_text(Score.scale)),
        Spelled(
            case((Score.reason.is_(None), NumberText(Score.value))),
            case(
                *((Score.reason == reason, literal(str(code), Text)) for reason, code in WHY.items()),
                else_=literal("unknown", Text),
            ),
        ),
        Spelled(_text(Score.reason), literal("not_applicable", Text)),
        Spelled(case((Score.prorated, literal("true", Text)), else_=literal("false", Text))),
        Spelled(NumberText(Score.standard_error), literal("not_applicable", Text)),
    ),
    order=SERIES,
    where=_leaves,
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
    straight=STRAIGHT,
)
