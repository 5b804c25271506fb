"""How connections to the two databases are made: durable, bounded, and nothing of their statements in an error."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.days import teach
from app.core.settings import Settings


def engine_for(address: str, settings: Settings) -> Engine:
    """The engine of an address, with the guarantees this service needs of it."""
    if address.startswith("sqlite"):
        return _sqlite(address, settings)
    return _postgresql(address, settings)


def _sqlite(address: str, settings: Settings) -> Engine:
    file = Path(address.partition(":///")[2])
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=settings.threads,
        max_overflow=0,
        connect_args={"timeout": settings.statement_seconds, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _entry: ConnectionPoolEntry) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        teach(connection)

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("only_reads"):
            connection.exec_driver_sql("BEGIN")
            return
        durable = options.get("durable", True)
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(address: str, settings: Settings) -> Engine:
    milliseconds = int(settings.statement_seconds * 1000)
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=settings.threads,
        max_overflow=3,  # for the threads that do the chores, so that no request waits for them
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args={
            "prepare_threshold": None,  # prepared statements of one client must not meet another behind a pooler
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
            " -c idle_in_transaction_session_timeout=30000",
        },
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, entry: ConnectionPoolEntry) -> None:
        def heard(diagnostic: Any) -> None:
            if diagnostic.sqlstate == "01000":  # warning: a cancelled wait for the standby ends in a false success
                entry.info.setdefault("warnings", []).append(diagnostic.sqlstate)

        connection.add_notice_handler(heard)

    return engine
