"""What tests of renewed keys share: a renewal as the command runs it, and a process of its own that may be killed.

It imports little, so that the process begins soon.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

from app.core.clock import now
from app.core.crypto import open_keys
from app.core.database import Database, Reach, RecordSession
from app.core.rotation import Renewal, Renewed, under_old_keys
from app.core.settings import Settings
from app.ledger.service import Occasion, begin


def opening(database: Database, clinic_id: UUID) -> Callable[[], AbstractContextManager[RecordSession]]:
    """Opens transactions as the operator's command does."""

    @contextmanager
    def opened() -> Iterator[RecordSession]:
        with database.transaction(Reach.whole(clinic_id)) as session:
            begin(session, Occasion("operator", None, None, "rotate_keys", "req_test", now()))
            yield session

    return opened


def renew(
    settings: Settings, clinic_id: UUID, couple_id: UUID | None = None, page: int = 200, *, drop_old: bool = False
) -> Renewed:
    """A renewal from wherever the last one came to, with connections of its own, as the role that owns the tables."""
    database, keys = Database(settings, owner=True), open_keys(settings)
    try:
        return Renewal(opening(database, clinic_id), keys, couple_id, page).run(drop_old=drop_old)
    finally:
        database.close()
        keys.close()


def renew_in_a_process(settings: dict[str, Any], clinic_id: UUID, page: int) -> None:
    """What a process does that may be killed; secrets come as text."""
    renew(Settings.model_validate(settings), clinic_id, page=page)


def told(settings: Settings) -> dict[str, Any]:
    """Settings as another process can take them."""
    urls = {name: getattr(settings, name) for name in ("database_url", "owner_database_url", "key_store_url")}
    secrets = {name: url.get_secret_value() for name, url in urls.items() if url is not None}
    return settings.model_dump(exclude={*urls, "owner_key_store_url"}) | secrets


def left_under_old_keys(clinic: Any) -> dict[str, int]:
    """How many values of each table are not under the newest keys; only tables that have any."""
    runtime = clinic.app.state.runtime
    with opening(runtime.database, clinic.id)() as session:
        return {table: count for table, count in under_old_keys(session, runtime.cache).items() if count}
