"""What each concern weighed on each partner."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.couples.models import ConcernRating
from app.exports.columns import Column, Type
from app.exports.keys import CONCERN_ID, COUPLE_ID, PARTNER_ID
from app.exports.reading import Reading
from app.exports.rows import rows_of
from app.exports.table import Row, Table

KIND: Final = "concerns"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every rating of every partner, oldest first."""
    columns = (
        ConcernRating.couple_id,
        ConcernRating.partner_id,
        ConcernRating.concern_id,
        ConcernRating.rated_at,
        ConcernRating.severity,
        ConcernRating.distressed,
    )
    order = [ConcernRating.partner_id, ConcernRating.rated_at, ConcernRating.id]
    return rows_of(reading, select(*columns), KIND, ConcernRating.couple_id, ConcernRating.compartment, order)


TABLE: Final = Table(
    name="concern_ratings",
    title="Ratings of concerns",
    description="One row each time a partner said how much a concern weighs on them.",
    permission=Permission.COUPLES_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        PARTNER_ID,
        CONCERN_ID,
        Column("rated_at", Type.MOMENT, "When it was said."),
        Column("severity", Type.INTEGER, "How much it weighs; higher is worse.", minimum=0, maximum=10),
        Column("distressed", Type.BOOLEAN, "Whether this partner is distressed by it."),
    ),
    key=("partner_id", "concern_id", "rated_at"),
    read=read,
)
