"""Which couples' rows an incremental export replaces: first delete, then append, and nothing is missed or doubled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from app.access.permissions import Permission
from app.changes.service import Reason
from app.exports.columns import Column, Type
from app.exports.reading import Reading
from app.exports.table import Row, Table

NAME: Final = "tombstones"
A_PAGE: Final = 5_000


def tombstones(reasons: Mapping[UUID, Reason]) -> Table:
    """The table of one export; without rows in one that holds everything."""
    rows: list[Row] = [(couple_id, str(reasons[couple_id])) for couple_id in sorted(reasons)]

    def read(_reading: Reading) -> Iterator[Sequence[Row]]:
        yield from (rows[start : start + A_PAGE] for start in range(0, len(rows), A_PAGE))

    return Table(
        name=NAME,
        title="Tombstones",
        description="Couples of which rows of earlier exports are stale: delete theirs from every table, then append these.",
        permission=Permission.EXPORTS_READ,
        kind="concerns",
        columns=(
            Column("couple_id", Type.ID, "Couple.", prefix="cpl"),
            Column("reason", Type.CODE, "Why its rows are stale.", categories=tuple(str(reason) for reason in Reason)),
        ),
        key=("couple_id",),
        read=read,
    )
