"""Names for one export only: the same everywhere in it, and nowhere else."""

from hashlib import sha256
from hmac import digest
from secrets import token_bytes
from uuid import UUID


class Pseudonyms:
    """Ids under a random key that nobody keeps: of no use once the export is made, not even to the service."""

    def __init__(self) -> None:
        self._key = token_bytes(32)

    def of(self, one: UUID) -> UUID:
        """The id by which this export knows it; it tells neither when the row was made nor in which order."""
        return UUID(bytes=digest(self._key, one.bytes, sha256)[:16])
