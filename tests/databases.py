"""One engine for all tests of a worker: what it learned about the statements of one test is not learned again in the next."""

from copy import copy
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import QueuePool, event

from app.access.work import Runtime
from app.core.clock import Clock
from app.core.crypto import KeyCache
from app.core.database import Database
from app.core.key_store import KeyStore
from app.core.kms import LocalKeyFile
from app.core.settings import Settings
from app.core.shred_ledger import ShredLedger

QUIET = "quiet"


def quiet(settings: Settings) -> Settings:
    """Settings of a record without the clinics that other tests left: for what looks at every clinic there is."""
    if settings.sqlite_file is not None:  # a file of the test's own
        return settings
    names = ("database_url", "owner_database_url")
    told = {name: getattr(settings, name).get_secret_value().rpartition("/")[0] for name in names}
    return settings.model_copy(update={name: SecretStr(f"{server}/{QUIET}") for name, server in told.items()})


class Databases:
    """A database of each kind, kept: SQLAlchemy compiles a statement once an engine, which takes longer than sending it."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, SecretStr | None], Database] = {}
        self._files: dict[str, Path] = {}
        self._stores: dict[str, KeyStore] = {}

    def runtime(self, settings: Settings, clock: Clock, name: str = "record") -> Runtime:
        """What a running service holds, on the record of these settings; two at once need two names."""
        return Runtime(
            settings, self._of(settings, name), KeyCache(LocalKeyFile(settings.key_file), self._store(settings)), clock
        )

    def _store(self, settings: Settings) -> KeyStore:
        """The key store, one an address: all records of a worker share its key file and with it the store beside it."""
        address = settings.key_store_address()
        if address not in self._stores:
            self._stores[address] = KeyStore(settings)
        store = copy(self._stores[address])
        store.shred_ledger = ShredLedger(settings.shred_ledger_file)
        return store

    def _of(self, settings: Settings, name: str) -> Database:
        file = settings.sqlite_file
        key = name, settings.database_url if file is None else None
        if key not in self._held:
            self._held[key] = Database(settings)
            if file is not None:
                self._let_connect_to_the_file_of_the_test(name)
        if file is not None:
            self._files[name] = file
        return self._held[key]

    def _let_connect_to_the_file_of_the_test(self, name: str) -> None:
        def connecting(_dialect: object, _entry: object, arguments: list[Any], _named: object) -> None:
            arguments[0] = str(self._files[name])

        event.listen(self._held[name, None].engine, "do_connect", connecting)

    def release(self, runtime: Runtime) -> None:
        """After a test: SQLite's file is closed, PostgreSQL stays connected; nothing may still be at work."""
        pool = runtime.database.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0, "a connection was not given back"
        if not runtime.database.is_postgresql:
            runtime.database.close()

    def close(self) -> None:
        """Closes every connection."""
        for database in self._held.values():
            database.close()
        for store in self._stores.values():
            store.close()
