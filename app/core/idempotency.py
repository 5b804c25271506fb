"""`Idempotency-Key`: a POST repeated with the same key has one effect and one answer, kept for 24 hours."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Vault
from app.core.database import Base, IdentifiedRow, RecordSession, lock_key
from app.errors import ConflictError, InvalidError, MalformedError

KEPT: Final = timedelta(hours=24)
FORM: Final = re.compile(r'^"?([!#-~]{1,255})"?$')


class StillRunningError(ConflictError):
    """The first request with this key has not been answered yet."""

    code = "still_running"
    detail = "The first request with this Idempotency-Key is still running; send it again in a moment."


class KeyReusedError(InvalidError):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used for another request. Take a new key for a new request."


class KeyInvalidError(MalformedError):
    """The header is not a key."""

    code = "idempotency_key_invalid"
    detail = "An Idempotency-Key is 1 to 255 printable characters without spaces."


class StoredAnswer(IdentifiedRow, Base):
    """The answer to a POST, sealed, until its key expires; one about a couple goes with that couple, and its key."""

    __tablename__ = "stored_answer"
    __table_args__ = (UniqueConstraint("clinic_id", "credential_id", "key_hash"), Index(None, "clinic_id", "expires_at"))

    credential_id: Mapped[UUID]
    couple_id: Mapped[UUID | None]
    key_hash: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


def is_key(text: str) -> bool:
    """Whether a header has the form of a key."""
    return FORM.match(text) is not None


@dataclass(frozen=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: bytes
    headers: dict[str, str]


class Replay:
    """One use of one key within the request's transaction."""

    def __init__(  # noqa: PLR0913, PLR0917 - what makes a request the same, and whose its answer is
        self,
        session: RecordSession,
        vault: Vault,
        credential_id: UUID,
        key: str,
        request: bytes,
        couple_id: UUID | None = None,
    ) -> None:
        """`request` is all that makes two requests the same: method, path, query and body."""
        found = FORM.match(key)
        if not found:
            raise KeyInvalidError
        self._session, self._vault, self._credential_id = session, vault, credential_id
        self._couple_id = couple_id
        self._key_hash = sha256(credential_id.bytes + found.group(1).encode()).hexdigest()
        self._fingerprint = sha256(request).hexdigest()

    def earlier(self, now: datetime) -> Answer | None:
        """The answer this key already got; raises KeyReusedError for another request, StillRunningError for a parallel one."""
        if not lock_key(self._session, int(self._key_hash[:15], 16)):
            raise StillRunningError
        self._session.execute(delete(StoredAnswer).where(StoredAnswer.expires_at < now))
        stored = self._session.scalars(
            select(StoredAnswer).where(
                StoredAnswer.credential_id == self._credential_id, StoredAnswer.key_hash == self._key_hash
            )
        ).one_or_none()
        if stored is None:
            return None
        if stored.fingerprint != self._fingerprint:
            raise KeyReusedError
        kept = self._vault.open(stored, "sealed", stored.sealed)
        return Answer(kept["status"], kept["body"].encode(), {**kept["headers"], "Idempotency-Replayed": "true"})

    def keep(self, answer: Answer, now: datetime) -> None:
        """Stores the answer beside the effect, in the same transaction."""
        stored = StoredAnswer(
            clinic_id=self._session.reach.clinic_id,
            credential_id=self._credential_id,
            couple_id=self._couple_id,
            key_hash=self._key_hash,
            fingerprint=self._fingerprint,
            expires_at=now + KEPT,
        )
        kept = {"status": answer.status, "body": answer.body.decode(), "headers": answer.headers}
        stored.sealed = self._vault.seal(stored, "sealed", kept)
        self._session.add(stored)
