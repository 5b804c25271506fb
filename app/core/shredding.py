"""Destroying data keys, so that what they seal can never be read again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete

from app.core.crypto import DataKey, KeyName, Vault
from app.core.database import RecordSession


def destroy_keys(session: RecordSession, _vault: Vault, names: Iterable[KeyName], _reason: str, _now: datetime) -> None:
    """Destroys data keys with the commit of this transaction."""
    for owner, owner_id in names:
        session.execute(delete(DataKey).where(DataKey.owner == owner, DataKey.owner_id == owner_id))
