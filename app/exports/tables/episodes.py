"""Episodes of care."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.couples.models import Episode
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID, EPISODE_ID
from app.exports.reading import Reading
from app.exports.rows import CONJOINT, rows_of
from app.exports.table import Row, Table

KIND: Final = "concerns"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every episode of a couple, in the order they were entered."""
    query = select(Episode.couple_id, Episode.id, Episode.opened_on, Episode.closed_on, Episode.close_reason)
    return rows_of(reading, query, KIND, Episode.couple_id, CONJOINT, [Episode.id], _shown)


def _shown(row: Row) -> Row:
    couple_id, episode_id, opened_on, closed_on, reason = row
    return (couple_id, episode_id, opened_on, closed_on or Missing.NOT_APPLICABLE, reason or Missing.NOT_APPLICABLE)


TABLE: Final = Table(
    name="episodes",
    title="Episodes of care",
    description="One row an episode. It opens on a primary concern whose domain is sexual.",
    permission=Permission.COUPLES_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        EPISODE_ID,
        Column("opened_on", Type.DATE, "First day."),
        Column("closed_on", Type.DATE, "Last day; while it runs there is none.", (Missing.NOT_APPLICABLE,)),
        Column("close_reason", Type.CODE, "Why it ended.", (Missing.NOT_APPLICABLE,)),
    ),
    key=("episode_id",),
    read=read,
)
