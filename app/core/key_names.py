"""How data keys are called, and what is left of a destroyed one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.canonical import canonical


class Owner(StrEnum):
    """Whose data key protects a value."""

    CLINIC = "clinic"
    FINGERPRINT = "fingerprint"
    COUPLE = "couple"
    PARTNER = "partner"
    PSYCHOTHERAPY = "psychotherapy"


KeyName = tuple[Owner, UUID]


@dataclass(frozen=True)
class Tombstone:
    """That a data key was destroyed, why and when, under the clinic's signature; it holds no key and no content."""

    clinic_id: UUID
    owner: Owner
    owner_id: UUID
    reason: str
    destroyed_at: datetime
    signed_by: UUID
    signature: bytes

    @property
    def message(self) -> bytes:
        """What is signed."""
        said = {name: str(getattr(self, name)) for name in ("clinic_id", "owner", "owner_id", "reason")}
        return canonical({"kind": "rekindle destroyed key", "destroyed_at": self.destroyed_at, **said})

    @property
    def name(self) -> KeyName:
        """The key that is gone."""
        return self.owner, self.owner_id
