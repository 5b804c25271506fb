"""A lock between transactions that is waited for; on SQLite every transaction that writes is that lock already."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def wait_for_lock(session: Session, key: int) -> None:
    """Takes the lock until the transaction ends, once whoever has it is done."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(key)))
