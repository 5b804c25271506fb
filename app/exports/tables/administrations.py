"""Administrations of measures, without their answers."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.exports.columns import Column, Missing, Type
from app.exports.keys import ADMINISTRATION_ID, COUPLE_ID, EPISODE_ID_IF_ANY, MEASURE, PARTNER_ID
from app.exports.reading import Reading
from app.exports.rows import rows_of
from app.exports.table import Row, Table
from app.measures.models import Administration

KIND: Final = "measures"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every administration, the corrected ones too."""
    one = Administration
    columns = (
        *(one.couple_id, one.partner_id, one.id, one.episode_id, one.supersedes_id, one.external_id, one.measure_code),
        *(one.measure_version, one.mode, one.language, one.answered_at, one.recorded_at, one.recall_starts_on),
        *(one.recall_ends_on, one.scored_elsewhere, one.validity, one.prorated),
    )
    shown = _shown if reading.released is None else _without_number
    return rows_of(reading, select(*columns), KIND, one.couple_id, one.compartment, [one.partner_id, one.id], shown)


def _shown(row: Row) -> Row:
    whole = list(row)
    whole[3:5] = [each or Missing.NOT_APPLICABLE for each in whole[3:5]]
    whole[5] = Missing.UNKNOWN if whole[5] is None else whole[5]
    whole[12] = whole[12] or Missing.NOT_APPLICABLE
    return tuple(whole)


def _without_number(row: Row) -> Row:
    whole = list(_shown(row))
    whole[5] = Missing.WITHHELD_BY_CONSENT
    return tuple(whole)


TABLE: Final = Table(
    name="administrations",
    title="Administrations of measures",
    description="One row each time a partner answered a measure. A correction is a row of its own that supersedes another.",
    permission=Permission.ADMINISTRATIONS_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        PARTNER_ID,
        ADMINISTRATION_ID,
        EPISODE_ID_IF_ANY,
        Column(
            "supersedes_id",
            Type.ID,
            "The administration that this one corrects.",
            (Missing.NOT_APPLICABLE,),
            prefix="adm",
            refers=("administrations", "administration_id"),
        ),
        Column(
            "external_id",
            Type.TEXT,
            "The number it has in the software that sent it.",
            (Missing.UNKNOWN, Missing.WITHHELD_BY_CONSENT),
        ),
        MEASURE,
        Column("measure_version", Type.TEXT, "Version of the measure's definition."),
        Column("mode", Type.CODE, "How it was answered."),
        Column("language", Type.TEXT, "Language of the form (BCP 47)."),
        Column("answered_at", Type.MOMENT, "When it was answered."),
        Column("recorded_at", Type.MOMENT, "When it was entered."),
        Column("recall_starts_on", Type.DATE, "First day that the answers are about.", (Missing.NOT_APPLICABLE,)),
        Column("recall_ends_on", Type.DATE, "Last day that the answers are about."),
        Column("scored_elsewhere", Type.BOOLEAN, "Whether scores came without answers."),
        Column("validity", Type.CODE, "Whether it can be read.", categories=("valid", "incomplete", "inactive_or_partial")),
        Column("prorated", Type.BOOLEAN, "Whether skipped answers were filled in as the measure's rule says."),
    ),
    key=("administration_id",),
    read=read,
)
