"""Concerns of episodes."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.clinical.concerns import CONCERNS
from app.couples.models import Concern
from app.couples.rules import place_of
from app.exports.columns import Column, Missing, Type
from app.exports.keys import CONCERN_ID, COUPLE_ID, EPISODE_ID
from app.exports.reading import Reading
from app.exports.rows import rows_of
from app.exports.table import Row, Table

KIND: Final = "concerns"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every concern of a couple within reach."""
    columns = (
        Concern.couple_id,
        Concern.episode_id,
        Concern.id,
        Concern.code,
        Concern.is_primary,
        Concern.bearer,
        Concern.contributing_factors,
        Concern.resolved_on,
    )
    return rows_of(reading, select(*columns), KIND, Concern.couple_id, Concern.compartment, [Concern.id], _shown)


def _shown(row: Row) -> Row:
    couple_id, episode_id, concern_id, code, is_primary, bearer, factors, resolved_on = row
    known = CONCERNS[code]
    return (
        couple_id,
        episode_id,
        concern_id,
        code,
        known.domain,
        place_of(known, is_primary=is_primary),
        bearer,
        ";".join(factors) or Missing.NOT_APPLICABLE,
        resolved_on or Missing.NOT_APPLICABLE,
    )


TABLE: Final = Table(
    name="concerns",
    title="Concerns",
    description="One row a concern. The primary one is sexual; relational ones hang downstream of it.",
    permission=Permission.COUPLES_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        EPISODE_ID,
        CONCERN_ID,
        Column("concern", Type.CODE, "What the couple comes with.", vocabulary="concerns"),
        Column("domain", Type.CODE, "Domain of the concern.", categories=("sexual", "relational", "safety")),
        Column("place", Type.CODE, "Where it stands in the episode.", categories=("primary", "sexual", "downstream")),
        Column("bearer", Type.CODE, "Who bears it.", categories=("partner_a", "partner_b", "relationship")),
        Column("contributing_factors", Type.TEXT, "What contributes: codes, a `;` between two.", (Missing.NOT_APPLICABLE,)),
        Column("resolved_on", Type.DATE, "When it was settled.", (Missing.NOT_APPLICABLE,)),
    ),
    key=("concern_id",),
    read=read,
)
