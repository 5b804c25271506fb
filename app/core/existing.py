"""What its caller may not see does not exist."""

from typing import TypeVar

from sqlalchemy import Select

from app.core.database import RecordSession
from app.errors import NotFoundError

T = TypeVar("T")


def existing(session: RecordSession, query: Select[T]) -> T:
    """The one row a query finds within the session's reach. Raises NotFoundError, the same for what is hidden."""
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError
    return row
