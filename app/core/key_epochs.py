"""How often keys of a clinic were destroyed or renewed: read as each transaction begins, and held still while one seals."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

CHANGES: Final = "SELECT changes FROM key_epoch WHERE clinic_id = "
LOCK: Final = 0x6B657973  # "keys": which of the service's advisory locks this is


def read_epoch(connection: Connection, clinic_id: UUID, after: str = "") -> int:
    """The clinic's number of changes, 0 for no clinic; `after` are statements for PostgreSQL that travel along."""
    if connection.dialect.name == "postgresql":
        return _last_value(connection, f"{after}{CHANGES}'{clinic_id}'")
    return int(connection.exec_driver_sql(f"{CHANGES}'{clinic_id.hex}'").scalar() or 0)


def hold_epoch(connection: Connection, clinic_id: UUID) -> int:
    """Keeps keys of the clinic from being renewed until this transaction ends, and tells the epoch it is held in.

    On SQLite every transaction keeps all others waiting anyway.
    """
    return read_epoch(connection, clinic_id, f"SELECT pg_advisory_xact_lock_shared({LOCK}, {_number(clinic_id)}); ")


def wait_for_sealing(connection: Connection, clinic_id: UUID) -> None:
    """Waits until no transaction that has sealed something is under way, and keeps others from it until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK}, {_number(clinic_id)})")


def _number(clinic_id: UUID) -> int:
    return clinic_id.int >> 97


def _last_value(connection: Any, statements: str) -> int:
    """What the last of several statements finds, 0 for nothing; one trip to PostgreSQL for all of them."""
    try:
        with connection.connection.cursor() as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                pass
            row = cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise OperationalError("the start of a transaction", None, error) from None
    return int(row[0]) if row else 0
