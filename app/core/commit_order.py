"""The order in which append-only rows were committed: no row can appear behind a reader who follows it."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, func, literal_column, select, true, tuple_

from app.core.database import RecordSession

# A server that a dump was restored to counts its transactions from the beginning. `rekindle.position_shift`, a setting of the
# restored database, lifts the new ones above those of before (docs/how-to/back-up-and-restore.md).
SHIFT: Final = "coalesce(nullif(current_setting('rekindle.position_shift', true), ''), '0')::bigint"
THIS_TRANSACTION: Final = f"{SHIFT} + pg_current_xact_id()::text::bigint"
OLDEST_RUNNING: Final = f"{SHIFT} + pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
NEXT: Final = f"{SHIFT} + pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


def rows_in_commit_order(  # noqa: PLR0913 - a table, which columns and rows of it, and between which places
    session: RecordSession,
    table: Any,
    columns: tuple[Any, ...],
    after: tuple[int, UUID] | None,
    limit: int,
    *,
    upto: tuple[int, UUID] | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[tuple[Any, ...]]:
    """Rows of an append-only table in the order of their commits, each with its position first.

    `upto` is the last place to look at, `only` a condition on rows: what it leaves out was looked at all the same.

    PostgreSQL: by transaction number and id, only below the oldest transaction still running, so that no row can appear
    behind a reader. SQLite: by rowid, because its writers come one after another.
    """
    position = _position(session, table)
    settled: Any = true()
    if session.get_bind().dialect.name == "postgresql":
        settled = position < literal_column(OLDEST_RUNNING)
    query = select(position, *columns).where(settled).order_by(position, table.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(position, table.id) > tuple_(*after))
    if upto is not None:
        query = query.where(tuple_(position, table.id) <= tuple_(*upto))
    if only is not None:
        query = query.where(only)
    return [tuple(row) for row in session.execute(query)]


def rows_not_settled(session: RecordSession, table: Any, columns: tuple[Any, ...], limit: int) -> list[tuple[Any, ...]]:
    """Committed rows that another, still running, may yet come before: already true, but not to be counted past.

    On SQLite there are none.
    """
    if session.get_bind().dialect.name != "postgresql":
        return []
    position = _position(session, table)
    query = select(*columns).where(position >= literal_column(OLDEST_RUNNING)).order_by(position, table.id).limit(limit)
    return [tuple(row) for row in session.execute(query)]


def last_in_commit_order(session: RecordSession, table: Any) -> UUID | None:
    """The last settled row: from where to follow what comes from now on."""
    position = _position(session, table)
    settled: Any = true()
    if session.get_bind().dialect.name == "postgresql":
        settled = position < literal_column(OLDEST_RUNNING)
    query = select(table.id).where(settled).order_by(position.desc(), table.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def place_in_commit_order(session: RecordSession, table: Any, row_id: UUID) -> tuple[int, UUID] | None:
    """Where a row of an append-only table stands in the order of commits: what `rows_in_commit_order` goes on after."""
    row = session.execute(select(_position(session, table)).where(table.id == row_id)).first()
    return None if row is None else (row[0], row_id)


def lies_ahead(session: RecordSession, table: Any) -> bool:
    """Whether rows stand later than any transaction to come, so that what is written now would sort before them."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    newest = select(func.max(table.position)).scalar_subquery()
    return bool(session.execute(select(newest >= literal_column(NEXT))).scalar_one())


def _position(session: RecordSession, table: Any) -> Any:
    if session.get_bind().dialect.name == "postgresql":
        return table.position
    return literal_column(f"{table.__tablename__}.rowid", Integer)
